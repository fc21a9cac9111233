package dev.marquee.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for whom; the scorer is one that can be held up. */
@Timeout(30)
class ScoringQueueTest {
    private static final long LATER = TimeUnit.MINUTES.toNanos(10);

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());

    @Test
    void submit_whileTheScorerIsBusy_scoresSmallRequestsThatGatherTogether() {
        try (ScoringQueue queue = queue(20)) {
            List<CompletableFuture<Scores>> answers = new ArrayList<>(List.of(submit(queue, 1, LATER)));
            await(begun);
            for (int rows : new int[] {5, 6, 32, 20, 2000, 33, 32, 32, 32, 32, 32, 32, 32, 32, 32}) {
                answers.add(submit(queue, rows, LATER));
            }
            released.countDown();
            assertThat(answers.stream().map(CompletableFuture::join).map(Scores::rows))
                    .containsExactly(1, 5, 6, 32, 20, 2000, 33, 32, 32, 32, 32, 32, 32, 32, 32, 32);
            // More than 32 rows go alone; together go at most 256.
            assertThat(batches).containsExactly(1, 4, 1, 1, 8, 1);
        }
    }

    @Test
    void submit_moreThanMayWait_isShedAndTheOthersAreAnswered() {
        try (ScoringQueue queue = queue(2)) {
            CompletableFuture<Scores> first = submit(queue, 1, LATER);
            await(begun);
            CompletableFuture<Scores> second = submit(queue, 1, LATER);
            queue.requireRoom();
            CompletableFuture<Scores> third = submit(queue, 1, LATER);
            assertThatThrownBy(queue::requireRoom)
                    .isInstanceOfSatisfying(
                            RequestException.class, e -> assertThat(e.status()).isEqualTo(429));
            assertThatThrownBy(() -> submit(queue, 1, LATER))
                    .isInstanceOfSatisfying(
                            RequestException.class, e -> assertThat(e.status()).isEqualTo(429));
            released.countDown();
            CompletableFuture.allOf(first, second, third).join();
        }
    }

    @Test
    void submit_moreRowsThanMayWait_isShed() {
        try (ScoringQueue queue = queue(10)) {
            CompletableFuture<Scores> first = submit(queue, 1, LATER);
            await(begun);
            CompletableFuture<Scores> large = submit(queue, 200_000, LATER);
            assertThatThrownBy(() -> submit(queue, 1, LATER)).isInstanceOf(RequestException.class);
            released.countDown();
            assertThat(large.join().rows()).isEqualTo(200_000);
            assertThat(first.join().rows() + submit(queue, 2, LATER).join().rows())
                    .isEqualTo(3);
        }
    }

    @Test
    void submit_deadlineThatPasses_isRefusedWithoutBeingScored() {
        try (ScoringQueue queue = queue(2)) {
            CompletableFuture<Scores> first = submit(queue, 1, LATER);
            await(begun);
            CompletableFuture<Scores> late = submit(queue, 1, -1);
            CompletableFuture<Scores> third = submit(queue, 7, LATER);
            released.countDown();
            assertThatThrownBy(late::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            RequestException.class, e -> assertThat(e.status()).isEqualTo(504));
            assertThat(first.join().rows() + third.join().rows()).isEqualTo(8);
            assertThat(batches).containsExactly(1, 1);
        }
    }

    @Test
    void close_withRequestsWaiting_answersThemFirst() {
        List<CompletableFuture<Scores>> answers = new ArrayList<>();
        try (ScoringQueue queue = queue(10)) {
            answers.add(submit(queue, 1, LATER));
            await(begun);
            answers.add(submit(queue, 2, LATER));
            answers.add(submit(queue, 3, LATER));
            released.countDown();
        }
        assertThat(answers).allSatisfy(answer -> assertThat(answer).isCompleted());
    }

    private ScoringQueue queue(int capacity) {
        return new ScoringQueue(
                requests -> {
                    begun.countDown();
                    await(released);
                    batches.add(requests.size());
                    return requests.stream()
                            .map(request -> new Scores(List.of("click"), request.rows(), new float[request.rows()]))
                            .toList();
                },
                1,
                capacity,
                new ServerMetrics("m", List.of(), "v"));
    }

    private static CompletableFuture<Scores> submit(ScoringQueue queue, int rows, long nanos) {
        return queue.submit(new EncodedRequest(rows, new float[0], new int[0], List.of()), System.nanoTime() + nanos);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
