package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Two growing tables of three fixed rows each, at 0 to 5, so that the first row that appears is row 6. */
class GrowingRowsTest {
    private static final int WIDTH = 4;
    private static final int FIXED = 6;
    private static final int USER = 0;
    private static final int AD = 1;
    private static final int UNKNOWN_USER = 2;
    private static final int UNKNOWN_AD = 5;

    @Test
    void train_untilTheThirdOccurrence_isUnknown() {
        try (Sample sample = new Sample(3, Long.MAX_VALUE)) {
            GrowingRows rows = sample.rows;
            assertThat(rows.train(USER, 70, 0)).isEqualTo(UNKNOWN_USER);
            assertThat(rows.train(AD, 70, 0)).isEqualTo(UNKNOWN_AD);
            assertThat(rows.train(USER, 70, 0)).isEqualTo(UNKNOWN_USER);
            assertThat(rows.inUse()).isZero();
            assertThat(rows.waiting()).isEqualTo(2);
            assertThat(rows.train(USER, 70, 0)).isEqualTo(FIXED);
            assertThat(rows.train(USER, 70, 0)).isEqualTo(FIXED);
            assertThat(rows.train(AD, 70, 0)).isEqualTo(UNKNOWN_AD);
            assertThat(rows.train(AD, 70, 0)).isEqualTo(FIXED + 1);
            assertThat(rows.inUse()).isEqualTo(2);
            assertThat(rows.waiting()).isZero();
        }
    }

    @Test
    void find_idWithoutARow_isUnknownAndNotCounted() {
        try (Sample sample = new Sample(2, Long.MAX_VALUE)) {
            for (int i = 0; i < 5; i++) {
                assertThat(sample.rows.find(AD, 9)).isEqualTo(UNKNOWN_AD);
            }
            assertThat(sample.rows.waiting()).isZero();
            sample.rows.train(AD, 9, 0);
            assertThat(sample.rows.find(AD, 9)).isEqualTo(UNKNOWN_AD);
            sample.rows.train(AD, 9, 0);
            assertThat(sample.rows.find(AD, 9)).isEqualTo(FIXED);
            assertThat(sample.rows.find(USER, 9)).isEqualTo(UNKNOWN_USER);
        }
    }

    @Test
    void evict_idsNotSeenForLongerThanTwoDays_loseTheirRowsToTheNextIds() {
        try (Sample sample = new Sample(1, 2)) {
            GrowingRows rows = sample.rows;
            GrowingTensor remembered = sample.pool.companion(DType.FLOAT32, true);
            rows.train(USER, 3, 10);
            rows.train(USER, 4, 11);
            rows.train(USER, 5, 12);
            rows.train(USER, 3, 13);
            rows.train(USER, 4, 9); // earlier rows of the log may come later
            for (int row = 0; row < 3; row++) {
                remembered.numbers().set(row, row + 1);
            }
            rows.evict(true); // 13 - 11 = 2 days are not more than 2
            assertThat(rows.inUse()).isEqualTo(3);
            rows.train(USER, 3, 14);
            rows.evict(true); // 14 - 11 = 3
            assertThat(rows.inUse()).isEqualTo(2);
            assertThat(rows.find(USER, 3)).isEqualTo(FIXED);
            assertThat(rows.find(USER, 4)).isEqualTo(UNKNOWN_USER);
            assertThat(rows.find(USER, 5)).isEqualTo(FIXED + 2);
            assertThat(sample.row(1)).containsOnly(0);

            assertThat(rows.train(AD, 8, 14)).isEqualTo(FIXED + 1);
            assertThat(sample.row(1)).doesNotContain(0);
            assertThat(Tensors.toDoubles(remembered.tensor())).containsExactly(1, 0, 3);
            assertThat(rows.train(AD, 9, 14)).isEqualTo(FIXED + 3);
            sample.pool.drop(remembered);
        }
    }

    @Test
    void evict_idsThatWaitForARow_areForgottenToo() {
        try (Sample sample = new Sample(2, 2)) {
            sample.rows.train(USER, 3, 10);
            sample.rows.train(USER, 4, 13);
            sample.rows.evict(true);
            assertThat(sample.rows.waiting()).isEqualTo(1);
            assertThat(sample.rows.train(USER, 3, 13)).isEqualTo(UNKNOWN_USER);
            assertThat(sample.rows.train(USER, 4, 13)).isEqualTo(FIXED);
        }
    }

