package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class RowSubsetTest {
    private static final int ROWS = 23;

    /** Every pair of subsets of a small matrix, against going through the rows one by one. */
    @Test
    void copy_anyTwoSubsets_movesTheRowsThatBothHave() {
        Random random = new Random(1);
        for (int trial = 0; trial < 400; trial++) {
            RowSubset into = subset(random);
            RowSubset from = subset(random);
            try (Scope scope = Scope.open()) {
                Tensor target = Tensors.full(-1, DType.FLOAT32, into.count(), 2);
                float[] values = new float[(int) from.count() * 2];
                for (int i = 0; i < from.count(); i++) {
                    values[2 * i] = from.first() + i * from.step();
                }
                into.copy(target, from, Tensors.of(values, from.count(), 2));
                boolean any = false;
                float[] copied = Tensors.toFloats(target);
                for (int i = 0; i < into.count(); i++) {
                    long row = into.first() + i * into.step();
                    boolean both = row >= from.first() && row < from.end() && (row - from.first()) % from.step() == 0;
                    any |= both;
                    assertThat(copied[2 * i]).as("%s of %s", row, from).isEqualTo(both ? (float) row : -1);
                }
                assertThat(into.meets(from)).as("%s and %s", into, from).isEqualTo(any);
            }
        }
    }

    @Test
    void block_ofASubset_isThatPartOfIt() {
        RowSubset rows = new RowSubset(2, 5, ROWS); // 2, 7, 12, 17, 22
        assertThat(rows.count()).isEqualTo(5);
        assertThat(rows.block(1, 3).count()).isEqualTo(3);
        assertThat(rows.block(1, 3).first()).isEqualTo(7);
        assertThat(rows.block(4, 9).count()).isEqualTo(1);
        assertThat(RowSubset.none(ROWS).count()).isZero();
        assertThat(RowSubset.all(ROWS).count()).isEqualTo(ROWS);
    }

    @Test
    void constructor_rowsBelowNoneOrWithoutAStep_areRefused() {
        assertThatThrownBy(() -> new RowSubset(5, 1, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RowSubset(0, 0, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no subset");
    }

    private static RowSubset subset(Random random) {
        int first = random.nextInt(ROWS + 1);
        return new RowSubset(first, 1 + random.nextInt(6), first + random.nextInt(ROWS + 1 - first));
    }
}
