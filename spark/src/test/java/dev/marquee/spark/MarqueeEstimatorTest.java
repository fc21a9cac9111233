package dev.marquee.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.schema.RawColumn;
import dev.marquee.train.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An estimator in a Spark of one JVM with two slots: its workers are processes of their own all the same. */
@Timeout(300)
class MarqueeEstimatorTest {
    @TempDir
    static Path folder;

    private static SparkSession spark;
    private static Dataset<Row> clicks;
    private static Path file;
    private static MarqueeModel model;

    @BeforeAll
    static void train() {
        spark = LocalSpark.session("local[2]").getOrCreate();
        clicks = Clicks.unevenly(spark).cache();
        file = LocalSpark.file(spark, folder.resolve("file"));
        model = estimator().setNumWorkers(2).fit(clicks);
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
    }

    private static MarqueeEstimator estimator() {
        return new MarqueeEstimator()
                .setRecipe(Clicks.RECIPE)
                .setOutputPath(folder.resolve("out").toString())
                .setWorkerJavaOptions(LocalSpark.SMALL);
    }

    @Test
    void fit_unevenAndEmptyPartitions_givesWhatOneProcessGivesWithoutSpark() {
        assertThat(clicks.javaRDD().getNumPartitions()).isEqualTo(6);
        LocalSpark.assertSameButForRounding(model.metrics(), LocalSpark.metricsAlone(file, folder));
    }

    @Test
    void fit_leavesARunFolderAndNoData() {
        Path run = folder.resolve("out/recipe-1");
        assertThat(Path.of(URI.create(model.runPath()))).isEqualTo(run);
        assertThat(run).isDirectoryContaining("glob:**/weights.safetensors").isDirectoryContaining("glob:**/logs");
        assertThat(run.resolve("logs/attempt-0/rank-1.log")).exists();
        assertThat(folder.resolve("out/data/recipe-1")).doesNotExist();
    }

    @Test
    void transform_rows_haveTheScoresThatPredictGivesTheFile() {
        Map<Long, Double> expected = new HashMap<>();
        try (Run run = Run.open(folder.resolve("out/recipe-1"))) {
            run.score(file, List.of("impression"), (keys, labels, probabilities) -> {
                RawColumn.Longs impressions = (RawColumn.Longs) keys.columns().get("impression");
                for (int row = 0; row < keys.rows(); row++) {
                    expected.put(impressions.value(row), (double) probabilities[row]);
                }
            });
        }
        List<Row> rows =
                model.copy(new ParamMap()).setBatchSize(100).transform(clicks).collectAsList();
        assertThat(rows).hasSize(Clicks.ROWS);
        assertThat(expected).hasSize(Clicks.ROWS);
        for (Row row : rows) {
            assertThat(row.<Double>getAs("score"))
                    .isCloseTo(expected.get(row.<Long>getAs("impression")), Offset.offset(1e-6));
        }
    }

    @Test
    void transform_keepsAllOtherColumns() {
        Dataset<Row> wide = clicks.selectExpr("named_struct('a', 1) AS extra", "*", "current_date() AS today");
        Dataset<Row> scored = model.transform(wide);
        assertThat(scored.schema().fieldNames())
                .startsWith(wide.schema().fieldNames())
                .endsWith("score");
        assertThat(scored.drop("score").exceptAll(wide).isEmpty()).isTrue();
        assertThat(scored.count()).isEqualTo(Clicks.ROWS);
    }

    @Test
    void transform_withoutLabelsAndByManyTasks_opensOneModelForAllOfThem() throws IOException {
        Path saved = folder.resolve("one");
        model.write().overwrite().save(saved.toString());
        MarqueeModel loaded = MarqueeModel.load(saved.toString());
        long before = Scorers.opened();
        Dataset<Row> bare = clicks.drop("click", "at").repartition(7);
        assertThat(loaded.setPredictionCol("p")
                        .transform(bare)
                        .filter("p > 0 AND p < 1")
                        .count())
                .isEqualTo(Clicks.ROWS);
        assertThat(Scorers.opened() - before).isEqualTo(1);
    }

    @Test
    void save_andLoad_givesTheSameModel() throws IOException {
        Path saved = folder.resolve("saved");
        new Pipeline()
                .setStages(new PipelineStage[] {estimator().with("train.epochs", 3)})
                .write()
                .overwrite()
                .save(saved.resolve("pipeline").toString());
        MarqueeEstimator estimator = (MarqueeEstimator)
                Pipeline.load(saved.resolve("pipeline").toString()).getStages()[0];
        assertThat(estimator.getOrDefault(estimator.overrides())).containsExactly("train.epochs=3");

        new PipelineModel("chain", List.of(model))
                .write()
                .overwrite()
                .save(saved.resolve("model").toString());
        PipelineModel loaded = PipelineModel.load(saved.resolve("model").toString());
        assertThat(((MarqueeModel) loaded.stages()[0]).metrics()).isEqualTo(model.metrics());
        assertThat(loaded.transform(clicks).select("impression", "score").collectAsList())
                .containsExactlyInAnyOrderElementsOf(
                        model.transform(clicks).select("impression", "score").collectAsList());
    }

