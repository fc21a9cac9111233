package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.schema.SequenceFeature.Keep;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** In all tests, the values a, b, c and d have the ids 3, 4, 5 and 6. */
class ListsTest {
    private static final String[] FOUR = {"a", "b", "c", "d"};

    @Test
    void bag_textWithSeparators_leavesOutWhatIsEmpty() {
        EncodedChunk.Lists lists = encode(Logs.bag("x", 3), Logs.texts("a|b", "", null, "d||c|", "|", "new|a|b|c"));
        assertThat(lists.offsets()).containsExactly(0, 2, 2, 2, 4, 4, 7);
        assertThat(lists.ids()).containsExactly(3, 4, 6, 5, Ids.UNKNOWN, 3, 4);
    }

    @Test
    void sequence_textWithSeparators_keepsThePlacesOfWhatIsEmpty() {
        EncodedChunk.Lists lists =
                encode(Logs.sequence("x", null, 3, Keep.LAST), Logs.texts("a||c", "a|b|c|d", "", "|", "d"));
        assertThat(Logs.row(lists, 0)).containsExactly(3, Ids.MISSING, 5);
        assertThat(Logs.row(lists, 1)).containsExactly(4, 5, 6);
        assertThat(Logs.row(lists, 2)).isEmpty();
        assertThat(Logs.row(lists, 3)).containsExactly(Ids.MISSING, Ids.MISSING);
        assertThat(Logs.row(lists, 4)).containsExactly(6);
    }

    @Test
    void sequence_keepFirst_cutsTheEnd() {
        EncodedChunk.Lists lists = encode(Logs.sequence("x", null, 2, Keep.FIRST), Logs.texts("d|c|b|a"));
        assertThat(lists.ids()).containsExactly(6, 5);
    }

    @Test
    void lists_elements_areReadLikeTexts() {
        RawColumn column = Logs.lists(List.of("a", "b", "c"), List.of(), null, Arrays.asList("d", null, ""));
        EncodedChunk.Lists bag = encode(Logs.bag("x", 2), column);
        assertThat(bag.offsets()).containsExactly(0, 2, 2, 2, 3);
        assertThat(bag.ids()).containsExactly(3, 4, 6);
        EncodedChunk.Lists sequence = encode(Logs.sequence("x", null, 2, Keep.LAST), column);
        assertThat(sequence.offsets()).containsExactly(0, 2, 2, 2, 4);
        assertThat(sequence.ids()).containsExactly(4, 5, Ids.MISSING, Ids.MISSING);
    }

    @Test
    void separator_ofSeveralLetters_isTakenLiterally() {
        BagFeature feature = new BagFeature(
                "x",
                List.of(),
                ".*",
                Optional.empty(),
                1,
                Optional.empty(),
                Optional.empty(),
                9,
                BagFeature.Pooling.SUM);
        FeatureSchema schema =
                Logs.fit(Logs.config(feature), Logs.labelled("x", Logs.texts("a.*b", "a.*b.*.c", ".*", ".")));
        // a and b twice, "." and ".c" once
        EncodedChunk encoded = schema.encode(Logs.chunk("x", Logs.texts("b.*a", "..*.c", "a.b", "a.*.*b")));
        assertThat(encoded.lists().get(0).ids()).containsExactly(4, 3, 5, 6, Ids.UNKNOWN, 3, 4);
    }

    @Test
    void severalColumns_nulls_areLeftOutAndTheOrderIsKept() {
        FeatureSchema bag = fitThree(Logs.bag("x", 2, "p", "q", "r"));
        FeatureSchema sequence = fitThree(Logs.sequence("x", null, 2, Keep.LAST, "p", "q", "r"));
        RawChunk rows = Logs.chunk(
                "p", Logs.texts("a", "a", null, ""),
                "q", Logs.texts("b", null, null, "b"),
                "r", Logs.texts("c", "c", null, null));
        EncodedChunk.Lists first = bag.encode(rows).lists().get(0);
        assertThat(first.offsets()).containsExactly(0, 2, 4, 4, 5);
        assertThat(first.ids()).containsExactly(3, 4, 3, 5, 4);
        EncodedChunk.Lists last = sequence.encode(rows).lists().get(0);
        assertThat(last.offsets()).containsExactly(0, 2, 4, 4, 5);
        assertThat(last.ids()).containsExactly(4, 5, 3, 5, 4);
    }

