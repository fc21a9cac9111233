package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CategoriesTest {
    @Test
    void categorical_values_haveIdsByCountThenBytes() {
        FeatureSchema schema = Logs.fit(
                Logs.config(Logs.categorical("ad", null, 2, null, null)),
                Logs.labelled("ad", Logs.texts("b", "a", "c", "c", "a", "c", "b", "rare", null, "")));
        assertThat(schema.layout().tables()).containsExactly(new FeatureLayout.Table("ad", 6));
        assertThat(schema.encode(Logs.chunk("ad", Logs.texts("c", "a", "b", "rare", "new", null, "")))
                        .ids())
                .containsExactly(3, 4, 5, Ids.UNKNOWN, Ids.UNKNOWN, Ids.MISSING, Ids.MISSING);
        assertThat(List.of(0, 1, 2, 3, 5).stream().map(id -> schema.value(0, id)))
                .containsExactly("(padding)", "(missing)", "(unknown)", "c", "b");
        assertThatThrownBy(() -> schema.value(0, 6)).hasMessage("there is no id 6: the table has ids 0 to 5");
        assertThatThrownBy(() -> schema.value(1, 3)).hasMessage("there is no categorical feature 1: the layout has 1");
    }

    @Test
    void categorical_maximumIds_keepsTheMostFrequent() {
        FeatureSchema schema = Logs.fit(
                Logs.config(Logs.categorical("ad", null, 1, 1, null)),
                Logs.labelled("ad", Logs.texts("a", "b", "b", "c")));
        assertThat(schema.encode(Logs.chunk("ad", Logs.texts("a", "b"))).ids()).containsExactly(Ids.UNKNOWN, 3);
    }

    @Test
    void categorical_numbers_areTheirCanonicalTextWhateverTheType() {
        FeatureSchema schema = Logs.fit(
                Logs.config(Logs.categorical("n")),
                Logs.labelled("n", Logs.texts("3", "-9223372036854775808", "0", "0.5", "1.0E30")));
        int[] texts = schema.encode(Logs.chunk("n", Logs.texts("3", "-9223372036854775808", "0", "0.5", "1.0E30")))
                .ids();
        assertThat(texts).doesNotContain(Ids.UNKNOWN);
        assertThat(schema.encode(Logs.chunk("n", Logs.doubles(3.0, -0x1p63, -0.0, 0.5, 1e30)))
                        .ids())
                .containsExactly(texts);
        assertThat(schema.encode(Logs.chunk("n", Logs.longs(3L, Long.MIN_VALUE, 0L, 5L, null)))
                        .ids())
                .containsExactly(texts[0], texts[1], texts[2], Ids.UNKNOWN, Ids.MISSING);
    }

    @Test
    void categorical_notANumber_isMissingOrRefused() {
        RawColumn bad = Logs.doubles(1, Double.NaN, Double.POSITIVE_INFINITY);
        FeatureSchema schema = Logs.fit(Logs.config(Logs.categorical("n")), Logs.labelled("n", Logs.longs(1L, 2L)));
        assertThat(schema.encode(Logs.chunk("n", bad)).ids()).containsExactly(3, Ids.MISSING, Ids.MISSING);
        assertThatThrownBy(() -> Logs.fit(Logs.config(true, Logs.categorical("n")), Logs.labelled("n", bad)))
                .isInstanceOf(RowException.class)
                .hasMessage("clicks.csv, row 2, column n: NaN is no value of a category");
    }

    @Test
    void strict_unknownCategoriesAndNulls_areAllowed() {
        FeatureSchema schema =
                Logs.fit(Logs.config(true, Logs.categorical("n")), Logs.labelled("n", Logs.texts("a", "b")));
        assertThat(schema.encode(Logs.chunk("n", Logs.texts("x", null))).ids())
                .containsExactly(Ids.UNKNOWN, Ids.MISSING);
    }

    @Test
    void hash_value_isThreePlusTheHashModuloBuckets() {
        FeatureSchema schema = Logs.fit(
                Logs.config(Logs.categorical("ad", null, 1, null, 1000)), Logs.labelled("ad", Logs.texts("x", "y")));
        assertThat(schema.layout().tables()).containsExactly(new FeatureLayout.Table("ad", 1003));
        int abc = 3 + (int) Long.remainderUnsigned(0x44BC2CF5AD770999L, 1000);
        int letterA = 3 + (int) Long.remainderUnsigned(0xD24EC4F1A98C6E5BL, 1000);
        assertThat(schema.encode(Logs.chunk("ad", Logs.texts("abc", "a", null))).ids())
                .containsExactly(abc, letterA, Ids.MISSING);
        assertThat(schema.value(0, abc)).isEqualTo("(hash " + (abc - 3) + ")");
        assertThat(schema.blobs()).isEmpty();
    }

    @Test
    void sharedTable_vocabulary_isLearntOverAllFeatures() {
        FeatureSchema schema = Logs.fit(
                Logs.config(
                        Logs.categorical("from", "city", 2, null, null), Logs.categorical("to", "city", 2, null, null)),
                Logs.labelled("from", Logs.texts("Ulm", "Bonn"), "to", Logs.texts("Ulm", "Kiel")));
        assertThat(schema.layout().tables()).containsExactly(new FeatureLayout.Table("city", 4));
        assertThat(schema.layout().fields())
                .containsExactly(new FeatureLayout.Field("from", 0), new FeatureLayout.Field("to", 0));
        RawChunk rows = Logs.chunk("from", Logs.texts("Ulm"), "to", Logs.texts("Bonn"));
        assertThat(schema.encode(rows).ids()).containsExactly(3, Ids.UNKNOWN);
    }

    @Test
    void sequence_target_sharesItsTable() {
        FeatureSchema schema = Logs.fit(
                Logs.config(Logs.sequence("clicked", "ad", 3, SequenceFeature.Keep.LAST), Logs.categorical("ad")),
                Logs.labelled("clicked", Logs.texts("a|b", "b"), "ad", Logs.texts("c", "c")));
        assertThat(schema.layout().tables()).containsExactly(new FeatureLayout.Table("ad", 6));
        assertThat(schema.layout().sequences())
                .containsExactly(new FeatureLayout.Sequence("clicked", 0, 3, 0, "history"));
        EncodedChunk encoded = schema.encode(Logs.chunk("clicked", Logs.texts("a|c"), "ad", Logs.texts("b")));
        assertThat(Logs.row(encoded.lists().get(0), 0)).containsExactly(5, 4);
        assertThat(encoded.ids()).containsExactly(3);
    }

    @Test
    void categorical_listColumn_isRefused() {
        assertThatThrownBy(() -> Logs.fit(
                        Logs.config(Logs.categorical("tags")),
                        Logs.labelled("tags", Logs.lists(List.of("a"), List.of()))))
                .isInstanceOf(RowException.class)
                .hasMessage("clicks.csv, column tags holds lists, but a categorical feature needs one value: use kind"
                        + " bag or sequence");
    }

    @Test
    void missingColumn_isRefusedWithTheNearestName() {
        SchemaConfig config = Logs.config(Logs.categorical("device"), Logs.dense("age", DenseEncoding.RAW));
        RawChunk rows = Logs.labelled("device", Logs.texts("a", "b"), "age", Logs.longs(1L, 2L));
        FeatureSchema schema = Logs.fit(config, rows);
        RawChunk renamed = Logs.chunk("devise", Logs.texts("a"), "age", Logs.longs(1L));
        assertThatThrownBy(() -> schema.encode(renamed))
                .isInstanceOf(RowException.class)
                .hasMessage("clicks.csv has no column device: did you mean devise?; it has devise, age");
        assertThatThrownBy(() -> schema.encode(Logs.chunk("device", Logs.texts("a"))))
                .hasMessage("clicks.csv has no column age; it has device");
        assertThatThrownBy(() -> Logs.fit(config, Logs.chunk("device", Logs.texts("a"), "age", Logs.longs(1L))))
                .hasMessage("clicks.csv has no column click; it has device, age");
    }

    @Test
    void columns_ofAConfig_areAllThatAreRead() {
        SchemaConfig config = new SchemaConfig(
                List.of(Logs.categorical("a"), Logs.bag("b", 3, "b1", "b2"), Logs.dense("c", DenseEncoding.RAW)),
                List.of(LabelConfig.of("click")),
                Optional.of("w"),
                Optional.of("a"),
                Optional.of("t"),
                false);
        assertThat(config.columns()).containsExactly("a", "b1", "b2", "c", "click", "w", "t");
    }
}
