package dev.marquee.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What members exchange through shared memory; they are threads of this process, connected as processes are. */
@Timeout(240)
class GroupExchangesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void exchanges_ofSeveralMembers_areRightAndHaveTheSameBitsWhoeverComesFirst(int size) {
        List<List<String>> bits = ThreadGroups.sharingMemory(size, GroupWorker::all);
        assertThat(bits).hasSize(size).containsOnly(bits.get(0));
    }

    /** Of each element, whether all added it up or one member for all. */
    @ParameterizedTest
    @ValueSource(ints = {5, 40_000, 1_000_000})
    void sum_ofFour_addsInTheOrderOfTheRanks(int elements) {
        List<float[]> sums = ThreadGroups.sharingMemory(4, group -> {
            try (Scope scope = Scope.open()) {
                Tensor values = Tensors.of(values(group.rank(), elements));
                group.sum(values);
                return Tensors.toFloats(values);
            }
        });
        float[] expected = values(0, elements);
        for (int rank = 1; rank < 4; rank++) {
            float[] own = values(rank, elements);
            for (int i = 0; i < elements; i++) {
                expected[i] += own[i];
            }
        }
        sums.forEach(sum -> assertThat(sum).isEqualTo(expected));
    }

    /** More than the memory holds at a time, and more messages than its directory. */
    @Test
    void startSum_manyThatAreNotAwaited_goOnAndWaitForRoom() {
        ThreadGroups.sharingMemory(3, group -> {
            try (Scope scope = Scope.open()) {
                List<Tensor> values = new ArrayList<>();
                List<Group.Exchange> exchanges = new ArrayList<>();
                for (int i = 0; i < 700; i++) {
                    values.add(Tensors.full(i + group.rank(), DType.FLOAT32, i % 100 == 0 ? 1_000_000 : 10));
                    exchanges.add(group.startSum(values.get(i)));
                }
                for (int i = values.size() - 1; i >= 0; i--) {
                    exchanges.get(i).await();
                    assertThat(Tensors.toFloats(values.get(i))).containsOnly(3 * i + 3);
                    assertThat(exchanges.get(i).complete()).isTrue();
                }
            }
            return 0;
        });
    }

    @Test
    void gather_rowsOfDifferentKinds_namesTheRanks() {
        assertThatThrownBy(() -> ThreadGroups.sharingMemory(2, group -> {
                    try (Scope scope = Scope.open()) {
                        return group.gather(Tensors.zeros(group.rank() == 0 ? DType.FLOAT32 : DType.INT64, 3, 2));
                    }
                }))
                .isInstanceOf(GroupException.class)
                .hasMessageMatching(
                        "all members must gather rows of one kind: rank . has .* bytes, .*, rank . another kind");
    }

    @Test
    void sum_ofDifferentSizes_namesTheRanks() {
        assertThatThrownBy(() -> ThreadGroups.sharingMemory(2, group -> {
                    try (Scope scope = Scope.open()) {
                        group.sum(Tensors.zeros(DType.FLOAT32, 3 + group.rank()));
                        return 0;
                    }
                }))
                .isInstanceOf(GroupException.class)
                .hasMessageMatching("all members must sum the same values: rank . has . of FLOAT32, rank . others");
    }

    private static float[] values(int rank, int elements) {
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) Math.sin(i * 1.7 + rank) * (1 << (rank * 5));
        }
        return values;
    }
}