    @Test
    void severalColumns_aText_isNotCutAtSeparators() {
        FeatureSchema schema = fitThree(Logs.bag("x", 3, "p", "q", "r"));
        RawChunk rows = Logs.chunk("p", Logs.texts("a|b"), "q", Logs.texts(new String[] {null}), "r", Logs.texts("c"));
        assertThat(schema.encode(rows).lists().get(0).ids()).containsExactly(Ids.UNKNOWN, 5);
    }

    @Test
    void numberColumn_ofAList_isAListOfOne() {
        FeatureSchema schema = Logs.fit(Logs.config(Logs.bag("x", 3)), Logs.labelled("x", Logs.longs(7L, 7L, 8L)));
        EncodedChunk.Lists lists = schema.encode(Logs.chunk("x", Logs.doublesWithNulls(8.0, null)))
                .lists()
                .get(0);
        assertThat(lists.offsets()).containsExactly(0, 1, 1);
        assertThat(lists.ids()).containsExactly(4);
    }

    @Test
    void sequence_ofAHundredThousand_isCut() {
        String[] values = new String[100_000];
        Arrays.fill(values, "a");
        values[99_999] = "d";
        SequenceFeature feature = Logs.sequence("x", null, 4, Keep.LAST);
        assertThat(encode(feature, Logs.texts(String.join("|", values))).ids()).containsExactly(3, 3, 3, 6);
        assertThat(encode(feature, Logs.lists(Arrays.asList(values))).ids()).containsExactly(3, 3, 3, 6);
    }

    @Test
    void vocabulary_ofLists_countsWhatIsKept() {
        FeatureSchema schema = Logs.fit(
                Logs.config(Logs.sequence("x", null, 1, Keep.LAST)), Logs.labelled("x", Logs.texts("a|a|a|b", "a|c")));
        assertThat(schema.layout().tables()).containsExactly(new FeatureLayout.Table("x", 5));
    }

    @Test
    void severalColumns_ofLists_areRefused() {
        SchemaConfig config = Logs.config(Logs.bag("x", 3, "p", "q"));
        RawChunk rows = Logs.labelled("p", Logs.lists(List.of("a"), null), "q", Logs.texts("a", "b"));
        assertThatThrownBy(() -> Logs.fit(config, rows))
                .isInstanceOf(RowException.class)
                .hasMessage("clicks.csv, column p holds lists, but of several columns each must hold one value");
    }

    @Test
    void lists_ofLists_areRefused() {
        RawColumn nested = new RawColumn.Lists(new int[] {0, 1, 1}, null, Logs.lists(List.of("a")));
        assertThatThrownBy(() -> Logs.fit(Logs.config(Logs.bag("x", 3)), Logs.labelled("x", nested)))
                .hasMessage("clicks.csv, column x's lists holds lists, but one value an element is needed");
    }

    private static EncodedChunk.Lists encode(FeatureConfig feature, RawColumn asked) {
        FeatureSchema schema = Logs.fit(Logs.config(feature), Logs.labelled("x", Logs.texts(FOUR)));
        return schema.encode(Logs.chunk("x", asked)).lists().get(0);
    }

    private static FeatureSchema fitThree(FeatureConfig feature) {
        return Logs.fit(
                Logs.config(feature),
                Logs.labelled(
                        "p", Logs.texts("a", "b", null),
                        "q", Logs.texts("b", "a", null),
                        "r", Logs.texts(null, null, "c")));
    }
}
