package dev.marquee.serving;

import static dev.marquee.serving.ServedRun.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.tensor.Engine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Load for some time: a second in every build, ten minutes in the profile "soak". */
@Timeout(1500)
@ExtendWith(ServedRun.Extension.class)
class ServerSoakTest {
    private static final boolean SOAK = Boolean.getBoolean("marquee.soak");
    private static final int PARTS = 10;
    private static final double PART_SECONDS = SOAK ? 60 : 0.1;
    private static final double WARM_UP_SECONDS = SOAK ? 20 : 0.3;
    private static final int CLIENTS = 4;
    private static final long MEBIBYTE = 1 << 20;

    /** What some time of load gave. */
    private record Part(double rate, double p99Millis, List<String> faults) {}

    @Test
    void rank_halfOfSaturation_hasNoErrorsFlatMemoryAndTheSameLatencyAtTheEnd(ServedRun served) throws Exception {
        double saturation = load(served, 0, WARM_UP_SECONDS).rate();
        List<Part> parts = new ArrayList<>();
        List<Long> memory = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            parts.add(load(served, saturation / 2, PART_SECONDS));
            memory.add(Engine.residentBytes());
        }

        assertThat(parts).allSatisfy(part -> assertThat(part.faults()).isEmpty());
        // Java's own memory still grows in the beginning.
        assertThat(memory.get(PARTS - 1) - memory.get(PARTS / 2)).isLessThan(32 * MEBIBYTE);
        if (SOAK) {
            double begin = parts.subList(0, 3).stream()
                    .mapToDouble(Part::p99Millis)
                    .max()
                    .orElseThrow();
            double end = parts.subList(PARTS - 3, PARTS).stream()
                    .mapToDouble(Part::p99Millis)
                    .min()
                    .orElseThrow();
            System.out.printf(
                    "p99 %.2f ms at first, %.2f ms at last, at %.0f requests/s%n", begin, end, saturation / 2);
            assertThat(end).isLessThan(1.5 * begin + 1);
        }
    }

    /** Requests that are due one after the other at a rate; 0: each client asks again as soon as it is answered. */
    private static Part load(ServedRun served, double rate, double seconds)
            throws InterruptedException, ExecutionException {
        Random random = new Random(3);
        String body = json(Map.of("user", TinyRuns.logUser(random), "candidates", ScorerTest.candidates(random, 40)));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + served.port() + ServedRun.RANK))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        List<Future<?>> working = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            working.add(clients.submit(() -> {
                HttpClient client = HttpClient.newHttpClient();
                while (true) {
                    int number = next.getAndIncrement();
                    long due = rate == 0 ? System.nanoTime() : begin + (long) (number / rate * 1e9);
                    if (due >= end) {
                        return null;
                    }
                    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    try {
                        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                        if (answer.statusCode() == 200) {
                            latencies.add(System.nanoTime() - due);
                        } else {
                            faults.add(answer.statusCode() + " " + answer.body());
                        }
                    } catch (IOException e) {
                        faults.add(e.toString());
                    }
                }
            }));
        }
        clients.shutdown();
        assertThat(clients.awaitTermination((long) seconds + 60, TimeUnit.SECONDS))
                .isTrue();
        for (Future<?> work : working) {
            work.get();
        }
        List<Long> sorted = latencies.stream().sorted().toList();
        assertThat(sorted).isNotEmpty();
        return new Part(
                sorted.size() / seconds, sorted.get((int) (0.99 * (sorted.size() - 1))) / 1e6, List.copyOf(faults));
    }
}
