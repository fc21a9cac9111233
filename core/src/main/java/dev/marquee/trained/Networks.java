package dev.marquee.trained;

import dev.marquee.model.Model;
import dev.marquee.model.ModelConfig;
import dev.marquee.model.PictureModelConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Builds networks. */
public final class Networks {
    /** The engine's generator is the whole process's: one network at a time draws its first values. */
    private static final Object DRAWING = new Object();

    private Networks() {}

    /**
     * What builds a network, any number of times.
     *
     * @param config which network
     * @param schema of the rows that it ranks; empty for pictures
     * @return from the place of its parameters to the network
     */
    public static Function<Parameters.Path, Model> maker(ModelConfig config, Optional<FeatureSchema> schema) {
        return path -> {
            if (config instanceof PictureModelConfig pictures) {
                return pictures.create(path);
            }
            FeatureLayout layout = schema.orElseThrow(() -> new IllegalArgumentException(
                            "a ranking model needs the rows of a log: choose another model, or data.kind=click_log"))
                    .layout();
            return ((RankingModelConfig) config).create(path, layout);
        };
    }

    /**
     * Makes parameters of float32 and what has them, with first values drawn by a seed.
     *
     * @param seed of the first values
     * @param make what has the parameters
     * @param <T> its type
     * @return what {@code make} made; it owns the parameters
     */
    public static <T> T draw(long seed, Function<Parameters, T> make) {
        return draw(seed, () -> Parameters.create(DType.FLOAT32), make);
    }

    /**
     * As {@link #draw(long, Function)}, of other parameters.
     *
     * @param seed of the first values
     * @param parameters makes an empty set of them
     * @param make what has the parameters
     * @param <T> its type
     * @return what {@code make} made; it owns the parameters
     */
    public static <T> T draw(long seed, Supplier<Parameters> parameters, Function<Parameters, T> make) {
        synchronized (DRAWING) {
            Engine.seed(seed);
            Parameters own = parameters.get();
            try {
                return make.apply(own);
            } catch (RuntimeException | Error e) {
                own.close();
                throw e;
            }
        }
    }
}
