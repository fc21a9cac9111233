package dev.marquee.source.guess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.Binder;
import dev.marquee.config.ConfigTree;
import dev.marquee.data.ClickLogConfig;
import dev.marquee.schema.BagFeature;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseEncoding;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.source.FileSource;
import dev.marquee.source.SourceConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuessTest {
    private static final String LOG =
            "SELECT i AS row_key, hash(i) % 2 AS click, TIMESTAMP '2026-01-01' + to_seconds(i) AS"
                    + " happened_at, 'u' || hash(i, 1) % 400 AS user_id, hash(i, 2) % 90 AS ad_id, hash(i, 3) % 1000 / 7.0 AS"
                    + " price, hash(i, 4) % 3 AS slot, 'same' AS constant, hash(i) % 2 * 5 + 1 AS paid, hash(i) % 2 AS is_click,"
                    + " [hash(i, k) % 90 FOR k IN range(5, 5 + i % 4)] AS seen, 'g' || hash(i, 5) % 12 || '|g' || hash(i, 6) % 12 AS"
                    + " genres, 'a long sentence about nothing in particular, number ' || i * 10 // 13 AS remark, 1.5 + hash(i, 10) % 3 AS sample_weight,"
                    + " 'c' || hash(i, 7) % 15 AS cat1, 'c' || hash(i, 8) % 15 AS cat2, hash(i, 9) % 700 AS count_of_views"
                    + " FROM range(3000) t(i)";

    @TempDir
    static Path folder;

    private static Guess guess;
    private static Path parquet;

    @BeforeAll
    static void lookAtALog() throws SQLException {
        parquet = copy("log.parquet", LOG);
        guess = Guess.of(open(parquet), "click");
    }

    @Test
    void of_columnsThatHelpNobody_areLeftOutWithTheReason() {
        left("constant", "is the same in all rows");
        left("row_key", "identifies a row: 3000 distinct values in 3000 rows");
        left("paid", "tells the label by itself (AUC 1.000)");
        left("is_click", "is named like the label");
        left("remark", "free text");
        left("happened_at", "tells when a row happened");
        left("sample_weight", "weight");
        assertThat(guess.keys()).containsExactly("row_key");
        assertThat(guess.time()).contains("happened_at");
        assertThat(guess.group()).contains("user_id");
    }

    @Test
    void of_numbers_areDenseOrCategorical() {
        assertThat(feature("price"))
                .isInstanceOfSatisfying(
                        DenseFeature.class, d -> assertThat(d.encoding()).isEqualTo(DenseEncoding.PIECEWISE_LINEAR));
        assertThat(feature("count_of_views")).isInstanceOf(DenseFeature.class);
        assertThat(feature("slot")).isInstanceOf(CategoricalFeature.class);
        assertThat(feature("ad_id")).isInstanceOf(CategoricalFeature.class);
        assertThat(feature("user_id")).isInstanceOf(CategoricalFeature.class);
    }

    @Test
    void of_severalValues_areBagsAndSequences() {
        assertThat(feature("seen"))
                .isInstanceOfSatisfying(
                        SequenceFeature.class, s -> assertThat(s.target()).contains("ad_id"));
        assertThat(feature("genres"))
                .isInstanceOfSatisfying(
                        BagFeature.class, b -> assertThat(b.separator()).isEqualTo("|"));
        assertThat(feature("cat1"))
                .isInstanceOfSatisfying(
                        BagFeature.class, b -> assertThat(b.columns()).containsExactly("cat1", "cat2"));
    }

    @Test
    void of_moreValuesThanAVocabularyHolds_areHashedToTwiceAsManyRows() {
        Guess hashed = Guess.of(open(parquet), "click", 300);
        CategoricalFeature user = (CategoricalFeature)
                hashed.decision("user_id").flatMap(Decision::feature).orElseThrow();
        assertThat(user.hash()).contains(800);
        assertThat(hashed.decision("user_id").orElseThrow().reason())
                .isEqualTo("about 400 distinct values: too many for a vocabulary");
        CategoricalFeature ad = (CategoricalFeature)
                hashed.decision("ad_id").flatMap(Decision::feature).orElseThrow();
        assertThat(ad.hash()).isEmpty();
    }

    @Test
    void of_moreRowsThanTheSampleHolds_countsTheValuesOfAll() throws SQLException {
        Path file = copy(
                "large.parquet",
                "SELECT CASE WHEN hash(i) % 3 = 0 THEN 'bought' ELSE 'left' END AS outcome, 'v' || hash(i, 1) % 90000 AS"
                        + " visitor, hash(i, 2) % 7 AS place FROM range(150000) t(i)");
        Guess large = Guess.of(open(file), "outcome", 80_000);
        assertThat(large.sampledRows()).isEqualTo(100_000);
        assertThat(large.label().positive()).containsExactly("bought");
        CategoricalFeature visitor = (CategoricalFeature)
                large.decision("visitor").flatMap(Decision::feature).orElseThrow();
        // 73,000 of them are in all rows, 60,000 in the sample; the count of all is right to some per cent.
        assertThat(visitor.hash()).isEmpty();
        assertThat(large.decision("visitor").orElseThrow().reason()).matches("\\d{5} distinct values");
        assertThat(large.decision("place").orElseThrow().reason()).startsWith("7 distinct values");
    }

    @Test
    void of_listsAsLongAsAHistory_standBesideIt() throws SQLException {
        Path file = copy(
                "parallel.parquet",
                "SELECT hash(i) % 2 AS click, hash(i, 1) % 90 AS ad_id, 'p' || hash(i, 2) % 4 AS place, [hash(i, k) % 90 FOR"
                        + " k IN range(5, 5 + i % 5)] AS seen, ['p' || hash(k, i) % 4 FOR k IN range(5, 5 + i % 5)] AS"
                        + " seen_places, ['t' || hash(k, i, 3) % 20 FOR k IN range(5, 5 + CAST(hash(i, 7) % 5 AS BIGINT))] AS tags"
                        + " FROM range(1000) t(i)");
        Guess parallel = Guess.of(open(file), "click");
        assertThat(parallel.decision("seen_places").flatMap(Decision::feature))
                .get()
                .isInstanceOfSatisfying(SequenceFeature.class, s -> {
                    assertThat(s.history()).isEqualTo("seen");
                    assertThat(s.target()).contains("place");
                });
        assertThat(parallel.decision("tags").flatMap(Decision::feature)).get().isInstanceOf(BagFeature.class);
        String yaml = InitRecipe.write(parallel, Optional.of(file.toString()));
        ClickLogConfig data = Binder.bind(ClickLogConfig.class, ConfigTree.parse(section(yaml), "data"), "data");
        assertThat(data.features()).isEqualTo(parallel.features());
    }

    @Test
    void of_historyOfNumbersThatOtherColumnsHoldToo_hasTheTargetThatItIsNamedAfterOrMostLike() throws SQLException {
        Path file = copy(
                "numbers.parquet",
                "SELECT hash(i) % 2 AS click, hash(i, 1) % 500 AS user_id, hash(i, 2) % 100 AS ad_id, 'n' || hash(i, 2) % 8"
                        + " AS brand, hash(i, 3) % 9 AS topic, [hash(i, k) % 100 FOR k IN range(5, 5 + i % 6)] AS history_ads,"
                        + " [hash(i, k) % 9 FOR k IN range(5, 5 + i % 6)] AS history_topics, [hash(k, i) % 100 FOR k IN"
                        + " range(5, 5 + i % 6)] AS before FROM range(2000) t(i)");
        Guess numbers = Guess.of(open(file), "click");
        assertThat(numbers.features())
                .filteredOn(SequenceFeature.class::isInstance)
                .extracting(feature -> feature.name() + " "
                        + ((SequenceFeature) feature).target().orElse("none"))
                .containsExactly("history_ads ad_id", "history_topics topic", "before ad_id");
    }

    @Test
    void write_recipe_bindsToTheSameFeatures() {
        String yaml = InitRecipe.write(guess, Optional.of(parquet.toString()));
        ClickLogConfig data = Binder.bind(ClickLogConfig.class, ConfigTree.parse(section(yaml), "data"), "data");
        assertThat(data.features()).isEqualTo(guess.features());
        assertThat(data.labels()).containsExactly(guess.label());
        assertThat(data.time()).contains("happened_at");
        assertThat(yaml)
                .contains("    # paid: left out, tells the label by itself")
                .contains("model: {kind: din}")
                .contains("# weight: sample_weight");
    }

    @Test
    void write_oddNamesAndLabels_areQuoted() throws SQLException {
        Path file = copy(
                "odd.csv",
                "SELECT CASE WHEN i % 10 = 0 THEN '> 50''K\"' ELSE 'no' END AS \"the label: yes\", i % 7 AS \"a #1\", i % 5"
                        + " AS no FROM range(200) t(i)");
        Guess odd = Guess.of(open(file), "the label: yes");
        String yaml = InitRecipe.write(odd, Optional.of(file.toString()));
        ClickLogConfig data = Binder.bind(ClickLogConfig.class, ConfigTree.parse(section(yaml), "data"), "data");
        assertThat(data.labels()).containsExactly(odd.label());
        assertThat(data.labels().get(0).positive()).containsExactly("> 50'K\"");
        assertThat(data.features()).extracting("name").containsExactly("a #1", "no");
    }

    @Test
    void of_labelsThatAreNone_saysSo() {
        assertThatThrownBy(() -> Guess.of(open(parquet), "clik")).hasMessageContaining("has no column clik to predict");
        assertThatThrownBy(() -> Guess.of(open(parquet), "constant"))
                .hasMessageContaining("is always same: nothing can be learnt");
        assertThatThrownBy(() -> Guess.of(open(parquet), "price")).hasMessageContaining("has more than 20 values");
    }

    private static String section(String yaml) {
        return yaml.substring(yaml.indexOf("data:\n") + 6, yaml.indexOf("\nmodel:"))
                .replaceAll("(?m)^ {2}", "");
    }

    private static void left(String column, String reason) {
        assertThat(guess.decision(column)).hasValueSatisfying(decision -> {
            assertThat(decision.feature()).isEmpty();
            assertThat(decision.reason()).contains(reason);
        });
    }

    private static Object feature(String column) {
        return guess.decision(column).flatMap(Decision::feature).orElseThrow();
    }

    private static FileSource open(Path file) {
        return FileSource.open(SourceConfig.DEFAULT, Optional.of(file.toString()));
    }

    private static Path copy(String name, String query) throws SQLException {
        Path file = folder.resolve(name);
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + query + ") TO '" + file + "'");
        }
        return file;
    }
}
