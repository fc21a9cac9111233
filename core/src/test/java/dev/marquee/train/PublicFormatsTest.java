package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.ClickLogConfig;
import dev.marquee.data.Dataset;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.source.FileSource;
import dev.marquee.source.RowSource;
import dev.marquee.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The recipes for public sets of rows, on made-up files of exactly their forms. */
@Timeout(120)
class PublicFormatsTest {
    @TempDir
    Path folder;

    private PublicFiles files;

    @BeforeEach
    void findFolder() {
        files = new PublicFiles(folder);
    }

    @Test
    void criteo_deepfm_trains() throws IOException {
        Path file = files.criteo(400);
        Recipe recipe = recipe("criteo_deepfm", file);
        FeatureLayout layout = requireRows(recipe, 400, 100);
        assertThat(layout.fields()).hasSize(26);
        assertThat(layout.dense()).hasSize(13).allMatch(dense -> dense.size() == 2); // each lacks values in some rows
        train(recipe, file);
    }

    @Test
    void avazu_dcnV2_trains() throws IOException {
        Path file = files.avazu(420);
        Recipe recipe = recipe("avazu_dcn_v2", file);
        FeatureLayout layout = requireRows(recipe, 420, 70);
        assertThat(layout.fields()).hasSize(23);
        train(recipe, file);
        List<List<String>> rows = rows(recipe, file, "id", "hour", "hour_of_day", "weekday");
        assertThat(rows.get(0)).containsExactly("10000009418151091000", "14102100", "0", "2"); // a Tuesday
        assertThat(rows.get(419)).containsExactly("100001693491178631419", "14103023", "23", "4");
    }

