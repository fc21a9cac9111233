package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class StoredRowsTest {
    private static final int WIDTH = 6;

    @Test
    void toFloat_allHalves_areWhatTheEngineReads() {
        try (Scope scope = Scope.open()) {
            Tensor halves = Tensors.empty(DType.FLOAT16, 1 << 16);
            for (int i = 0; i < 1 << 16; i++) {
                Tensors.bytes(halves).putShort(2 * i, (short) i);
            }
            float[] expected = Tensors.toFloats(halves);
            float[] found = new float[1 << 16];
            StoredRows.of(halves.view(1, 1 << 16)).get(0, found, 0);

            assertThat(found).isEqualTo(expected);
        }
    }

    @Test
    void round_halves_stayWhateverIsDrawn() {
        for (int half = 0; half < 1 << 16; half++) {
            float value = HalfRows.toFloat((short) half);
            if (!Float.isNaN(value)) {
                assertThat(HalfRows.round(value, 0)).isEqualTo((short) half);
                assertThat(HalfRows.round(value, 0xFFFF)).isEqualTo((short) half);
            }
        }
    }

    @Test
    void round_numbersBetweenHalves_areRightOnAverage() {
        for (float value : new float[] {0.3001f, -0.3001f, 1.0003f, 3.3e-5f, -1e-8f, 6.1e-5f, 1234.567f}) {
            double sum = 0;
            for (int random = 0; random < 1 << 16; random++) {
                sum += HalfRows.toFloat(HalfRows.round(value, random));
            }
            assertThat(sum / (1 << 16)).isCloseTo(value, within(Math.abs(value) * 2e-5 + 1e-12));
        }
    }

    @Test
    void round_numbersThatHalvesCannotHold_becomeTheLargestOrStayNoNumbers() {
        assertThat(HalfRows.toFloat(HalfRows.round(1e6f, 0))).isEqualTo(65_504);
        assertThat(HalfRows.toFloat(HalfRows.round(-65_519, 0xFFFF))).isEqualTo(-65_504);
        assertThat(HalfRows.toFloat(HalfRows.round(Float.NEGATIVE_INFINITY, 1))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(HalfRows.toFloat(HalfRows.round(Float.NaN, 1))).isNaN();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT16", "INT8"})
    void put_whatWasRead_changesNothing(DType type) {
        try (Scope scope = Scope.open()) {
            StoredRows rows = rows(type, 40);
            float[] before = fill(rows, 40);
            for (int row = 0; row < 40; row++) {
                rows.put(row, before, row * WIDTH, Draws.bits(7, 1, row));
            }

            assertThat(all(rows, 40)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "INT8"})
    void put_changesFarBelowTheDistanceOfTwoNumbers_areMadeOnAverage(DType type) {
        int count = 4000;
        float change = 1e-5f; // numbers near 0.3 are 2.4e-4 apart in half precision, 2.4e-3 as integers up to 0.3
        try (Scope scope = Scope.open()) {
            StoredRows rows = rows(type, count);
            float[] row = new float[WIDTH];
            for (int i = 0; i < count; i++) {
                rows.put(i, new float[] {0.3f, 0.2f, 0.1f, -0.1f, -0.2f, -0.3f}, 0, Draws.bits(1, 0, i));
            }
            double[] before = means(rows, count);
            for (int step = 1; step <= 100; step++) {
                for (int i = 0; i < count; i++) {
                    rows.get(i, row, 0);
                    for (int k = 0; k < WIDTH; k++) {
                        row[k] += change;
                    }
                    rows.put(i, row, 0, Draws.bits(1, step, i));
                }
            }
            double[] after = means(rows, count);
            for (int k = 0; k < WIDTH; k++) {
                // The deviation of the mean: at most half a distance, 10 times by chance, over 4000 rows.
                assertThat(after[k] - before[k]).isCloseTo(100 * change, within(type == DType.INT8 ? 6e-4 : 6e-5));
            }
        }
    }

    @Test
    void put_int8_errsByLessThanAStepOfTheLargestValue() {
        try (Scope scope = Scope.open()) {
            StoredRows rows = rows(DType.INT8, 500);
            Random random = new Random(3);
            float[] row = new float[WIDTH];
            float[] read = new float[WIDTH];
            for (int i = 0; i < 500; i++) {
                float largest = 0;
                for (int k = 0; k < WIDTH; k++) {
                    row[k] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-20, 20)));
                    largest = Math.max(largest, Math.abs(row[k]));
                }
                rows.put(i, row, 0, Draws.bits(1, 1, i));
                rows.get(i, read, 0);
                for (int k = 0; k < WIDTH; k++) {
                    assertThat(read[k]).isCloseTo(row[k], within(largest / 127 * 1.01f));
                }
            }
        }
    }

    @Test
    void put_int8OfZerosAndOfNoNumbers_readsAsSuch() {
        try (Scope scope = Scope.open()) {
            StoredRows rows = rows(DType.INT8, 2);
            rows.put(0, new float[WIDTH], 0, 5);
            rows.put(1, new float[] {1, 2, Float.NaN, 0, 0, 0}, 0, 5);
            float[] row = new float[WIDTH];
            rows.get(0, row, 0);
            assertThat(row).containsOnly(0);
            rows.get(1, row, 0);
            assertThat(row).containsOnly(Float.NaN);
        }
    }

    @Test
    void memory_rowsInSeveralPieces_areFoundInOrder() {
        try (Scope scope = Scope.open()) {
            float[] values = new float[7 * 3];
            for (int i = 0; i < values.length; i++) {
                values[i] = i;
            }
            RowPieces memory = RowPieces.of(Tensors.of(values, 7, 3), 3, 30); // two rows a piece
            assertThat(memory.pieces()).hasSize(4);
            for (int row = 0; row < 7; row++) {
                float first = memory.pieces()[memory.piece(row)].asFloatBuffer().get(memory.start(row));
                assertThat(first).isEqualTo(row * 3);
            }
        }
    }

    @Test
    void of_othersThanRowsOfSuchTypes_isRefused() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> StoredRows.of(Tensors.zeros(DType.FLOAT64, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("rows are read from FLOAT32 or FLOAT16, not from [2, 3] FLOAT64");
            assertThatThrownBy(() -> StoredRows.of(Tensors.zeros(DType.INT8, 2, 3), Tensors.zeros(DType.BFLOAT16, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("rows with scales are [rows, width] INT8 and [rows] BFLOAT16, not [2, 3] INT8 and"
                            + " [3] BFLOAT16");
        }
    }

    private static StoredRows rows(DType type, int count) {
        Tensor values = Tensors.zeros(type, count, WIDTH);
        return type == DType.INT8 ? StoredRows.of(values, Tensors.zeros(DType.BFLOAT16, count)) : StoredRows.of(values);
    }

    /** Writes random rows; returns what was kept. */
    private static float[] fill(StoredRows rows, int count) {
        Random random = new Random(1);
        float[] row = new float[WIDTH];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < WIDTH; k++) {
                row[k] = (float) random.nextGaussian();
            }
            rows.put(i, row, 0, Draws.bits(1, 0, i));
        }
        return all(rows, count);
    }

    private static float[] all(StoredRows rows, int count) {
        float[] values = new float[count * WIDTH];
        for (int i = 0; i < count; i++) {
            rows.get(i, values, i * WIDTH);
        }
        return values;
    }

    private static double[] means(StoredRows rows, int count) {
        double[] means = new double[WIDTH];
        float[] values = all(rows, count);
        for (int i = 0; i < values.length; i++) {
            means[i % WIDTH] += values[i] / (double) count;
        }
        return means;
    }
}
