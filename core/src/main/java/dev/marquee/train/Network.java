package dev.marquee.train;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.Batch;
import dev.marquee.model.AssignedRows;
import dev.marquee.model.Model;
import dev.marquee.model.ModelConfig;
import dev.marquee.model.PictureModelConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Sharding;
import dev.marquee.parallel.Replicas;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.RowSubset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A recipe's model together with its parameters. */
final class Network implements AutoCloseable {
    /** The engine's generator is the whole process's: one network at a time draws its first values. */
    private static final Object DRAWING = new Object();

    private final Parameters parameters;
    private final Model model;

    private final Function<Parameters.Path, Model> maker;
    private final Optional<FeatureLayout> layout;
    private @Nullable AssignedRows assigned;

    private Network(Parameters parameters, Function<Parameters.Path, Model> maker, Optional<FeatureLayout> layout) {
        this.parameters = parameters;
        this.maker = maker;
        this.layout = layout;
        this.model = maker.apply(parameters.root());
    }

    /** Makes the model with first values drawn by the recipe's seed; ranking models need a schema. */
    static Network create(Recipe recipe, Optional<FeatureSchema> schema) {
        return create(recipe, schema, Parameters.create(DType.FLOAT32));
    }

    /** As {@link #create(Recipe, Optional)}, with those rows of tables that one of several processes keeps. */
    static Network create(Recipe recipe, Optional<FeatureSchema> schema, Optional<Sharding> sharding) {
        return create(
                recipe,
                schema,
                sharding.map(own -> Parameters.create(DType.FLOAT32, own))
                        .orElseGet(() -> Parameters.create(DType.FLOAT32)));
    }

    private static Network create(Recipe recipe, Optional<FeatureSchema> schema, Parameters parameters) {
        return drawing(() -> {
            Engine.seed(recipe.seed());
            try {
                return new Network(
                        parameters, path -> model(recipe.model(), path, schema), schema.map(FeatureSchema::layout));
            } catch (RuntimeException e) {
                parameters.close();
                throw e;
            }
        });
    }

    /** Does something that draws from the engine's generator, while no other network is made. */
    static <T> T drawing(Supplier<T> work) {
        synchronized (DRAWING) {
            return work.get();
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
        assigned =
                count > 1 && !parameters.growing().isEmpty() ? AssignedRows.of(layout.orElseThrow(), parameters) : null;
        return Replicas.create(count, parameters, model, maker);
    }

    /** A batch of training, whose ids have their rows in growing tables where replicas are to share it. */
    Batch assigned(Batch batch) {
        AssignedRows rows = assigned;
        return rows == null ? batch : rows.assign(batch);
    }

    /** Which rows of tables are here, where several processes share them; by the names of weights. */
    Map<String, RowSubset> subsets() {
        Map<String, RowSubset> subsets = new LinkedHashMap<>();
        parameters.tables().forEach(table -> subsets.putAll(table.subsets()));
        return subsets;
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
        try (Safetensors file = Safetensors.read(weights, subsets())) {
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
