package dev.marquee.trained;

import dev.marquee.config.Binder;
import dev.marquee.config.ConfigTree;
import dev.marquee.model.Model;
import dev.marquee.model.ModelConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run's network with its weights, its calibration and its schema: all that turns raw rows into scores, and nothing of
 * training. In evaluation the network may be used by several threads at once.
 */
public final class TrainedModel implements AutoCloseable {
    private final FeatureSchema schema;
    private final ModelConfig config;
    private final Parameters parameters;
    private final Model model;
    private final OptionalLong unfinishedAt;

    private TrainedModel(
            FeatureSchema schema, ModelConfig config, Parameters parameters, Model model, TrainedWeights weights) {
        this.schema = schema;
        this.config = config;
        this.parameters = parameters;
        this.model = CalibratedModel.of(model, weights.maps());
        this.unfinishedAt = weights.unfinishedAt();
    }

    /**
     * Opens the run of a ranking network: its final weights, with the calibration that was fitted to them, or, where
     * training is not finished, those of its latest checkpoint.
     *
     * @param run the run's folder
     * @return the network; close it
     * @throws IllegalStateException when the folder holds no run, no weights yet, or not the calibration that its recipe
     *     asks for
     * @throws IllegalArgumentException when it is a network for pictures, or a file does not fit the others
     */
    public static TrainedModel open(Path run) {
        RunFiles files = new RunFiles(run);
        if (!Files.exists(files.recipe())) {
            throw new IllegalStateException(run + " holds no run (there is no recipe.yaml in it)");
        }
        ConfigTree recipe = ConfigTree.read(files.recipe());
        ModelConfig config = Binder.bind(
                ModelConfig.class, recipe.section("model"), files.recipe().toString());
        if (!(config instanceof RankingModelConfig)) {
            throw new IllegalArgumentException("the run in " + run
                    + " is of a network for pictures: only those for the rows of a log can be served");
        }
        FeatureSchema schema = SchemaFile.read(files.schema())
                .orElseThrow(() -> new IllegalStateException("the run in " + run + " has no schema: "
                        + files.schema().getFileName() + " is not there"));
        // As a resolved recipe has every key, one without this key is of a time when there was no calibration.
        boolean calibrated = !recipe.text("train.calibration").orElse("none").equals("none");
        return Networks.draw(0, parameters -> {
            Model model = Networks.maker(config, Optional.of(schema)).apply(parameters.root());
            TrainedWeights weights = TrainedWeights.load(files, parameters, labels(schema), calibrated);
            return new TrainedModel(schema, config, parameters, model, weights);
        });
    }

    private static List<String> labels(FeatureSchema schema) {
        return schema.layout().labels().stream().map(FeatureLayout.Label::name).toList();
    }

    /**
     * Encodes the rows.
     *
     * @return the run's schema
     */
    public FeatureSchema schema() {
        return schema;
    }

    /**
     * What is predicted.
     *
     * @return the labels' names, in the order of the network's outputs
     */
    public List<String> labels() {
        return labels(schema);
    }

    /**
     * The network in words.
     *
     * @return such as {@code deepfm, embeddings of 16, layers 400-400}
     */
    public String describe() {
        return config.describe();
    }

    /**
     * The network, its calibration after it.
     *
     * @return gives logits {@code [batch, labels]}; probabilities are their sigmoids
     */
    public Model model() {
        return model;
    }

    /**
     * Where training stood, if it was not finished.
     *
     * @return the step of the latest checkpoint; empty for final weights
     */
    public OptionalLong unfinishedAt() {
        return unfinishedAt;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        parameters.close();
    }
}