    @Test
    void evict_notAtOnce_happensOnceADayOfTheLog() {
        try (Sample sample = new Sample(1, 20, 10)) { // a day has 10 ticks
            GrowingRows rows = sample.rows;
            rows.train(USER, 3, 100);
            rows.evict(false);
            rows.train(USER, 4, 109);
            rows.evict(false);
            rows.train(USER, 4, 121);
            rows.evict(false); // 21 ticks without id 3
            assertThat(rows.inUse()).isEqualTo(1);
            rows.train(USER, 5, 121);
            rows.train(USER, 6, 130);
            rows.train(USER, 6, 142);
            rows.evict(false); // a day and more
            assertThat(rows.inUse()).isEqualTo(1);
        }
    }

    @Test
    void train_anotherOrderOfIds_givesEachTheSameFirstValues() {
        try (Sample one = new Sample(1, Long.MAX_VALUE);
                Sample two = new Sample(1, Long.MAX_VALUE)) {
            for (int id = 3; id < 300; id++) {
                one.rows.train(AD, id, 0);
                two.rows.train(AD, 302 - id, 0);
            }
            for (int id = 3; id < 300; id++) {
                assertThat(one.row(one.rows.find(AD, id) - FIXED)).isEqualTo(two.row(two.rows.find(AD, id) - FIXED));
            }
        }
    }

    @Test
    void train_manyIds_drawsValuesOfTheInitializersMeanAndDeviation() {
        try (Sample sample = new Sample(1, Long.MAX_VALUE)) {
            for (int id = 3; id < 5003; id++) {
                sample.rows.train(USER, id, 0);
            }
            double[] values = Tensors.toDoubles(sample.pool.values().tensor());
            double sum = 0;
            double squares = 0;
            for (double value : values) {
                sum += value;
                squares += value * value;
            }
            assertThat(values).hasSize(5000 * WIDTH);
            assertThat(sum / values.length).isBetween(-0.02, 0.02); // three standard errors of 0.5 / √20000
            assertThat(Math.sqrt(squares / values.length)).isBetween(0.49, 0.51);
        }
    }

    @Test
    void train_idsThatOccurOnce_takeNoRows() {
        try (Sample sample = new Sample(2, Long.MAX_VALUE)) {
            long before = sample.pool.bytes();
            for (int id = 3; id < 20_003; id++) {
                sample.rows.train(USER, 100_000 * id, 0);
            }
            assertThat(sample.rows.inUse()).isZero();
            assertThat(sample.pool.bytes()).isEqualTo(before);
        }
    }

    @Test
    void train_stream_keepsRoomForAtMostTwiceTheRowsInUse() {
        try (Sample sample = new Sample(1, 1)) {
            for (int day = 0; day < 30; day++) {
                int ids = day < 15 ? 1000 : 100;
                for (int id = 0; id < ids; id++) {
                    sample.rows.train(USER, 3 + day * 1000 + id, day);
                }
                sample.rows.evict(false);
                assertThat(sample.rows.inUse()).isLessThanOrEqualTo(3000);
            }
            assertThat(sample.rows.inUse()).isEqualTo(200);
            // What is shown of 4 float32 each, with room for twice the highest place in use.
            assertThat(sample.pool.values().rows()).isLessThanOrEqualTo(3000);
            assertThat(sample.pool.bytes()).isLessThanOrEqualTo(2L * 3000 * WIDTH * Float.BYTES);
        }
    }

    @Test
    void load_savedState_goesOnAsTheOneThatWasSaved() {
        try (Sample one = new Sample(2, 3);
                Sample two = new Sample(2, 3)) {
            drive(one.rows, 0, 400);
            try (Scope scope = Scope.open()) {
                Map<String, Tensor> saved = copy(one.parameters.state());
                drive(two.rows, 0, 90); // what was there before is gone
                two.parameters.load(saved, "test");
            }
            assertSame(one, two);
            drive(one.rows, 400, 900);
            drive(two.rows, 400, 900);
            assertSame(one, two);
            assertThat(one.rows.inUse()).isGreaterThan(5);
        }
    }