    @Test
    void movieLens_din_trainsOnHistoriesOfEarlierRatings() throws IOException {
        Path file = files.movieLens(12, 45);
        List<String> lines = Files.readAllLines(file);
        List<long[]> ratings = new ArrayList<>(); // user, film, second, liked
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            ratings.add(new long[] {
                Long.parseLong(fields[0]),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[3]),
                Double.parseDouble(fields[2]) >= 4 ? 1 : 0
            });
        }
        long likes = ratings.stream().filter(rating -> rating[3] == 1).count();
        Recipe recipe = recipe("movielens_din", file);
        FeatureLayout layout = requireRows(recipe, 540, likes);
        assertThat(layout.sequences()).singleElement().satisfies(sequence -> {
            assertThat(sequence.name()).isEqualTo("history");
            assertThat(layout.fields().get(sequence.target()).name()).isEqualTo("movieId");
        });
        List<List<String>> expected = ratings.stream()
                .sorted(Comparator.<long[]>comparingLong(rating -> rating[2])
                        .thenComparingLong(rating -> rating[0])
                        .thenComparingLong(rating -> rating[1]))
                .map(rating -> List.of("" + rating[0], "" + rating[1], "" + rating[2], likedBefore(ratings, rating)))
                .toList();
        assertThat(rows(recipe, file, "userId", "movieId", "timestamp", "history"))
                .isEqualTo(expected)
                .anyMatch(row -> row.get(3).equals("null"));
        train(recipe, file);
    }

    private static String likedBefore(List<long[]> ratings, long[] now) {
        List<Long> films = ratings.stream()
                .filter(rating -> rating[0] == now[0] && rating[2] < now[2] && rating[3] == 1)
                .sorted(Comparator.<long[]>comparingLong(rating -> rating[2]).thenComparingLong(rating -> rating[1]))
                .map(rating -> rating[1])
                .toList();
        return films.isEmpty() ? "null" : films.toString();
    }

    @Test
    void taobao_bst_trainsOnHistoriesOfEarlierClicks() throws IOException {
        Path file = files.taobao(500);
        Recipe recipe = recipe("taobao_ad_bst", file);
        FeatureLayout layout = requireRows(recipe, 500, 100);
        assertThat(layout.fields()).hasSize(15);
        assertThat(layout.sequences()).hasSize(2).allMatch(sequence -> sequence.maximumLength() == 50);
        List<List<String>> rows = rows(
                recipe,
                file,
                "user",
                "time_stamp",
                "clk",
                "cate_id",
                "brand",
                "age_level",
                "history_cate",
                "history_brand");
        assertThat(rows).hasSize(500);
        for (List<String> row : rows) {
            long second = Long.parseLong(row.get(1));
            List<String> categories = new ArrayList<>();
            List<String> brands = new ArrayList<>();
            for (List<String> other : rows) {
                long before = second - Long.parseLong(other.get(1));
                if (other.get(0).equals(row.get(0)) && other.get(2).equals("1") && before > 0 && before <= 604_800) {
                    categories.add(other.get(3));
                    brands.add(other.get(4));
                }
            }
            assertThat(row.get(6)).isEqualTo(categories.isEmpty() ? "null" : categories.toString());
            assertThat(row.get(7)).isEqualTo(brands.isEmpty() ? "null" : brands.toString());
            assertThat(row.get(5).equals("null")).isEqualTo(Long.parseLong(row.get(0)) >= 25);
        }
        assertThat(rows).anyMatch(row -> row.get(4).equals("null"));
        train(recipe, file);
    }

    @Test
    void census_wideDeepAndMmoe_train() throws IOException {
        Path file = files.census("census-income.data", 400);
        Path test = files.census("census-income.test", 160);
        Recipe one = recipe("census_income_wide_deep", file).with("data.test_path", test.toString());
        FeatureLayout layout = requireRows(one, 560, 70);
        assertThat(layout.fields()).hasSize(40);
        assertThat(layout.dense()).hasSize(7).allMatch(dense -> dense.size() > 1);
        train(one, test);
        Recipe two = recipe("census_income_mmoe", file).with("data.test_path", test.toString());
        assertThat(requireRows(two, 560, 70).labels())
                .extracting(FeatureLayout.Label::name)
                .containsExactly("income", "never_married");
        train(two.with("seed", 2), test);
    }

    @Test
    void sparrow_wideDeep_trains() throws IOException {
        Path file = files.sparrow(400);
        List<String> lines = Files.readAllLines(file);
        long likes = lines.stream()
                .skip(1)
                .filter(line -> line.split(",", -1)[4].equals("1"))
                .count();
        Recipe recipe = recipe("sparrow_movielens_wide_deep", file);
        FeatureLayout layout = requireRows(recipe, 400, likes);
        assertThat(layout.dense()).hasSize(20);
        assertThat(layout.bags()).hasSize(2);
        train(recipe, file);
    }

    /** All rows of the data once: their shapes, and how many have the first label. */
    private FeatureLayout requireRows(Recipe recipe, int rows, long positives) {
        ClickLogConfig config = (ClickLogConfig)
                recipe.with("data.prepared_path", folder.toString()).data();
        try (Dataset data = config.open(1, notice -> {})) {
            FeatureLayout layout = data.schema().orElseThrow().layout();
            double[] sums = new double[2];
            List<Supplier<BatchStream>> parts = new ArrayList<>(List.of(() -> data.training(1, 0), data::test));
            if (data.validationIsHeldOut()) {
                parts.add(data::validation);
            }
            for (Supplier<BatchStream> part : parts) {
                try (BatchStream batches = part.get()) {
                    for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                        try (Scope scope = Scope.open()) {
                            sums[0] += batch.size();
                            sums[1] += batch.target().select(1, 0).sum().item_double();
                            assertThat(batch.input(Batch.IDS).size(0)).isEqualTo(batch.size());
                            assertThat(batch.input(Batch.IDS).size(1))
                                    .isEqualTo(layout.fields().size());
                        }
                    }
                }
            }
            assertThat(sums).containsExactly(rows, positives);
            return layout;
        }
    }

    /** Trains for an epoch, and measures the trained model on a file. */
    private void train(Recipe recipe, Path file) {
        Path path = folder.resolve("run-" + recipe.seed());
        Recipe brief = recipe.with("train.epochs", 1)
                .with("data.prepared_path", folder.toString())
                .with("data.batch_size", 128)
                .with("engine.threads", 1);
        try (Run run = Trainer.train(brief, path, new Progress() {})) {
            String auc = run.recipe().data() instanceof ClickLogConfig config
                            && config.labels().size() > 1
                    ? "income.auc"
                    : "auc";
            assertThat(run.metrics().keySet()).contains(auc);
            assertThat(run.metrics().get(auc)).isBetween(0.0, 1.0);
            Measured measured = run.evaluate(EvaluationOptions.of(file), notice -> {});
            assertThat(measured.metrics().get(auc)).isBetween(0.0, 1.0);
            assertThat(measured.metrics().get("loss")).isFinite();
        }
    }

    /** The rows that the recipe's query makes, as texts. */
    private static List<List<String>> rows(Recipe recipe, Path file, String... columns) {
        List<List<String>> rows = new ArrayList<>();
        RowSource source = FileSource.open(((ClickLogConfig) recipe.data()).format(), Optional.of(file.toString()));
        try (RowSource.Reader reader = source.open(new LinkedHashSet<>(List.of(columns)))) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                for (int i = 0; i < chunk.rows(); i++) {
                    List<String> row = new ArrayList<>();
                    for (String column : columns) {
                        row.add(text(chunk.columns().get(column), i));
                    }
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    private static String text(RawColumn column, int row) {
        if (column.isNull(row)) {
            return "null";
        }
        if (column instanceof RawColumn.Longs longs) {
            return Long.toString(longs.value(row));
        }
        if (column instanceof RawColumn.Doubles doubles) {
            return Double.toString(doubles.value(row));
        }
        if (column instanceof RawColumn.Texts texts) {
            return texts.value(row);
        }
        RawColumn.Lists lists = (RawColumn.Lists) column;
        List<String> elements = new ArrayList<>();
        for (int i = lists.offset(row); i < lists.offset(row + 1); i++) {
            elements.add(text(lists.elements(), i));
        }
        return elements.toString();
    }

    private static Recipe recipe(String name, Path file) {
        return Recipe.named(name).with("data.path", file.toString());
    }
}
