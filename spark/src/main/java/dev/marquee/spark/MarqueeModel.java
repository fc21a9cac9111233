package dev.marquee.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained network: adds the probability of each label to the rows of a DataFrame. Executors open it from where it lies,
 * one copy each, whatever their number of tasks.
 */
public final class MarqueeModel extends Model<MarqueeModel> implements DefaultParamsWritable, Serializable {
    static final String PREDICTION_COL = "predictionCol";
    static final String PREDICTION_DOC =
            "new column for the probability of the label; with several labels its beginning, before _LABEL";
    static final String DEFAULT_PREDICTION = "score";

    private static final long serialVersionUID = 1;
    private static final int DEFAULT_BATCH = 1024;

    /** Beside the user's columns, while rows are on their way to the network. */
    private static final String FEATURES = "__marquee_features";

    private final String uid;
    private final Param<String> predictionCol;
    private final IntParam batchSize;
    private final @Nullable RunLocation run;

    /**
     * A model without a network: Spark needs it to read models.
     *
     * @param uid the id
     */
    public MarqueeModel(String uid) {
        this(uid, null);
    }

    MarqueeModel(String uid, @Nullable RunLocation run) {
        this.uid = uid;
        this.run = run;
        this.predictionCol = new Param<>(this, PREDICTION_COL, PREDICTION_DOC);
        this.batchSize = new IntParam(this, "batchSize", "rows that are scored together", ParamValidators.gtEq(1));
        setDefault(predictionCol, DEFAULT_PREDICTION);
        setDefault(batchSize, DEFAULT_BATCH);
    }

    @Override
    public String uid() {
        return uid;
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
     * How many rows are scored together.
     *
     * @return the parameter; 1024 unless set
     */
    public IntParam batchSize() {
        return batchSize;
    }

    /**
     * Sets {@link #predictionCol()}.
     *
     * @param value a new column
     * @return this
     */
    public MarqueeModel setPredictionCol(String value) {
        set(predictionCol, value);
        return this;
    }

    /**
     * Sets {@link #batchSize()}.
     *
     * @param value at least 1
     * @return this
     */
    public MarqueeModel setBatchSize(int value) {
        set(batchSize, value);
        return this;
    }

    /**
     * Where the run's folder is: for {@code marquee evaluate} and {@code marquee predict}, and for reading weights.
     *
     * @return a URI
     */
    public String runPath() {
        return location().uri();
    }

    /**
     * What was measured on the rows held out for the test.
     *
     * @return metrics by name, such as {@code auc} and {@code log_loss}
     */
    public Map<String, Double> metrics() {
        return location().metrics();
    }

    /**
     * Scores rows.
     *
     * @param dataset has the columns of the features
     * @return all of its columns, and the probabilities of the labels
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        StructType scored = transformSchema(dataset.schema(), true);
        Column[] features = Columns.of(dataset.schema(), recipe().featureColumns(), Map.of());
        Dataset<Row> prepared = dataset.toDF()
                .select(functions.col("*"), functions.struct(features).as(FEATURES));
        int labels = scored.length() - dataset.schema().length();
        return prepared.mapPartitions(
                new ScoreRows(location(), (Integer) getOrDefault(batchSize), labels), Encoders.row(scored));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        SparkRecipe recipe = recipe();
        return requirePossible(schema, recipe.featureColumns(), Map.of(), recipe.labels(), getOrDefault(predictionCol));
    }

    /** The schema with the scores, if the columns are there and the scores' are not. */
    static StructType requirePossible(
            StructType schema,
            Collection<String> wanted,
            Map<String, String> renamed,
            List<String> labels,
            String prediction) {
        Columns.require(schema, wanted, renamed);
        List<StructField> fields = new ArrayList<>(List.of(schema.fields()));
        for (String label : labels) {
            String name = labels.size() == 1 ? prediction : prediction + "_" + label;
            if (Columns.field(schema, name) != null) {
                throw new IllegalArgumentException("the DataFrame has a column " + name
                        + " already, where scores are to go: set predictionCol to another name");
            }
            fields.add(DataTypes.createStructField(name, DataTypes.DoubleType, false));
        }
        return DataTypes.createStructType(fields);
    }

    @Override
    public MarqueeModel copy(ParamMap extra) {
        MarqueeModel copied = copyValues(new MarqueeModel(uid, run), extra);
        return copied.setParent(parent());
    }

    @Override
    public MLWriter write() {
        return new SavedModel.Writer(this, location());
    }

    /**
     * Reads models.
     *
     * @return a reader
     */
    public static MLReader<MarqueeModel> read() {
        return new SavedModel.Reader();
    }

    /**
     * Reads a model.
     *
     * @param path where it was saved
     * @return the model
     */
    public static MarqueeModel load(String path) {
        return read().load(path);
    }

    private SparkRecipe recipe() {
        return SparkRecipe.ofRun(location().recipe());
    }

    private RunLocation location() {
        if (run == null) {
            throw new IllegalStateException("this model has no network: train one, or load one with MarqueeModel.load");
        }
        return run;
    }
}
