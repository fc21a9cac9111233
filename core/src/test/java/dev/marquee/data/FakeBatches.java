package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.schema.Ids;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Reads batches of {@link FakeRows}, and checks everything in them against the rows' numbers. */
final class FakeBatches {
    private FakeBatches() {}

    /** The rows of all batches, which is closed. */
    static List<List<Integer>> read(BatchStream opened) {
        List<List<Integer>> all = new ArrayList<>();
        try (BatchStream stream = opened) {
            for (Batch batch = stream.next(); batch != null; batch = stream.next()) {
                all.add(check(batch));
            }
            assertThat(stream.next()).isNull();
            assertThat(stream.waitedNanos()).isNotNegative();
        }
        return all;
    }

    /** The rows of all batches, one after the other. */
    static List<Integer> rows(BatchStream opened) {
        return read(opened).stream().flatMap(List::stream).toList();
    }

    /** Checks a batch with labels, weights, groups and times. */
    static List<Integer> check(Batch batch) {
        List<Integer> rows = checkFeatures(batch);
        float[] labels = Tensors.toFloats(batch.target());
        float[] weights = Tensors.toFloats(Objects.requireNonNull(batch.weights()));
        long[] groups = Objects.requireNonNull(batch.groups());
        long[] times = Objects.requireNonNull(batch.times());
        assertThat(Tensors.describe(batch.target())).isEqualTo("[" + batch.size() + ", 1] FLOAT32");
        assertThat(weights).hasSize(batch.size());
        assertThat(groups).hasSize(batch.size());
        assertThat(times).hasSize(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            int x = rows.get(i);
            assertThat(labels[i]).isEqualTo(x % 2);
            assertThat(weights[i]).isEqualTo(x % 3 + 0.5f);
            assertThat(groups[i]).isEqualTo(x / 4);
            assertThat(times[i]).isEqualTo(FakeRows.time(x));
        }
        return rows;
    }

    /** Checks numbers, ids, bag and sequence. */
    static List<Integer> checkFeatures(Batch batch) {
        int size = batch.size();
        assertThat(batch.inputs()).containsOnlyKeys("dense", "ids", "bag.tags", "sequence.seq");
        assertThat(Tensors.describe(batch.input("dense"))).isEqualTo("[" + size + ", 2] FLOAT32");
        assertThat(Tensors.describe(batch.input("ids"))).isEqualTo("[" + size + ", 1] INT32");
        float[] dense = Tensors.toFloats(batch.input("dense"));
        long[] ids = Tensors.toLongs(batch.input("ids"));
        List<Integer> rows = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int x = (int) dense[2 * i];
            assertThat(dense[2 * i + 1]).isEqualTo(-x);
            assertThat(ids[i]).isEqualTo(x % 11 == 0 ? Ids.MISSING : Ids.FIRST + x % 7);
            rows.add(x);
        }
        checkList(batch, "bag.tags", rows.stream().map(FakeRows::tags).toList());
        checkList(batch, "sequence.seq", rows.stream().map(FakeRows::sequence).toList());
        return rows;
    }

    private static void checkList(Batch batch, String name, List<int[]> expected) {
        int longest = Math.max(
                1, expected.stream().mapToInt(list -> list.length).max().orElse(0));
        assertThat(Tensors.describe(batch.input(name))).isEqualTo("[" + batch.size() + ", " + longest + "] INT32");
        assertThat(Tensors.toLongs(batch.input(name)))
                .isEqualTo(expected.stream()
                        .flatMapToLong(list ->
                                Arrays.stream(Arrays.copyOf(list, longest)).asLongStream())
                        .toArray());
    }
}
