package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RowStreamTest {
    private static final FakeSchemas.Fake SCHEMA = new FakeSchemas.Fake("{}");

    @Test
    void next_batchesAcrossChunks_giveRowsAndTheirKeys() {
        List<Integer> all = new ArrayList<>();
        try (RowStream stream =
                RowStream.open(SCHEMA, FakeRows.of(10, 50), List.of("t", "c", "seq", "w", "x"), 16, 2)) {
            assertThatThrownBy(stream::keys)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("there is no batch: call next() first");
            for (Batch batch = stream.next(); batch != null; batch = stream.next()) {
                List<Integer> rows = FakeBatches.check(batch);
                all.addAll(rows);
                check(stream.keys(), rows);
            }
        }

        assertThat(all).isEqualTo(IntStream.range(10, 60).boxed().toList());
    }

    @Test
    void next_withoutOutcomes_givesUnknownLabelsAndNeitherGroupsNorTimes() {
        FakeRows bare = new FakeRows("new.csv", 0, 20, 7, List.of("x", "c", "tags", "seq"));
        try (RowStream stream = RowStream.open(SCHEMA, bare, List.of(), 16, 1)) {
            Batch batch = Objects.requireNonNull(stream.next());

            assertThat(FakeBatches.checkFeatures(batch)).hasSize(16);
            assertThat(Tensors.toFloats(batch.target())).hasSize(16).containsOnly(Float.NaN);
            assertThat(Tensors.toFloats(Objects.requireNonNull(batch.weights())))
                    .containsOnly(1);
            assertThat(batch.groups()).isNull();
            assertThat(batch.times()).isNull();
            assertThat(stream.keys().rows()).isEqualTo(16);
            assertThat(stream.keys().columns()).isEmpty();
        }
    }

    @Test
    void open_missingColumn_isRefused() {
        FakeRows bare = new FakeRows("new.csv", 0, 20, 7, List.of("x", "tags", "seq"));

        assertThatThrownBy(() -> RowStream.open(SCHEMA, bare, List.of("id"), 16, 1))
                .isInstanceOf(DataException.class)
                .hasMessage("new.csv has no column \"c\", \"id\", only x, tags, seq");
    }

    @Test
    void next_refusedRow_givesTheBatchesBeforeItAndThenItsMessage() {
        try (RowStream stream = RowStream.open(SCHEMA, FakeRows.of(646, 50), List.of(), 4, 1)) {
            assertThat(FakeBatches.check(Objects.requireNonNull(stream.next()))).containsExactly(646, 647, 648, 649);
            assertThatThrownBy(() -> {
                        while (stream.next() != null) {
                            // Until the row that is refused.
                        }
                    })
                    .isInstanceOf(DataException.class)
                    .hasMessage("rows.csv, row 21: column x is refused");
        }
    }

    @Test
    void open_badNumbers_saysWhatIsAllowed() {
        assertThatThrownBy(() -> RowStream.open(SCHEMA, FakeRows.of(0, 5), List.of(), 0, 1))
                .hasMessage("the batch size must be at least 1, not 0");
        assertThatThrownBy(() -> RowStream.open(SCHEMA, FakeRows.of(0, 5), List.of(), 1, 0))
                .hasMessage("the number of batches to prefetch must be at least 1, not 0");
    }

    private static void check(RawChunk keys, List<Integer> rows) {
        assertThat(keys.rows()).isEqualTo(rows.size());
        assertThat(keys.columns().keySet()).containsExactly("t", "c", "seq", "w", "x");
        assertThat(keys.firstRow()).isEqualTo(rows.get(0) - 9);
        RawColumn.Lists sequences = (RawColumn.Lists) Objects.requireNonNull(keys.column("seq"));
        RawColumn.Texts texts = (RawColumn.Texts) Objects.requireNonNull(keys.column("c"));
        for (int i = 0; i < rows.size(); i++) {
            int x = rows.get(i);
            assertThat(((RawColumn.Longs) Objects.requireNonNull(keys.column("t"))).value(i))
                    .isEqualTo(FakeRows.time(x));
            assertThat(((RawColumn.Doubles) Objects.requireNonNull(keys.column("w"))).value(i))
                    .isEqualTo(x % 3 + 0.5);
            assertThat(texts.isNull(i)).isEqualTo(x % 11 == 0);
            assertThat(texts.value(i)).isEqualTo(x % 11 == 0 ? "" : "c" + x % 7);
            List<Integer> sequence = new ArrayList<>();
            for (int j = sequences.offset(i); j < sequences.offset(i + 1); j++) {
                sequence.add((int) ((RawColumn.Longs) sequences.elements()).value(j));
            }
            assertThat(sequence.stream().mapToInt(Integer::intValue))
                    .containsExactly(IntStream.of(FakeRows.sequence(x)).boxed().toArray(Integer[]::new));
        }
    }
}
