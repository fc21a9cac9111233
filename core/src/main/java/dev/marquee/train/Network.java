package dev.marquee.train;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.Batch;
import dev.marquee.model.AssignedRows;
import dev.marquee.model.Model;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Sharding;
import dev.marquee.parallel.Replicas;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.RowSubset;
import dev.marquee.trained.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A recipe's model together with its parameters. */
final class Network implements AutoCloseable {
    private final Parameters parameters;
    private final Model model;

    private final Function<Parameters.Path, Model> maker;
    private final Optional<FeatureLayout> layout;
    private @Nullable AssignedRows assigned;

    private Network(Parameters parameters, Function<Parameters.Path, Model> maker, Optional<FeatureLayout> layout) {
        this.parameters = parameters;
        this.maker = path -> on(path.device(), maker.apply(path));
        this.layout = layout;
        this.model = this.maker.apply(parameters.root());
    }

    /** What gets its numbers from main memory, and gives outputs where it computes. */
    private static Model on(Device device, Model model) {
        return device.isCpu() ? model : (batch, mode) -> model.forward(batch.on(device), mode);
    }

    /** Makes the model with first values drawn by the recipe's seed; ranking models need a schema. */
    static Network create(Recipe recipe, Optional<FeatureSchema> schema) {
        return create(recipe, schema, Optional.empty());
    }

    /** As {@link #create(Recipe, Optional)}, with those rows of tables that one of several processes keeps. */
    static Network create(Recipe recipe, Optional<FeatureSchema> schema, Optional<Sharding> sharding) {
        return Networks.draw(
                recipe.seed(),
                () -> Parameters.create(
                        DType.FLOAT32,
                        sharding.orElse(Sharding.NONE),
                        recipe.engine().place()),
                parameters -> {
                    Network network = new Network(
                            parameters, Networks.maker(recipe.model(), schema), schema.map(FeatureSchema::layout));
                    freeze(parameters, recipe.train().freeze());
                    return network;
                });
    }

    private static void freeze(Parameters parameters, List<String> patterns) {
        try {
            parameters.freeze(patterns);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("train.freeze: " + e.getMessage(), e);
        }
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

    /** How many numbers it has, in words. */
    String size() {
        String dense = String.format(Locale.ROOT, "%,d parameters", parameters.count());
        long embeddings = parameters.embeddingCount();
        String all = embeddings == 0 ? dense : String.format(Locale.ROOT, "%s, %,d in embeddings", dense, embeddings);
        long frozen = parameters.frozenCount();
        return frozen == 0 ? all : String.format(Locale.ROOT, "%s · %,d more are frozen", all, frozen);
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
