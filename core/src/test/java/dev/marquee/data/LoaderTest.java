package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class LoaderTest {
    private static final PictureSet SET = numbered(10);

    @Test
    void next_sequentialOrder_givesPicturesTargetsAndALastPartialBatch() {
        try (Loader loader = Loader.open(SET, Order.sequential(10), 4, 0, 1, 2)) {
            Batch first = Objects.requireNonNull(loader.next());
            assertThat(first.size()).isEqualTo(4);
            assertThat(Tensors.describe(first.input(Batch.PICTURE))).isEqualTo("[4, 1, 2] FLOAT32");
            assertThat(Tensors.describe(first.target())).isEqualTo("[4] INT64");
            assertThat(Tensors.toFloats(first.input(Batch.PICTURE)))
                    .containsExactly(0, 0, 1 / 255f, 2 / 255f, 2 / 255f, 4 / 255f, 3 / 255f, 6 / 255f);
            assertThat(Tensors.toLongs(first.target())).containsExactly(0, 1, 2, 3);

            assertThat(Tensors.toLongs(Objects.requireNonNull(loader.next()).target()))
                    .containsExactly(4, 5, 6, 7);

            Batch last = Objects.requireNonNull(loader.next());
            assertThat(last.size()).isEqualTo(2);
            assertThat(Tensors.describe(last.input(Batch.PICTURE))).isEqualTo("[2, 1, 2] FLOAT32");
            assertThat(Tensors.toFloats(last.input(Batch.PICTURE)))
                    .containsExactly(8 / 255f, 16 / 255f, 9 / 255f, 18 / 255f);
            assertThat(Tensors.toLongs(last.target())).containsExactly(8, 9);

            assertThat(loader.next()).isNull();
            assertThat(loader.next()).isNull();
            assertThat(loader.batches()).isEqualTo(3);
            assertThat(loader.waitedNanos()).isNotNegative();
        }
    }

    @Test
    void next_anyOrder_isFollowed() {
        assertThat(targets(SET, new int[] {3, 3, 9, 0}, 3, 0, 1, 1)).containsExactly(List.of(3L, 3L, 9L), List.of(0L));
    }

    @Test
    void next_batchLargerThanAll_givesOneBatch() {
        assertThat(targets(SET, new int[] {5, 6}, 1_000_000_000, 0, 2, 3)).containsExactly(List.of(5L, 6L));
    }

    @Test
    void next_emptyOrder_givesNone() {
        assertThat(targets(SET, new int[0], 4, 0, 1, 1)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 4", "8, 2", "4, 100"})
    void next_manyReaders_givesWhatOneGives(int readers, int prefetch) {
        PictureSet set = numbered(250);
        int[] order = Order.shuffled(250, 3, 1);

        assertThat(targets(set, order, 7, 0, readers, prefetch)).isEqualTo(targets(set, order, 7, 0, 1, 1));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "17", "35", "36"})
    void open_firstBatch_resumesInTheMiddle(int firstBatch) {
        PictureSet set = numbered(250);
        int[] order = Order.shuffled(250, 3, 1);

        List<List<Long>> all = targets(set, order, 7, 0, 1, 4);

        assertThat(targets(set, order, 7, firstBatch, 3, 4)).isEqualTo(all.subList(firstBatch, all.size()));
    }

    @Test
    void next_longEpoch_usesTheSameMemoryOverAndOver() {
        Set<Long> addresses = new HashSet<>();
        try (Loader loader = Loader.open(numbered(250), Order.sequential(250), 3, 0, 2, 4)) {
            for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
                addresses.add(address(batch));
            }
        }

        assertThat(addresses).hasSizeBetween(1, 5);
    }

    @Test
    void next_manyEpochs_doesNotGrowNativeMemory() {
        PictureSet set = PictureSet.of(new byte[2000 * 784], new byte[2000], 28, 28, 10);
        run(set, 10);
        long before = Engine.residentBytes();

        // 100 epochs of 4 buffers of 1.5 MB: 600 MB would leak.
        run(set, 100);

        assertThat(Engine.residentBytes() - before).isLessThan(150L << 20);
    }

    @Test
    void next_failingReader_givesTheBatchesBeforeItAndThenItsMessage() {
        Loader.Assembler failing = (first, count, pictures, targets) -> {
            if (first >= 6) {
                throw new IllegalStateException("sample " + first + " is broken");
            }
            for (int i = 0; i < count; i++) {
                targets.put(i, first + i);
            }
        };
        try (Loader loader = Loader.open(failing, new int[] {100, 1, 1}, 2, 0, 3, 4)) {
            for (int i = 0; i < 3; i++) {
                assertThat(Tensors.toLongs(Objects.requireNonNull(loader.next()).target()))
                        .containsExactly(2L * i, 2L * i + 1);
            }
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(loader::next)
                        .isInstanceOf(DataException.class)
                        .hasMessage("batch 3 could not be assembled: sample 6 is broken")
                        .hasCauseInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void close_inTheMiddle_stopsAllThreads() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch running = new CountDownLatch(3);
        Loader.Assembler recording = (first, count, pictures, targets) -> {
            synchronized (threads) {
                if (!threads.contains(Thread.currentThread())) {
                    threads.add(Thread.currentThread());
                    running.countDown();
                }
            }
            // Each of the three readers gets one batch before any gets a second.
            awaitQuietly(running);
        };
        Loader loader = Loader.open(recording, new int[] {1000, 1, 1}, 1, 0, 3, 3);
        running.await();

        loader.close();
        loader.close();

        assertThat(threads).hasSize(3).allSatisfy(thread -> {
            assertThat(thread.isAlive()).isFalse();
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getName()).startsWith("marquee-reader-");
        });
        assertThatThrownBy(loader::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the loader is closed");
    }

    @Test
    void open_slowConsumer_readsAheadNoMoreThanAllowed() throws InterruptedException {
        AtomicInteger assembled = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(4);
        Loader.Assembler counting = (first, count, pictures, targets) -> {
            assembled.incrementAndGet();
            full.countDown();
        };
        try (Loader loader = Loader.open(counting, new int[] {1000, 1, 1}, 1, 0, 2, 3)) {
            full.await();
            assertThat(loader.next()).isNotNull();

            assertThat(assembled).hasValue(4);
        }
    }

    @Test
    void next_interrupted_stopsWaiting() {
        CountDownLatch never = new CountDownLatch(1);
        Loader loader =
                Loader.open((first, count, pictures, targets) -> awaitQuietly(never), new int[] {10, 1, 1}, 1, 0, 1, 1);
        Thread.currentThread().interrupt();

        assertThatThrownBy(loader::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("interrupted while waiting for batch 0");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(loader.waitedNanos()).isPositive();
        never.countDown();
        loader.close();
    }

    @Test
    void open_badArguments_saysWhatIsAllowed() {
        int[] order = Order.sequential(10);
        refused(order, 0, 0, 1, 1, "the batch size must be at least 1, not 0");
        refused(order, 4, 0, 0, 1, "the number of readers must be at least 1, not 0");
        refused(order, 4, 0, 1, 0, "the number of batches to prefetch must be at least 1, not 0");
        refused(order, 4, 4, 1, 1, "the first batch must be 0 to 3, as 10 samples make 3 batches of 4, not 4");
        refused(order, 4, -1, 1, 1, "the first batch must be 0 to 3, as 10 samples make 3 batches of 4, not -1");
        refused(new int[] {0, 10}, 4, 0, 1, 1, "index 1 is 10, but there are 10 pictures: allowed are 0 to 9");
        assertThatThrownBy(() -> Loader.open(
                        (first, count, pictures, targets) -> {}, new int[] {1_000_000, 28, 28}, 900_000, 0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a batch of 900000 pictures of 28 × 28 takes 2822400000 bytes, more than the 2 GiB allowed:"
                        + " lower data.batch_size");
    }

    private static void refused(int[] order, int batchSize, int firstBatch, int readers, int prefetch, String message) {
        assertThatThrownBy(() -> Loader.open(SET, order, batchSize, firstBatch, readers, prefetch))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void run(PictureSet set, int epochs) {
        for (int epoch = 0; epoch < epochs; epoch++) {
            try (Loader loader = Loader.open(set, Order.sequential(set.size()), 500, 0, 2, 4)) {
                while (loader.next() != null) {
                    // Only the memory matters.
                }
            }
        }
    }

    private static List<List<Long>> targets(
            PictureSet set, int[] order, int batchSize, int firstBatch, int readers, int prefetch) {
        List<List<Long>> targets = new ArrayList<>();
        try (Loader loader = Loader.open(set, order, batchSize, firstBatch, readers, prefetch)) {
            for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
                float[] pixels = Tensors.toFloats(batch.input(Batch.PICTURE));
                long[] labels = Tensors.toLongs(batch.target());
                for (int i = 0; i < labels.length; i++) {
                    assertThat(pixels[2 * i])
                            .as("the picture belongs to its label")
                            .isEqualTo(labels[i] / 255f);
                }
                targets.add(Arrays.stream(labels).boxed().toList());
            }
        }
        return targets;
    }

    private static long address(Batch batch) {
        try (Scope scope = Scope.open()) {
            return batch.target().data_ptr().address();
        }
    }

    /** Pictures of one row and two columns; picture i has label i and the pixels i and 2i (modulo 256). */
    private static PictureSet numbered(int size) {
        byte[] pixels = new byte[size * 2];
        byte[] labels = new byte[size];
        for (int i = 0; i < size; i++) {
            labels[i] = (byte) i;
            pixels[2 * i] = (byte) i;
            pixels[2 * i + 1] = (byte) (2 * i);
        }
        return PictureSet.of(pixels, labels, 1, 2, 256);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
