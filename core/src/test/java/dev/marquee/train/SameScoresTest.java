package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.nn.Mode;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.RawColumn;
import dev.marquee.source.TableWriter;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A row is encoded in one way, whoever reads it: training from prepared rows, evaluation and prediction from files of any
 * format. The test rows have values that training never saw, and none where there should be one.
 */
@Timeout(120)
class SameScoresTest {
    private static final int TEST_ROWS = 700;

    private static final String RECIPE = """
            data:
              kind: click_log
              path: %1$s/train.csv
              test_path: %1$s/test.csv
              split: {validation: 0.2}
              prepared_path: %1$s/prepared
              batch_size: 64
              weight: weight
              group: user
              keys: [row]
              labels:
                - {name: click}
                - {name: liked, column: stars, positive: ["4", "5"]}
              features:
                - {kind: dense, name: price, encoding: signed_log}
                - {kind: dense, name: age, encoding: piecewise_linear, bins: 8}
                - {kind: dense, name: views, encoding: quantile}
                - {kind: categorical, name: user, hash: 50}
                - {kind: categorical, name: ad}
                - {kind: categorical, name: site}
                - {kind: bag, name: genres}
                - {kind: sequence, name: history, target: ad, maximum_length: 3}
            model:
              kind: din
              embedding: {size: 4}
              attention_hidden: [8]
              hidden: [16]
            loss:
              kind: binary_cross_entropy
            optimizer:
              name: adam
              learning_rate: 0.02
            train:
              epochs: 2
            engine:
              threads: 1
            """;

    @TempDir
    static Path folder;

    private static Recipe recipe;
    private static Run run;
    /** {@code [rows, labels]} of the prepared test rows: what training measured. */
    private static float[] scores;

