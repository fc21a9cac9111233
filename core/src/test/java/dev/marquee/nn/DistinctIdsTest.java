package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class DistinctIdsTest {
    @Test
    void of_twoColumnsOfTwoTables_numbersRowsInOrderOfFirstOccurrence() {
        try (Scope scope = Scope.open()) {
            DistinctIds ids = DistinctIds.of(List.of(part(List.of(0, 10), 3, 4, 3, 5, 2, 4)));

            assertThat(Tensors.toLongs(ids.rows())).containsExactly(0, 3, 14, 15, 2);
            assertThat(Tensors.toLongs(ids.positions(0))).containsExactly(1, 2, 1, 3, 4, 2);
            assertThat(ids.count()).isEqualTo(5);
        }
    }

    @Test
    void of_idZero_isPaddingWhateverTheTable() {
        try (Scope scope = Scope.open()) {
            DistinctIds ids = DistinctIds.of(List.of(part(List.of(0, 10), 0, 0), part(List.of(20), 0, 1, 0)));

            assertThat(Tensors.toLongs(ids.rows())).containsExactly(0, 21);
            assertThat(Tensors.toLongs(ids.positions(0))).containsExactly(0, 0);
            assertThat(Tensors.toLongs(ids.positions(1))).containsExactly(0, 1, 0);
        }
    }

    @Test
    void of_sameRowInTwoParts_hasOnePosition() {
        try (Scope scope = Scope.open()) {
            DistinctIds ids = DistinctIds.of(List.of(part(List.of(5), 1, 2), part(List.of(4), 3, 2)));

            assertThat(Tensors.toLongs(ids.rows())).containsExactly(0, 6, 7);
            assertThat(Tensors.toLongs(ids.positions(1))).containsExactly(2, 1);
        }
    }

    @Test
    void of_manyIdsThenFew_agreesWithASearch() {
        Random random = new Random(7);
        for (int count : new int[] {60_000, 5, 2_000, 1}) {
            int[] numbers = random.ints(count, 0, 30_000).toArray();
            try (Scope scope = Scope.open()) {
                DistinctIds ids = DistinctIds.of(List.of(part(List.of(0), numbers)));
                long[] rows = Tensors.toLongs(ids.rows());
                long[] positions = Tensors.toLongs(ids.positions(0));

                assertThat(rows).doesNotHaveDuplicates();
                List<Long> shown = new ArrayList<>();
                List<Long> expected = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    shown.add(rows[(int) positions[i]]);
                    expected.add((long) numbers[i]);
                }
                assertThat(shown).isEqualTo(expected);
            }
        }
    }

    @Test
    void of_largestRow_fits() {
        try (Scope scope = Scope.open()) {
            DistinctIds ids = DistinctIds.of(List.of(part(List.of(Integer.MAX_VALUE - 1), 1)));

            assertThat(Tensors.toLongs(ids.rows())).containsExactly(0, Integer.MAX_VALUE);
        }
    }

    @Test
    void of_negativeId_isRefused() {
        try (Scope scope = Scope.open()) {
            List<DistinctIds.Part> parts = List.of(part(List.of(0), 3, -2));
            assertThatThrownBy(() -> DistinctIds.of(parts))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("ids must be at least 0, not -2");
        }
    }

    static DistinctIds.Part part(List<Integer> offsets, int... ids) {
        Tensor tensor = Tensors.empty(DType.INT32, ids.length / offsets.size(), offsets.size());
        Tensors.bytes(tensor).asIntBuffer().put(ids);
        return new DistinctIds.Part(tensor, offsets);
    }
}
