package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LabelsTest {
    private static final float NONE = Float.NaN;

    @Test
    void label_zerosAndOnes_areReadFromAnyType() {
        assertThat(labels(Logs.longs(0L, 1L, null))).containsExactly(0, 1, NONE);
        assertThat(labels(Logs.doubles(0, 1, -0.0, Double.NaN))).containsExactly(0, 1, 0, NONE);
        assertThat(labels(Logs.texts("0", "1", "true", "FALSE", "1.0", "", null)))
                .containsExactly(0, 1, 1, 0, 1, NONE, NONE);
    }

    @Test
    void label_otherValues_areRefusedWithAHint() {
        assertThatThrownBy(() -> labels(Logs.longs(1L, 4L, 5L, 4L, 3L)))
                .isInstanceOf(RowException.class)
                .hasMessage("clicks.csv, row 2, column click: the label click must be 0, 1, true or false, but the"
                        + " column holds 4, 5, 3: list the values that count as 1 under the label's key positive");
        assertThatThrownBy(() -> labels(Logs.texts("yes", "no", "a", "b", "c", "d")))
                .hasMessageContaining("the column holds \"yes\", \"no\", \"a\", \"b\", \"c\", …: list");
        assertThatThrownBy(() -> labels(Logs.lists(List.of("1"))))
                .hasMessage("clicks.csv, column click holds lists, but the label click needs one value");
    }

    @Test
    void label_positive_saysWhatCountsAsOne() {
        SchemaConfig config = config(new LabelConfig("liked", Optional.of("rating"), List.of("4", "5")), null);
        FeatureSchema schema = Logs.fit(config, rows("rating", Logs.longs(1L, 4L, 5L, 2L, null)));
        assertThat(schema.layout().labels()).containsExactly(new FeatureLayout.Label("liked", 0.5));
        assertThat(schema.encode(rows("rating", Logs.texts("5", "3", "04", ""))).labels())
                .containsExactly(1, 0, 0, NONE);
        assertThat(schema.encode(rows("rating", Logs.doubles(5.0, 3.5, 4, Double.NaN)))
                        .labels())
                .containsExactly(1, 0, 1, NONE);
    }

    @Test
    void label_absentInEncode_isUnknown() {
        FeatureSchema schema = Logs.fit(config(LabelConfig.of("click"), "w"), weighted("1", "1"));
        EncodedChunk encoded = schema.encode(rows("other", Logs.longs(1L, 2L)));
        assertThat(encoded.labels()).containsExactly(NONE, NONE);
        assertThat(encoded.weights()).isNull();
        assertThat(encoded.groups()).isNull();
        assertThat(encoded.times()).isNull();
    }

    @Test
    void fit_constantLabel_isRefused() {
        assertThatThrownBy(() -> fit(Logs.longs(0L, 0L, null)))
                .isInstanceOf(RowException.class)
                .hasMessage("every row has click = 0: nothing to learn (2 training rows); name another label, or"
                        + " give more rows");
        assertThatThrownBy(() -> fit(Logs.longs(1L))).hasMessageContaining("every row has click = 1: nothing to learn");
        SchemaConfig positive = config(new LabelConfig("click", Optional.empty(), List.of("x", "y")), null);
        assertThatThrownBy(() -> Logs.fit(positive, rows("click", Logs.texts("a", "b"))))
                .hasMessage(
                        "every row has click = 0: nothing to learn (2 training rows; positive: x, y); name another label,"
                                + " or give more rows");
    }

    @Test
    void fit_noRows_isRefused() {
        assertThatThrownBy(() ->
                        SchemaFitter.of(config(LabelConfig.of("click"), null)).fit())
                .isInstanceOf(RowException.class)
                .hasMessage("there are no training rows: nothing to learn; look at the files and at the split");
        assertThatThrownBy(() -> fit(Logs.longs(null, null)))
                .hasMessage("none of the 2 training rows has a label: nothing to learn from the columns [click]");
    }

    @Test
    void fit_rowsNotSelectedOrWithoutLabel_teachNothing() {
        SchemaFitter fitter = SchemaFitter.of(Logs.config(Logs.categorical("x"), Logs.dense("y", DenseEncoding.RAW)));
        fitter.add(
                Logs.chunk(
                        "x", Logs.texts("a", "b", "c", "d"),
                        "y", Logs.longs(1L, 3L, 50L, 60L),
                        "click", Logs.texts("0", "1", "", "spoilt")),
                new boolean[] {true, true, true, false});
        FeatureSchema schema = fitter.fit();
        EncodedChunk encoded =
                schema.encode(Logs.chunk("x", Logs.texts("a", "b", "c", "d"), "y", Logs.longs(0L, 70L, 2L, 2L)));
        assertThat(encoded.ids()).containsExactly(3, 4, Ids.UNKNOWN, Ids.UNKNOWN);
        assertThat(encoded.dense()).containsExactly(1, 3, 2, 2);
    }

    @Test
    void fit_twice_isRefused() {
        SchemaFitter fitter = SchemaFitter.of(config(LabelConfig.of("click"), null));
        fitter.add(rows("click", Logs.longs(0L, 1L)), new boolean[] {true, true});
        fitter.fit();
        assertThatThrownBy(fitter::fit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> fitter.add(rows("click", Logs.longs(0L)), new boolean[1]))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void add_wrongNumberOfChoices_isRefused() {
        SchemaFitter fitter = SchemaFitter.of(config(LabelConfig.of("click"), null));
        assertThatThrownBy(() -> fitter.add(rows("click", Logs.longs(0L, 1L)), new boolean[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 choices for 2 rows: give one a row");
    }

    @Test
    void severalLabels_aRowWithOne_counts() {
        SchemaConfig config = new SchemaConfig(
                List.of(Logs.categorical("x")),
                List.of(LabelConfig.of("click"), LabelConfig.of("buy")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
        RawChunk rows = Logs.chunk(
                "x", Logs.texts("a", "a", "a", "b"),
                "click", Logs.longs(1L, 1L, 0L, null),
                "buy", Logs.longs(1L, 0L, null, 0L));
        FeatureSchema schema = Logs.fit(config, rows);
        assertThat(schema.layout().labels())
                .containsExactly(new FeatureLayout.Label("click", 2 / 3.0), new FeatureLayout.Label("buy", 1 / 3.0));
        assertThat(schema.encode(rows).labels()).containsExactly(1, 1, 1, 0, 0, NONE, NONE, 0);
        RawChunk none =
                Logs.chunk("x", Logs.texts("a", "a"), "click", Logs.longs(1L, 0L), "buy", Logs.longs(null, null));
        assertThatThrownBy(() -> Logs.fit(config, none))
                .hasMessage("no training row has a label buy: column buy is empty; name another");
    }

    @Test
    void baseRate_isByWeight() {
        FeatureSchema schema = Logs.fit(config(LabelConfig.of("click"), "w"), weighted("3", "1"));
        assertThat(schema.layout().labels().get(0).baseRate()).isCloseTo(0.25, within(1e-12));
        assertThat(schema.encode(weighted("0", "2.5")).weights()).containsExactly(0, 2.5f);
        assertThatThrownBy(() -> Logs.fit(config(LabelConfig.of("click"), "w"), weighted("0", "1")))
                .hasMessage("every row with a weight above 0 has click = 1: nothing to learn");
        assertThatThrownBy(() -> Logs.fit(config(LabelConfig.of("click"), "w"), weighted("0", "0")))
                .hasMessage("every row with a label click has the weight 0: nothing to learn");
    }

    @Test
    void weight_notAFiniteNumberOfAtLeastZero_isAlwaysRefused() {
        SchemaConfig config = config(LabelConfig.of("click"), "w");
        FeatureSchema schema = Logs.fit(config, weighted("1", "1"));
        for (String bad : Arrays.asList("-1", "x", "", null, "1e39", "NaN")) {
            String shown = bad == null ? "null" : "\"" + bad + "\"";
            String message = "clicks.csv, row 2, column w: a weight must be a finite number of at least 0, not " + shown
                    + ": weights are never guessed; correct it, or leave the row out";
            assertThatThrownBy(() -> Logs.fit(config, weighted("1", bad)))
                    .isInstanceOf(RowException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> schema.encode(weighted("1", bad))).hasMessage(message);
        }
    }

    @Test
    void group_isTheHashOfTheCanonicalText() {
        SchemaConfig config = sides(Optional.of("user"), Optional.empty());
        FeatureSchema schema = Logs.fit(config, rows("click", Logs.longs(0L, 1L), "user", Logs.longs(1L, 2L)));
        long three = hash("3");
        assertThat(schema.encode(rows("user", Logs.longs(3L, null))).groups()).containsExactly(three, hash(""));
        assertThat(schema.encode(rows("user", Logs.doubles(3))).groups()).containsExactly(three);
        assertThat(schema.encode(rows("user", Logs.texts("3", "", null, "abc"))).groups())
                .containsExactly(three, hash(""), hash(""), 0x44BC2CF5AD770999L);
    }

    @Test
    void time_isANumberOrMicroseconds() {
        FeatureSchema schema = timed();
        assertThat(schema.encode(rows("t", Logs.longs(5L, Long.MAX_VALUE))).times())
                .containsExactly(5, Long.MAX_VALUE);
        assertThat(schema.encode(rows("t", Logs.doubles(2.5, -2.5, 1e300))).times())
                .containsExactly(2, -3, Long.MAX_VALUE);
        assertThat(schema.encode(rows(
                                "t", Logs.texts("123456789012345678", "-4.5", "1970-01-02", "1970-01-01 00:00:01")))
                        .times())
                .containsExactly(123456789012345678L, -5, 86_400_000_000L, 1_000_000);
    }

    @Test
    void time_whatIsNone_isRefused() {
        FeatureSchema schema = timed();
        assertThatThrownBy(() -> schema.encode(rows("t", Logs.texts("1970-01-02", "yesterday"))))
                .isInstanceOf(RowException.class)
                .hasMessage("clicks.csv, row 2, column t: \"yesterday\" is no time: a number, or a date such as"
                        + " 2024-01-31 or 2024-01-31T18:05:00Z, is needed; correct it, or leave the row out");
        for (RawColumn bad :
                List.of(Logs.texts("true"), Logs.texts(""), Logs.longs(new Long[] {null}), Logs.doubles(Double.NaN))) {
            assertThatThrownBy(() -> schema.encode(rows("t", bad))).hasMessageContaining("is no time");
        }
    }

    private static FeatureSchema timed() {
        return Logs.fit(
                sides(Optional.empty(), Optional.of("t")), rows("click", Logs.longs(0L, 1L), "t", Logs.longs(1L, 2L)));
    }

    private static SchemaConfig sides(Optional<String> group, Optional<String> time) {
        return new SchemaConfig(
                List.of(Logs.categorical("x")), List.of(LabelConfig.of("click")), Optional.empty(), group, time, false);
    }

    private static SchemaConfig config(LabelConfig label, @Nullable String weight) {
        return new SchemaConfig(
                List.of(Logs.categorical("x")),
                List.of(label),
                Optional.ofNullable(weight),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    private static RawChunk weighted(@Nullable String zero, @Nullable String one) {
        return rows("click", Logs.longs(0L, 1L), "w", Logs.texts(zero, one));
    }

    private static RawChunk rows(Object... columns) {
        int rows = ((RawColumn) columns[1]).rows();
        String[] values = new String[rows];
        Arrays.fill(values, "a");
        Object[] all = Arrays.copyOf(columns, columns.length + 2);
        all[columns.length] = "x";
        all[columns.length + 1] = Logs.texts(values);
        return Logs.chunk(all);
    }

    private static FeatureSchema fit(RawColumn clicks) {
        return Logs.fit(config(LabelConfig.of("click"), null), rows("click", clicks));
    }

    private static float[] labels(RawColumn clicks) {
        FeatureSchema schema = fit(Logs.longs(0L, 1L));
        return schema.encode(rows("click", clicks)).labels();
    }

    private static long hash(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return XxHash64.hash(bytes, 0, bytes.length);
    }
}
