package dev.marquee.train;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.model.Model;
import dev.marquee.model.ModelConfig;
import dev.marquee.model.PictureModelConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.Parameters;
import dev.marquee.parallel.Replicas;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** A recipe's model together with its parameters. */
final class Network implements AutoCloseable {
    /** The engine's generator is the whole process's: one network at a time draws its first values. */
    private static final Object DRAWING = new Object();

    private final Parameters parameters;
    private final Model model;

    private final Function<Parameters.Path, Model> maker;

    private Network(Parameters parameters, Function<Parameters.Path, Model> maker) {
        this.parameters = parameters;
        this.maker = maker;
        this.model = maker.apply(parameters.root());
    }

    /** Makes the model with first values drawn by the recipe's seed; ranking models need a schema. */
    static Network create(Recipe recipe, Optional<FeatureSchema> schema) {
        synchronized (DRAWING) {
            Engine.seed(recipe.seed());
            Parameters parameters = Parameters.create(DType.FLOAT32);
            try {
                return new Network(parameters, path -> model(recipe.model(), path, schema));
            } catch (RuntimeException e) {
                parameters.close();
                throw e;
            }
        }
    }

    private static Model model(ModelConfig config, Parameters.Path path, Optional<FeatureSchema> schema) {
        if (config instanceof PictureModelConfig pictures) {
            return pictures.create(path);
        }
        FeatureLayout layout = schema.orElseThrow(() -> new IllegalArgumentException(
                        "a ranking model needs the rows of a log: choose another model, or data.kind=click_log"))
                .layout();
        return ((RankingModelConfig) config).create(path, layout);
    }

    Parameters parameters() {
        return parameters;
    }

    Model model() {
        return model;
    }

    /**
     * The network on several threads.
     *
     * @param count how many replicas
     * @return close them before the network
     */
    Replicas<Model> replicas(int count) {
        return Replicas.create(count, parameters, model, maker);
    }

    /** How many numbers it learns, in words. */
    String size() {
        String dense = String.format(Locale.ROOT, "%,d parameters", parameters.count());
        long embeddings = parameters.embeddingCount();
        return embeddings == 0 ? dense : String.format(Locale.ROOT, "%s, %,d in embeddings", dense, embeddings);
    }

    /**
     * Loads a weights file, strictly.
     *
     * @throws IllegalArgumentException when names or shapes do not fit
     */
    void load(Path weights) {
        try (Safetensors file = Safetensors.read(weights)) {
            parameters.load(file.tensors(), weights.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the weights " + weights + ": " + RunFolder.reason(e), e);
        }
    }

    @Override
    public void close() {
        parameters.close();
    }
}
