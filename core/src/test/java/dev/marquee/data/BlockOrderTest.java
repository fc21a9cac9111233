package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockOrderTest {
    @ParameterizedTest
    @CsvSource({"0, 4, 8", "1, 4, 8", "16, 4, 8", "103, 4, 8", "103, 10, 1000", "103, 200, 1", "103, 1, 7"})
    void order_anySizes_hasEachRowOnce(int rows, int block, int buffer) {
        int[] order = new BlockOrder(rows, block, buffer, 3, 1).order();

        assertThat(Arrays.stream(order).sorted().toArray())
                .isEqualTo(IntStream.range(0, rows).toArray());
    }

    @Test
    void order_ofAGroup_comesFromAsManyBlocksAsTheBufferHolds() {
        int[] order = new BlockOrder(400, 10, 40, 3, 1).order();

        for (int group = 0; group < 10; group++) {
            Set<Integer> blocks = new HashSet<>();
            for (int i = group * 40; i < group * 40 + 40; i++) {
                blocks.add(order[i] / 10);
            }
            assertThat(blocks).hasSize(4);
        }
    }

    @Test
    void order_ofAnotherEpochOrSeed_isAnotherAndTheSameAgainForTheSame() {
        int[] order = new BlockOrder(400, 10, 40, 3, 1).order();

        assertThat(new BlockOrder(400, 10, 40, 3, 1).order()).isEqualTo(order);
        assertThat(new BlockOrder(400, 10, 40, 3, 2).order()).isNotEqualTo(order);
        assertThat(new BlockOrder(400, 10, 40, 4, 1).order()).isNotEqualTo(order);
    }

    @ParameterizedTest
    @CsvSource({"0, 7", "0, 64", "5, 16", "12, 16"})
    void ahead_whatWasNamedBefore_coversEveryRowThatIsRead(int firstBatch, int batch) {
        BlockOrder order = new BlockOrder(403, 10, 40, 3, 1);
        BitSet named = new BitSet();
        int[] times = new int[403];

        for (int at = firstBatch * batch; at < 403; at += batch) {
            order.ahead(at, at + batch, at == firstBatch * batch, (from, end) -> {
                named.set(from, end);
                for (int row = from; row < end; row++) {
                    times[row]++;
                }
            });
            for (int i = at; i < Math.min(403, at + batch); i++) {
                assertThat(named.get(order.order()[i])).isTrue();
            }
        }
        assertThat(times).doesNotContain(2);
    }
}