    @Test
    void load_damagedState_isRefusedAndChangesNothing() {
        try (Sample sample = new Sample(1, 3);
                Scope scope = Scope.open()) {
            drive(sample.rows, 0, 100);
            Map<String, Tensor> saved = copy(sample.parameters.state());
            Map<String, Tensor> twice = new HashMap<>(saved);
            twice.put(
                    "growing.rows.user",
                    Tensors.zeros(DType.INT32, saved.get("growing.rows.user").size(0)));
            assertThatThrownBy(() -> sample.parameters.load(twice, "x.safetensors"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "x.safetensors is damaged: the ids, rows and times of table user contradict each other");
            Map<String, Tensor> fewer = new HashMap<>(saved);
            fewer.put("growing.weight.embedding", Tensors.zeros(DType.FLOAT32, 1, WIDTH));
            assertThatThrownBy(() -> sample.parameters.load(fewer, "x.safetensors"))
                    .hasMessageStartingWith("x.safetensors is damaged: growing.weight.embedding with 1 rows");
            Map<String, Tensor> narrow = new HashMap<>(saved);
            narrow.put("growing.weight.embedding", Tensors.zeros(DType.FLOAT32, 1, 3));
            assertThatThrownBy(() -> sample.parameters.load(narrow, "x.safetensors"))
                    .hasMessageContaining("growing.weight.embedding: is [1, 3] FLOAT32; the model needs ");
            Map<String, Tensor> now = sample.parameters.state();
            saved.forEach((name, tensor) ->
                    assertThat(tensor.equal(now.get(name))).as(name).isTrue());
        }
    }

    @Test
    void gather_rowsOfBothKinds_givesTheirValuesInTheOrderOfTheIds() {
        try (Sample sample = new Sample(1, Long.MAX_VALUE);
                Scope scope = Scope.open()) {
            Tensor ids = Tensors.empty(DType.INT32, 2, 2);
            Tensors.bytes(ids).asIntBuffer().put(new int[] {2, 50, 0, 50});
            DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(
                    ids,
                    List.of(0, 3),
                    (row, column, id) -> id < 3 ? column * 3 + id : sample.rows.train(column, id, 0))));
            assertThat(Tensors.toLongs(distinct.rows())).containsExactly(0, 2, 6);
            double[] shown =
                    Tensors.toDoubles(sample.table.embed(distinct, sample.table.gather(distinct, Mode.EVALUATION), 0));
            double[] known = Tensors.toDoubles(sample.table.weight().select(0, 2));
            assertThat(Arrays.copyOfRange(shown, 0, 4)).isEqualTo(known);
            assertThat(Arrays.copyOfRange(shown, 4, 8)).isEqualTo(sample.row(0));
            assertThat(Arrays.copyOfRange(shown, 8, 12)).containsOnly(0);
            assertThat(Arrays.copyOfRange(shown, 12, 16)).isEqualTo(sample.row(0));
        }
    }

    /** Ids that come, come again and stay away, a day every fifty occurrences. */
    private static void drive(GrowingRows rows, int from, int to) {
        for (int i = from; i < to; i++) {
            rows.train(i % 2, 3 + i / 40 + i * 7 % 11, i / 50);
            rows.evict(false);
        }
    }

    private static void assertSame(Sample one, Sample two) {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> first = copy(one.parameters.state());
            Map<String, Tensor> second = two.parameters.state();
            assertThat(first.keySet()).isEqualTo(second.keySet());
            first.forEach((name, tensor) ->
                    assertThat(tensor.equal(second.get(name))).as(name).isTrue());
        }
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> state) {
        Map<String, Tensor> copies = new HashMap<>();
        state.forEach((name, tensor) -> copies.put(name, tensor.clone()));
        return copies;
    }

    /** The tables under test. */
    private static final class Sample implements AutoCloseable {
        private final Parameters parameters = Parameters.create(DType.FLOAT32);
        private final GrowingRows rows;
        private final EmbeddingTable table;
        private final RowPool pool;

        Sample(int admitAfter, long evictAfter) {
            this(admitAfter, evictAfter, 1);
        }

        Sample(int admitAfter, long evictAfter, long day) {
            Engine.seed(7);
            rows = parameters
                    .root()
                    .growing(
                            List.of(
                                    new GrowingRows.Table("user", UNKNOWN_USER, admitAfter, evictAfter, day),
                                    new GrowingRows.Table("ad", UNKNOWN_AD, admitAfter, evictAfter, day)),
                            FIXED);
            table = parameters
                    .root()
                    .child("embedding")
                    .tables(
                            List.of(new EmbeddingTable.Slice("user", 3), new EmbeddingTable.Slice("ad", 3)),
                            WIDTH,
                            Initializer.normal(0.5),
                            rows);
            pool = table.pool().orElseThrow();
        }

        double[] row(int row) {
            return Tensors.toDoubles(pool.values().tensor().select(0, row));
        }

        @Override
        public void close() {
            parameters.close();
        }
    }
}