    @Test
    @Tag("trial")
    void crossValidator_overAPipeline_choosesTheRecipeThatLearns() {
        MarqueeEstimator estimator = estimator()
                .setLabelCol("clicked")
                .with("train.calibration", "none")
                .with("train.epochs", 1);
        PipelineStage rename = new SQLTransformer().setStatement("SELECT *, click = 1 AS clicked FROM __THIS__");
        PipelineStage number = new SQLTransformer().setStatement("SELECT *, double(click) AS label FROM __THIS__");
        ParamMap[] grid = {
            new ParamMap().put(estimator.overrides(), overrides(estimator, "optimizer.learning_rate=0.00001")),
            new ParamMap().put(estimator.overrides(), overrides(estimator, "optimizer.learning_rate=0.02"))
        };
        CrossValidatorModel chosen = new CrossValidator()
                .setEstimator(new Pipeline().setStages(new PipelineStage[] {rename, number, estimator}))
                .setEstimatorParamMaps(grid)
                .setEvaluator(new BinaryClassificationEvaluator().setRawPredictionCol("score"))
                .setNumFolds(2)
                .setParallelism(2)
                .setSeed(1)
                .fit(clicks);
        assertThat(chosen.avgMetrics()[1]).isGreaterThan(chosen.avgMetrics()[0]).isGreaterThan(0.55);
        assertThat(chosen.transform(clicks).columns()).contains("score", "clicked");
    }

    @Test
    void fit_whatCannotBe_isRefusedBeforeAnythingRuns() throws IOException {
        assertThatThrownBy(() -> estimator().setNumWorkers(3).fit(clicks))
                .hasMessage("the training has 3 workers, which must run at once, and there is room for 2 tasks of"
                        + " spark.task.cpus=1: set numWorkers to 2 or fewer, or give the application more cores (master"
                        + " local[N])");
        assertThatThrownBy(() -> estimator().fit(clicks.drop("ad").withColumnRenamed("price", "cost")))
                .hasMessageContaining("the DataFrame does not have what the recipe reads:")
                .hasMessageContaining("price: there is no such column")
                .hasMessageContaining("ad: there is no such column");
        assertThatThrownBy(() -> estimator().fit(clicks.selectExpr("*", "1 AS score")))
                .hasMessageContaining("has a column score already");
        assertThatThrownBy(() -> estimator().fit(clicks.drop("ad").selectExpr("*", "named_struct('id', 1) AS ad")))
                .hasMessageContaining("ad: struct<id:int> is no feature");
        assertThatThrownBy(() -> estimator().setOutputPath("s3a://bucket/runs").fit(clicks))
                .hasMessageContaining("outputPath is s3a://bucket/runs: checkpoints are written to a folder");
        assertThatThrownBy(
                        () -> estimator().setRecipe("fashion_mnist_perceptron").fit(clicks))
                .hasMessageContaining("data.kind must be click_log");
        assertThatThrownBy(() -> new MarqueeEstimator().setRecipe(Clicks.RECIPE).fit(clicks))
                .hasMessageContaining("outputPath is not set: call setOutputPath");
        assertThatThrownBy(() -> new MarqueeModel("bare").transform(clicks)).hasMessageContaining("MarqueeModel.load");
        try (var runs = Files.list(folder.resolve("out"))) {
            assertThat(runs.map(run -> run.getFileName().toString())).doesNotContain("fashion_mnist_perceptron-1");
        }
    }

    @Test
    void fit_aFaultOfAWorker_isToldInItsWordsAndNotTriedAgain() {
        Path out = folder.resolve("faults");
        assertThatThrownBy(() -> estimator()
                        .setOutputPath(out.toString())
                        .with("model.init_from", "/nowhere.safetensors")
                        .fit(clicks))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the training failed: rank 0 of 1 ended with code 1: ")
                .hasMessageContaining("/nowhere.safetensors")
                .hasMessageContaining("rank-0.log");
        assertThat(out.resolve("recipe-1/logs/attempt-0")).exists();
        assertThat(out.resolve("recipe-1/logs/attempt-1")).doesNotExist();
        assertThat(out.resolve("data/recipe-1")).doesNotExist();
    }

    @Test
    void app_ofATable_trainsAndTellsWhatItMeasured() {
        clicks.createOrReplaceTempView("clicks");
        Path out = folder.resolve("app");
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Path recipe = folder.resolve("mine.yaml");
        try {
            Files.writeString(recipe, Clicks.RECIPE);
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            int code = MarqueeSparkApp.execute(
                    recipe.toString(),
                    "--data=clicks",
                    "--out=" + out,
                    "--set=train.epochs=1",
                    "--java-option=-XX:+UseSerialGC",
                    "--java-option=-XX:TieredStopAtLevel=1",
                    "--save=" + out.resolve("model"));
            assertThat(code).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .containsPattern("test .* auc 0\\.\\d{4}")
                .contains("run       file:", "mine-1");
        assertThat(MarqueeModel.load(out.resolve("model").toString()).metrics()).containsKey("auc");
    }

    private static String[] overrides(MarqueeEstimator estimator, String more) {
        String[] before = estimator.getOrDefault(estimator.overrides());
        String[] all = java.util.Arrays.copyOf(before, before.length + 1);
        all[before.length] = more;
        return all;
    }
}
