package dev.marquee.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.checkpoint.CheckpointStore;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.data.PictureDataConfig;
import dev.marquee.data.RowDataConfig;
import dev.marquee.data.RowStream;
import dev.marquee.metric.Resamples;
import dev.marquee.model.Model;
import dev.marquee.parallel.Replicas;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import dev.marquee.recipe.TrainConfig;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A run folder with its model loaded: evaluates and predicts. Not for use by several threads at once. */
public final class Run implements AutoCloseable {
    /** Nothing is learnt from these, so batches can be as large as is fast. */
    private static final int ROWS_AT_ONCE = 4096;

    private static final int PREFETCH = 4;

    private final RunFolder folder;
    private final Recipe recipe;
    private final Network network;
    private final UnaryOperator<Model> calibration;
    private final OptionalLong unfinishedAt;
    private final Optional<FeatureSchema> schema;

    private Run(
            RunFolder folder,
            Recipe recipe,
            Optional<FeatureSchema> schema,
            Network network,
            UnaryOperator<Model> calibration,
            OptionalLong unfinishedAt) {
        this.folder = folder;
        this.recipe = recipe;
        this.schema = schema;
        this.network = network;
        this.calibration = calibration;
        this.unfinishedAt = unfinishedAt;
    }

    /**
     * Opens a run: its final weights, with the calibration that was fitted to them, or, where training is not finished, those of its latest checkpoint.
     *
     * @param path the run folder
     * @return the run; close it
     * @throws IllegalStateException when the folder holds no run, no weights yet, or not the calibration that its recipe
     *     asks for
     */
    public static Run open(Path path) {
        RunFolder folder = new RunFolder(path);
        Recipe recipe = recipe(path);
        useThreads(recipe);
        Optional<FeatureSchema> schema = SchemaFile.read(folder.schema());
        Network network = Network.create(recipe, schema);
        try {
            OptionalLong unfinishedAt = OptionalLong.empty();
            UnaryOperator<Model> calibration = UnaryOperator.identity();
            if (Files.exists(folder.weights())) {
                network.load(folder.weights());
                if (recipe.train().calibration() != TrainConfig.Calibration.NONE) {
                    List<String> labels = Task.of(recipe, schema).labels();
                    List<LabelCalibration> maps = CalibrationFile.read(folder.calibration(), labels);
                    calibration = model -> CalibratedModel.of(model, maps);
                }
            } else {
                unfinishedAt = OptionalLong.of(loadLatest(folder, recipe, network));
            }
            return new Run(folder, recipe, schema, network, calibration, unfinishedAt);
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /**
     * The recipe of a run, without its model.
     *
     * @param path the run folder
     * @return the resolved recipe
     * @throws IllegalStateException when the folder holds no run
     */
    public static Recipe recipe(Path path) {
        return RecipeSource.ofRun(path).bind();
    }

    private static long loadLatest(RunFolder folder, Recipe recipe, Network network) {
        CheckpointStore checkpoints =
                new CheckpointStore(folder.checkpoints(), recipe.checkpoint().keep());
        try {
            Safetensors latest = checkpoints
                    .latest(message -> {})
                    .orElseThrow(() -> new IllegalStateException(folder.path() + " holds no weights yet"));
            try (latest) {
                network.parameters().load(TrainingCheckpoints.modelOf(latest), "the checkpoint");
                return TrainingCheckpoints.stateOf(latest).step();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the checkpoints in " + folder.checkpoints() + ": " + RunFolder.reason(e), e);
        }
    }

    /**
     * The run's folder.
     *
     * @return its path
     */
    public Path path() {
        return folder.path();
    }

    /**
     * The run's recipe.
     *
     * @return with every default filled in
     */
    public Recipe recipe() {
        return recipe;
    }

    /**
     * Where training stands, if it is not finished.
     *
     * @return the step of the latest checkpoint; empty for a finished run
     */
    public OptionalLong unfinishedAt() {
        return unfinishedAt;
    }

    /**
     * What the finished run measured on its test data.
     *
     * @return metrics by name, such as {@code accuracy} (0 to 1) and {@code loss}; empty for an unfinished run
     */
    public Map<String, Double> metrics() {
        return summary("test");
    }

    /**
     * The best that any model can reach on the test data of the finished run, where their true probabilities are known.
     *
     * @return metrics by name, some of those of {@link #metrics()}; empty for all but simulated data
     */
    public Map<String, Double> reachable() {
        return summary("reachable");
    }

    private Map<String, Double> summary(String part) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (Files.exists(folder.summary())) {
            try {
                JsonNode measured = JsonMapper.builder()
                        .build()
                        .readTree(folder.summary().toFile())
                        .path(part);
                measured.properties()
                        .forEach(entry ->
                                metrics.put(entry.getKey(), entry.getValue().asDouble()));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + folder.summary() + ": " + RunFolder.reason(e), e);
            }
        }
        return metrics;
    }

    /**
     * Measures the model on labelled samples.
     *
     * @param options what to measure on, and what besides the metrics
     * @param notices told which data were chosen
     * @return the metrics, and what else was asked for
     * @throws IllegalArgumentException when a slice is not a categorical feature of the run, or no row has a label
     */
    public Measured evaluate(EvaluationOptions options, Consumer<String> notices) {
        return draw(options, notices).measured();
    }

    /**
     * What a run measured, and how that would vary.
     *
     * @param resamples of the first label; empty for pictures, or where none were asked for
     * @param rowsHash differs when the labels of the rows, or their order, do
     * @param label the first label; empty for pictures
     */
    record Drawn(Measured measured, Optional<Resamples> resamples, long rowsHash, String label) {
        /** A metric of the first label. */
        @Nullable
        Double first(String metric) {
            Double plain = measured.metrics().get(metric);
            return plain == null ? measured.metrics().get(label + "." + metric) : plain;
        }
    }

    Drawn draw(EvaluationOptions options, Consumer<String> notices) {
        Task task = Task.of(recipe, schema);
        Evaluation evaluation = task.evaluation(slices(options), options.resamples());
        if (options.data().isPresent() && recipe.data() instanceof RowDataConfig rows) {
            try (RowStream batches = stream(rows, options.data().get(), List.of())) {
                return draw(evaluation, task, batches, options.data().get().toString());
            }
        }
        try (Dataset source = open(options.data(), notices);
                BatchStream batches = source.test()) {
            return draw(evaluation, task, batches, "the test data of " + source.description());
        }
    }

    private List<SliceEvaluation> slices(EvaluationOptions options) {
        if (options.slices().isEmpty()) {
            return List.of();
        }
        FeatureSchema rows =
                schema.orElseThrow(() -> new IllegalArgumentException("pictures have no features to slice by"));
        return options.slices().stream()
                .map(feature -> SliceEvaluation.of(feature, rows))
                .toList();
    }

    /**
     * Predicts the pictures of a folder or file.
     *
     * @param data what to predict: a folder with test data, or one file of samples without labels
     * @param consumer told the probabilities of each sample, in order
     * @throws IllegalArgumentException when the run's data are the rows of a log
     */
    public void predict(Path data, Predictor.Consumer consumer) {
        if (!(recipe.data() instanceof PictureDataConfig pictures)) {
            throw new IllegalArgumentException("the run in " + folder.path() + " scores rows, not pictures");
        }
        try (BatchStream batches = pictures.openForPrediction(data)) {
            byAllThreads(model -> {
                Predictor.predict(model, recipe.model().head(), batches, consumer);
                return batches;
            });
        }
    }

    /**
     * Scores the rows of files, encoded as in training. Labels need not be there.
     *
     * @param data a file, a folder or a glob in the format of the run's data
     * @param keys columns to repeat beside the scores; the recipe's {@code data.keys} where empty
     * @param consumer told the scores, in order
     * @throws IllegalArgumentException when the run's data are pictures
     */
    public void score(Path data, List<String> keys, Predictor.RowConsumer consumer) {
        if (!(recipe.data() instanceof RowDataConfig config)) {
            throw new IllegalArgumentException("the run in " + folder.path() + " predicts pictures, not rows");
        }
        List<String> repeated = keys.isEmpty() ? config.keys() : keys;
        try (RowStream rows = stream(config, data, repeated)) {
            byAllThreads(model -> {
                Predictor.score(model, Task.of(recipe, schema).labels(), rows, consumer);
                return rows;
            });
        }
    }

    /**
     * Whether the run's data are the rows of a log.
     *
     * @return false for pictures
     */
    public boolean scoresRows() {
        return recipe.data() instanceof RowDataConfig;
    }

    /** The schema of the rows; empty for pictures. */
    Optional<FeatureSchema> schema() {
        return schema;
    }

    /** The model on one thread, its calibration after it; in evaluation, several threads may use it at once. */
    Model scoringModel() {
        return calibration.apply(network.model());
    }

    /** Lets the model's replicas do something, as many as there are in training. */
    private <T> T byAllThreads(Function<Model, T> what) {
        boolean possible = Replicas.possible(network.parameters());
        int count = possible ? recipe.replicas(true) : 1;
        Objective objective = new Objective(recipe.loss().create());
        try (SharedBatch shared = new SharedBatch(network.replicas(count), objective, recipe.engine())) {
            return what.apply(calibration.apply(shared.model()));
        } finally {
            useThreads(recipe);
        }
    }

    private static void useThreads(Recipe recipe) {
        int threads = recipe.engine().effectiveThreads();
        Engine.useThreads(recipe.model().operatorThreads(threads), threads);
    }

    private RowStream stream(RowDataConfig config, Path data, List<String> keys) {
        return RowStream.open(schema.orElseThrow(), config.rows(data), keys, ROWS_AT_ONCE, PREFETCH);
    }

    private Drawn draw(Evaluation evaluation, Task task, BatchStream batches, String rows) {
        Measured measured = byAllThreads(model -> evaluation.measured(task.evaluate(model, batches, evaluation)));
        if (evaluation instanceof ClickEvaluation clicks && !clicks.labelled()) {
            throw new IllegalArgumentException(rows + " has no row with a label "
                    + String.join(" or ", clicks.labels()) + ": nothing to measure; rows without it can only be"
                    + " predicted");
        }
        return evaluation instanceof ClickEvaluation clicks
                ? new Drawn(
                        measured,
                        clicks.resamples(0),
                        clicks.rowsHash(),
                        clicks.labels().get(0))
                : new Drawn(measured, Optional.empty(), measured.rows(), "");
    }

    private Dataset open(Optional<Path> data, Consumer<String> notices) {
        Recipe used =
                data.map(path -> recipe.with("data.path", path.toString())).orElse(recipe);
        return used.data().open(used.seed(), notices);
    }

    /** Frees the model. */
    @Override
    public void close() {
        network.close();
    }
}