    @BeforeAll
    static void train() throws IOException {
        write("train", 1500, 1, 12);
        write("test", TEST_ROWS, 2, 18);
        recipe = Recipe.load(Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(folder)));
        run = Trainer.train(recipe, folder.resolve("run"), Progress.silent());
        assertThat(folder.resolve("prepared")).isNotEmptyDirectory();
        scores = scoresOfTestRows(recipe.with("data.prepared", "always"));
        assertThat(scores).hasSize(2 * TEST_ROWS);
    }

    @AfterAll
    static void close() {
        run.close();
    }

    @Test
    void test_rowsEncodedAnew_haveTheScoresOfThePreparedOnes() {
        assertThat(scoresOfTestRows(recipe.with("data.prepared", "never"))).isEqualTo(scores);
    }

    @Test
    void score_csv_givesTheScoresThatTrainingMeasured() {
        assertThat(scoresOf("test.csv")).isEqualTo(scores);
    }

    @Test
    void score_parquetOfTheSameRows_givesTheScoresThatTrainingMeasured() {
        assertThat(scoresOf("test.parquet")).isEqualTo(scores);
    }

    @Test
    void score_rowsWithoutLabelsWeightAndGroup_givesTheSame() {
        assertThat(scoresOf("bare.csv")).isEqualTo(scores);
    }

    @Test
    void evaluate_file_measuresWhatTrainingMeasured() {
        Map<String, Double> expected = run.metrics();
        assertThat(expected).containsKeys("click.auc", "click.gauc", "liked.log_loss");
        for (String file : List.of("test.csv", "test.parquet")) {
            assertThat(run.evaluate(EvaluationOptions.of(folder.resolve(file)), notice -> {})
                            .metrics())
                    .as(file)
                    .isEqualTo(expected);
        }
    }

    /** What the run's weights make of the test rows as a data set gives them. */
    private static float[] scoresOfTestRows(Recipe reading) {
        try (Dataset data = reading.data().open(reading.seed(), notice -> {});
                Network network = Network.create(reading, data.schema());
                BatchStream batches = data.test();
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            network.load(run.path().resolve("weights.safetensors"));
            Batch batch = batches.next();
            float[] values = Tensors.toFloats(
                    network.model().forward(batch, Mode.EVALUATION).sigmoid());
            assertThat(batches.next()).isNull();
            return values;
        }
    }

    private static float[] scoresOf(String file) {
        List<Float> all = new ArrayList<>();
        List<Long> rows = new ArrayList<>();
        run.score(folder.resolve(file), List.of(), (keys, labels, probabilities) -> {
            assertThat(labels).containsExactly("click", "liked");
            RawColumn numbers = keys.column("row");
            for (int i = 0; i < keys.rows(); i++) {
                rows.add(
                        numbers instanceof RawColumn.Texts texts
                                ? Long.parseLong(texts.value(i))
                                : ((RawColumn.Longs) numbers).value(i));
            }
            for (float probability : probabilities) {
                all.add(probability);
            }
        });
        assertThat(rows).hasSize(TEST_ROWS).isSorted();
        float[] values = new float[all.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = all.get(i);
        }
        return values;
    }

    /** The same rows as CSV and as Parquet; in Parquet numbers are numbers and lists are lists. */
    private static void write(String name, int rows, long seed, int ads) throws IOException {
        Map<String, RawColumn> columns = columns(rows, new Random(seed), ads);
        for (String ending : List.of(".csv", ".parquet")) {
            table(name + ending, rows, columns);
        }
        Map<String, RawColumn> bare = new LinkedHashMap<>(columns);
        bare.keySet().removeAll(List.of("click", "stars", "weight"));
        table("bare.csv", rows, bare);
    }

    private static void table(String name, int rows, Map<String, RawColumn> columns) {
        try (TableWriter writer = TableWriter.open(folder.resolve(name))) {
            writer.write(rows, columns);
            writer.commit();
        }
    }

    private static Map<String, RawColumn> columns(int rows, Random random, int ads) {
        long[] row = new long[rows];
        double[] price = new double[rows];
        double[] age = new double[rows];
        long[] views = new long[rows];
        long[] user = new long[rows];
        long[] ad = new long[rows];
        @Nullable String[] site = new String[rows];
        double[] weight = new double[rows];
        long[] click = new long[rows];
        long[] stars = new long[rows];
        boolean[] gone = new boolean[rows];
        boolean[] unknown = new boolean[rows];
        for (int i = 0; i < rows; i++) {
            row[i] = i;
            price[i] = random.nextGaussian() * 30;
            age[i] = random.nextInt(90) + 0.1;
            views[i] = random.nextInt(1_000_000);
            user[i] = 1_000_000_000_000_000L * random.nextInt(100);
            ad[i] = random.nextInt(ads);
            site[i] = random.nextInt(9) == 0
                    ? null
                    : List.of("a, \"b\"", "ü|x", "3.0", " c ").get(random.nextInt(4));
            weight[i] = 0.5 + random.nextInt(3);
            click[i] = random.nextInt(ads) < ad[i] ? 1 : 0;
            stars[i] = 1L + random.nextInt(5);
            gone[i] = random.nextInt(10) == 0;
            unknown[i] = random.nextInt(20) == 0;
        }
        Map<String, RawColumn> columns = new LinkedHashMap<>();
        columns.put("row", new RawColumn.Longs(row, null));
        columns.put("price", new RawColumn.Doubles(price, gone));
        columns.put("age", new RawColumn.Doubles(age, gone));
        columns.put("views", new RawColumn.Longs(views, unknown));
        columns.put("user", new RawColumn.Longs(user, null));
        columns.put("ad", new RawColumn.Longs(ad, unknown));
        columns.put("site", RawColumn.Texts.of(site));
        columns.put("weight", new RawColumn.Doubles(weight, null));
        columns.put("click", new RawColumn.Longs(click, unknown));
        columns.put("stars", new RawColumn.Longs(stars, gone));
        columns.put("genres", lists(rows, random, texts(random, 5 * rows)));
        columns.put("history", lists(rows, random, longs(random, 5 * rows, ads)));
        return columns;
    }

    private static RawColumn lists(int rows, Random random, RawColumn elements) {
        int[] offsets = new int[rows + 1];
        for (int i = 0; i < rows; i++) {
            offsets[i + 1] = offsets[i] + random.nextInt(6);
        }
        return new RawColumn.Lists(offsets, null, elements);
    }

    private static RawColumn texts(Random random, int count) {
        @Nullable String[] values = new String[count];
        for (int i = 0; i < count; i++) {
            values[i] = "genre " + random.nextInt(8);
        }
        return RawColumn.Texts.of(values);
    }

    private static RawColumn longs(Random random, int count, int below) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(below);
        }
        return new RawColumn.Longs(values, null);
    }
}
