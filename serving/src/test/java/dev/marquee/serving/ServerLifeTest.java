package dev.marquee.serving;

import static dev.marquee.serving.ServedRun.json;
import static dev.marquee.serving.ServedRun.readAll;
import static dev.marquee.serving.ServedRun.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections and the end of the server. */
@Timeout(60)
@ExtendWith(ServedRun.Extension.class)
class ServerLifeTest {
    private static ServedRun served;

    private final Random random = new Random(11);
    private final Map<String, Object> user = TinyRuns.logUser(random);
    private final List<Map<String, Object>> candidates = ScorerTest.candidates(random, 8);

    @BeforeAll
    static void start(ServedRun given) {
        served = given;
    }

    @Test
    void close_whileARequestIsStillComing_answersItAndTakesNoMore() throws IOException {
        ModelServer own = ModelServer.start(
                served.scorer(), ServerOptions.of("mine").withThreads(1).withLimits(ServerLimits.DEFAULT));
        int port = own.port();
        String body = json(Map.of("user", user, "candidates", candidates));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            write(
                    socket,
                    "POST " + ServedRun.RANK + " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
                            + bytes.length + "\r\n\r\n");
            byte[] interim = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
            assertThat(new String(interim, StandardCharsets.US_ASCII)).contains("100 Continue"); // it was accepted
            CompletableFuture<Void> closing = CompletableFuture.runAsync(own::close);
            while (connects(port)) {
                Thread.onSpinWait();
            }
            assertThat(closing).isNotDone();
            socket.getOutputStream().write(bytes);
            assertThat(readAll(socket)).startsWith("HTTP/1.1 200").contains("\"scores\"");
            closing.join();
        }
    }

    /** Refusals keep it too, where the body came with the head. */
    @Test
    void connect_manyRequestsOneAfterTheOther_keepsTheConnection() throws IOException {
        candidates.forEach(candidate -> candidate.put("site", "a site")); // in ASCII, a byte a character
        String good = json(Map.of("user", user, "candidates", candidates));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.port())) {
            for (int i = 0; i < 60; i++) {
                boolean right = i % 3 == 0;
                String body = right ? good : "{}";
                String path = i % 3 == 1 ? "/v1/models/other:rank" : ServedRun.RANK;
                write(
                        socket,
                        "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                                + body.length() + "\r\n\r\n" + body);
                String answer = readAll(socket);
                assertThat(answer).as("answer %d", i).startsWith("HTTP/1.1 " + (right ? 200 : i % 3 == 1 ? 404 : 400));
                assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("connection: close");
            }
        }
    }

    private static boolean connects(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
