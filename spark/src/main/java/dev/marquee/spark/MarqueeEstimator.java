package dev.marquee.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * Trains the network of a recipe on the rows of a DataFrame, by workers that are the tasks of one barrier stage. The
 * recipe's features and labels name the columns; {@code data.split} divides the rows.
 *
 * <p>The rows are written as Parquet below {@link #setOutputPath}, by the executors, and read from there by the workers;
 * neither they nor the model pass through the driver.
 */
public final class MarqueeEstimator extends Estimator<MarqueeModel> implements DefaultParamsWritable, Serializable {
    private static final long serialVersionUID = 1;

    private final String uid;
    private final Param<String> recipe;
    private final StringArrayParam overrides;
    private final IntParam numWorkers;
    private final Param<String> outputPath;
    private final Param<String> labelCol;
    private final Param<String> predictionCol;
    private final BooleanParam keepData;
    private final Param<String> timeout;
    private final StringArrayParam workerJavaOptions;

    /** An estimator with an id of its own. */
    public MarqueeEstimator() {
        this(Identifiable$.MODULE$.randomUID("marquee"));
    }

    /**
     * An estimator with a given id; Spark needs it to read and copy estimators.
     *
     * @param uid the id
     */
    public MarqueeEstimator(String uid) {
        this.uid = uid;
        this.recipe = new Param<>(this, "recipe", "name of a recipe, path of its file on the driver, or its YAML");
        this.overrides =
                new StringArrayParam(this, "overrides", "keys of the recipe with other values: KEY=VALUE each");
        this.numWorkers =
                new IntParam(this, "numWorkers", "processes that train together, a task each", ParamValidators.gtEq(1));
        this.outputPath = new Param<>(
                this, "outputPath", "folder for runs that the driver and all executors have mounted under this path");
        this.labelCol = new Param<>(this, "labelCol", "column of the label, instead of the recipe's data.labels");
        this.predictionCol = new Param<>(this, MarqueeModel.PREDICTION_COL, MarqueeModel.PREDICTION_DOC);
        this.keepData = new BooleanParam(this, "keepData", "whether the rows written for the training stay");
        this.timeout = new Param<>(this, "timeout", "how long a worker may be silent until it is lost, such as 30s");
        this.workerJavaOptions =
                new StringArrayParam(this, "workerJavaOptions", "options of the workers' Java, such as -Xmx4g");
        setDefault(overrides, new String[0]);
        setDefault(numWorkers, 1);
        setDefault(predictionCol, MarqueeModel.DEFAULT_PREDICTION);
        setDefault(keepData, false);
        setDefault(timeout, "30s");
        setDefault(workerJavaOptions, new String[0]);
    }

    @Override
    public String uid() {
        return uid;
    }

    /**
     * What is trained.
     *
     * @return the parameter: a name, a path on the driver, or YAML of several lines
     */
    public Param<String> recipe() {
        return recipe;
    }

    /**
     * What differs from the recipe.
     *
     * @return the parameter: {@code KEY=VALUE} each, such as {@code optimizer.learning_rate=0.01}
     */
    public StringArrayParam overrides() {
        return overrides;
    }

    /**
     * How many processes train together; each takes a task of the cluster.
     *
     * @return the parameter; 1 unless set
     */
    public IntParam numWorkers() {
        return numWorkers;
    }

    /**
     * Where runs are kept, in folders {@code RECIPE-1}, {@code RECIPE-2}, …
     *
     * @return the parameter: a path, or a URI with {@code file:}, that means the same folder on all machines
     */
    public Param<String> outputPath() {
        return outputPath;
    }

    /**
     * The DataFrame's column of the label.
     *
     * @return the parameter; unless set, the recipe tells
     */
    public Param<String> labelCol() {
        return labelCol;
    }

    /**
     * The column for scores.
     *
     * @return the parameter; {@code score} unless set
     */
    public Param<String> predictionCol() {
        return predictionCol;
    }

    /**
     * Whether the rows that were written for the training stay, in {@code data} below the output path.
     *
     * @return the parameter; false unless set
     */
    public BooleanParam keepData() {
        return keepData;
    }

    /**
     * How long a worker may be silent until it counts as lost.
     *
     * @return the parameter: a number with {@code ms}, {@code s} or {@code m}; {@code 30s} unless set
     */
    public Param<String> timeout() {
        return timeout;
    }

    /**
     * Options of the workers' Java.
     *
     * @return the parameter
     */
    public StringArrayParam workerJavaOptions() {
        return workerJavaOptions;
    }

    /**
     * Sets {@link #recipe()}.
     *
     * @param value a name, a path on the driver, or YAML
     * @return this
     */
    public MarqueeEstimator setRecipe(String value) {
        set(recipe, value);
        return this;
    }

    /**
     * Sets {@link #overrides()}.
     *
     * @param values {@code KEY=VALUE} each
     * @return this
     */
    public MarqueeEstimator setOverrides(String... values) {
        set(overrides, values.clone());
        return this;
    }

    /**
     * Adds to {@link #overrides()}.
     *
     * @param key dotted, such as {@code train.epochs}
     * @param value as one would write it in the recipe
     * @return this
     */
    public MarqueeEstimator with(String key, Object value) {
        return setOverrides(Stream.concat(Arrays.stream(getOrDefault(overrides)), Stream.of(key + "=" + value))
                .toArray(String[]::new));
    }

    /**
     * Sets {@link #numWorkers()}.
     *
     * @param value at least 1
     * @return this
     */
    public MarqueeEstimator setNumWorkers(int value) {
        set(numWorkers, value);
        return this;
    }

    /**
     * Sets {@link #outputPath()}.
     *
     * @param value a folder that all machines see
     * @return this
     */
    public MarqueeEstimator setOutputPath(String value) {
        set(outputPath, value);
        return this;
    }

    /**
     * Sets {@link #labelCol()}.
     *
     * @param value a column
     * @return this
     */
    public MarqueeEstimator setLabelCol(String value) {
        set(labelCol, value);
        return this;
    }

    /**
     * Sets {@link #predictionCol()}.
     *
     * @param value a new column
     * @return this
     */
    public MarqueeEstimator setPredictionCol(String value) {
        set(predictionCol, value);
        return this;
    }

    /**
     * Sets {@link #keepData()}.
     *
     * @param value whether the rows stay
     * @return this
     */
    public MarqueeEstimator setKeepData(boolean value) {
        set(keepData, value);
        return this;
    }

    /**
     * Sets {@link #timeout()}.
     *
     * @param value such as {@code 30s}
     * @return this
     */
    public MarqueeEstimator setTimeout(String value) {
        set(timeout, value);
        return this;
    }

    /**
     * Sets {@link #workerJavaOptions()}.
     *
     * @param values such as {@code -Xmx4g}
     * @return this
     */
    public MarqueeEstimator setWorkerJavaOptions(String... values) {
        set(workerJavaOptions, values.clone());
        return this;
    }

    /**
     * Trains.
     *
     * @param dataset has the columns that the recipe reads
     * @return the model, with the final weights
     * @throws IllegalArgumentException when a parameter, the recipe or a column is missing or wrong
     * @throws IllegalStateException when the application cannot run all workers at once, or the training failed
     */
    @Override
    public MarqueeModel fit(Dataset<?> dataset) {
        SparkRecipe wanted = sparkRecipe();
        Map<String, String> renamed = renamed(wanted);
        MarqueeModel.requirePossible(
                dataset.schema(), wanted.trainingColumns(), renamed, wanted.labels(), getOrDefault(predictionCol));
        SparkTraining.Settings settings = new SparkTraining.Settings(
                required(outputPath, "setOutputPath"),
                (Integer) getOrDefault(numWorkers),
                (Boolean) getOrDefault(keepData),
                getOrDefault(timeout),
                List.of(getOrDefault(workerJavaOptions)));
        RunLocation run = SparkTraining.run(wanted, renamed, dataset, settings);
        return copyValues(new MarqueeModel(uid, run), ParamMap.empty()).setParent(this);
    }

    @Override
    public StructType transformSchema(StructType schema) {
        SparkRecipe wanted = sparkRecipe();
        return MarqueeModel.requirePossible(
                schema, wanted.trainingColumns(), renamed(wanted), wanted.labels(), getOrDefault(predictionCol));
    }

    @Override
    public MarqueeEstimator copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    /**
     * Reads estimators.
     *
     * @return a reader
     */
    public static MLReader<MarqueeEstimator> read() {
        return new DefaultParamsReader<>();
    }

    /**
     * Reads an estimator.
     *
     * @param path where it was saved
     * @return the estimator
     */
    public static MarqueeEstimator load(String path) {
        return read().load(path);
    }

    private SparkRecipe sparkRecipe() {
        return SparkRecipe.of(required(recipe, "setRecipe"), getOrDefault(overrides));
    }

    private Map<String, String> renamed(SparkRecipe wanted) {
        if (!isDefined(labelCol)) {
            return Map.of();
        }
        String column = wanted.labelColumn()
                .orElseThrow(
                        () -> new IllegalArgumentException("labelCol names one column, and the recipe has the labels "
                                + String.join(", ", wanted.labels()) + ": name their columns in data.labels"));
        return Map.of(column, getOrDefault(labelCol));
    }

    private String required(Param<String> param, String setter) {
        if (!isDefined(param)) {
            throw new IllegalArgumentException(
                    param.name() + " is not set: call " + setter + " with the " + param.doc());
        }
        return getOrDefault(param);
    }
}
