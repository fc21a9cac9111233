package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenLoopTest {
    private final AtomicInteger asked = new AtomicInteger();

    /** Answers a request by its number, from 0. */
    private interface Answers {
        int status(int number) throws InterruptedException;
    }

    @Test
    void run_answersOfAllKinds_areCountedApart() throws Exception {
        OpenLoop.Result result = run(number -> List.of(200, 429, 500, 200).get(number % 4), 8, 20);

        assertThat(result.accepted()).isEqualTo(10);
        assertThat(result.shed()).isEqualTo(5);
        assertThat(result.failed()).isEqualTo(5);
        assertThat(result.settled()).isPositive();
    }

    /** A hundred requests are due within a tenth of a second, in which the only connection waits for its first answer. */
    @Test
    void run_serverThatStops_countsWaitingFromWhenRequestsWereDue() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        OpenLoop.Result result = run(
                number -> {
                    if (number == 0) {
                        assertThat(never.await(200, TimeUnit.MILLISECONDS)).isFalse();
                    }
                    return 200;
                },
                1,
                100);

        assertThat(result.accepted()).isEqualTo(100);
        assertThat(result.latency().getMinValue() / 1e6).isGreaterThan(95);
        assertThat(result.latency().getMaxValue() / 1e6).isGreaterThan(195);
    }

    @Test
    void run_withoutARate_asksAgainAsSoonAsItIsAnswered() throws Exception {
        OpenLoop.Result result = run(number -> 200, 2, 0);

        assertThat(result.accepted()).isEqualTo(asked.get());
        assertThat(result.seconds()).isGreaterThan(0.09);
    }

    @Test
    void collections_logsOfCollectors_areReadFromTheirLines() {
        ServingReport.Collections serial = ServerProcess.collections(List.of(
                "[0.010s][info][gc] Using Serial",
                "[1.2s][info][gc] GC(0) Pause Young (Allocation Failure) 33M->5M(119M) 4.500ms",
                "[2.2s][info][gc] GC(1) Pause Young (Allocation Failure) 38M->6M(119M) 1.250ms"));
        assertThat(serial).isEqualTo(new ServingReport.Collections("Serial", 2, 5.75, 4.5, 6));

        ServingReport.Collections g1 = ServerProcess.collections(List.of(
                "[0.010s][info][gc] Using G1",
                "[1.2s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 2.000ms",
                "[1.3s][info][gc] GC(1) Concurrent Mark Cycle",
                "[1.4s][info][gc] GC(1) Pause Remark 6M->5M(256M) 1.000ms",
                "[1.5s][info][gc] GC(1) Concurrent Mark Cycle 8.000ms"));
        assertThat(g1.name()).isEqualTo("G1");
        assertThat(g1.count()).isEqualTo(2);
        assertThat(g1.millis()).isCloseTo(3, Offset.offset(1e-9));
        assertThat(g1.heap()).isEqualTo(5);
    }

    /** Evenly spaced requests within a tenth of a second; 0 requests: as many as fit. */
    private OpenLoop.Result run(Answers answers, int connections, int requests) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange, answers));
        server.start();
        try {
            OpenLoop load = new OpenLoop(
                    "127.0.0.1",
                    server.getAddress().getPort(),
                    "/",
                    List.of("{}".getBytes(StandardCharsets.UTF_8), "[]".getBytes(StandardCharsets.UTF_8)));
            // The last request is due half a gap before the end.
            double seconds = requests == 0 ? 0.1 : 0.1 * (requests + 0.5) / Math.max(1, requests);
            return load.run(List.of(new OpenLoop.Phase(requests / 0.1, seconds, true)), connections, 1000, 1)
                    .get(0);
        } finally {
            server.stop(0);
        }
    }

    private void answer(HttpExchange exchange, Answers answers) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(answers.status(asked.getAndIncrement()), -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
