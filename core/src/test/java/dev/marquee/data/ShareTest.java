package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShareTest {
    @Test
    void share_anySizes_coverTheBatchInOrderAndDifferByOneAtMost() {
        for (int world = 1; world < 9; world++) {
            for (int size = 0; size < 20; size++) {
                int next = 0;
                for (int rank = 0; rank < world; rank++) {
                    Share share = new Share(rank, world);
                    assertThat(share.from(size)).isEqualTo(next);
                    assertThat(share.count(size)).isBetween(size / world, size / world + 1);
                    next = share.end(size);
                }
                assertThat(next).isEqualTo(size);
            }
        }
    }

    @Test
    void share_ofNoReader_isRefused() {
        assertThatThrownBy(() -> new Share(2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not 2 of 2");
    }

    /** 11 pictures in batches of 4: the last has 3, of which the first of four readers gets none. */
    @Test
    void loader_sharesOfPictures_areEachBatchDividedInOrder() {
        byte[] pixels = new byte[11];
        byte[] labels = new byte[11];
        for (int i = 0; i < 11; i++) {
            labels[i] = (byte) i;
        }
        PictureSet set = PictureSet.of(pixels, labels, 1, 1, 11);
        List<Long> together = new ArrayList<>();
        List<Integer> lastSizes = new ArrayList<>();
        for (int rank = 0; rank < 4; rank++) {
            try (Loader loader =
                    Loader.open(set, Order.sequential(11), new Share(rank, 4), 4, 0, /* readers= */ 2, 2)) {
                int size = -1;
                for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
                    size = batch.size();
                    assertThat(batch.input(Batch.PICTURE).size(0)).isEqualTo(size);
                    for (long label : Tensors.toLongs(batch.target())) {
                        together.add(label);
                    }
                }
                lastSizes.add(size);
            }
        }
        assertThat(lastSizes).containsExactly(0, 1, 1, 1);
        assertThat(together).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
    }
}
