package dev.marquee.serving;

import static dev.marquee.serving.ServedRun.error;
import static dev.marquee.serving.ServedRun.json;
import static dev.marquee.serving.ServedRun.readAll;
import static dev.marquee.serving.ServedRun.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests that are more than the server takes, or not allowed. */
@Timeout(60)
@ExtendWith(ServedRun.Extension.class)
class ServerLimitsTest {
    private static ServedRun served;

    @BeforeAll
    static void start(ServedRun given) {
        served = given;
    }

    @Test
    void post_beyondTheLimits_isRefused() {
        assertThat(error(served.post(ServedRun.RANK, " ".repeat(20_001)), 413)).contains("larger than the 20000 bytes");
        HttpRequest.BodyPublisher chunked =
                HttpRequest.BodyPublishers.ofByteArrays(Collections.nCopies(30, new byte[1000]));
        assertThat(error(
                        served.send(served.request(ServedRun.RANK)
                                .POST(chunked)
                                .header("Content-Type", "application/json")),
                        413))
                .contains("larger than the 20000 bytes");
        assertThat(error(
                        served.post(ServedRun.RANK, json(Map.of("candidates", Collections.nCopies(51, Map.of())))),
                        400))
                .contains("more candidates than the 50");
        Map<String, Object> many = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            many.put("c" + i, i);
        }
        assertThat(error(served.post(ServedRun.RANK, json(Map.of("user", many))), 400))
                .contains("far more columns than the model reads");
        assertThat(error(served.post(ServedRun.RANK, json(Map.of("user", Map.of("x", "t".repeat(101))))), 400))
                .contains("beyond the limits: texts of 100");
        assertThat(error(served.post(ServedRun.RANK, "[".repeat(5000)), 400)).contains("not a JSON object");
        assertThat(error(served.post(ServedRun.RANK, "{\"a\":" + "[".repeat(5000)), 400))
                .contains("unknown field");
        HttpRequest.Builder text = served.request(ServedRun.RANK).POST(HttpRequest.BodyPublishers.ofString("{}"));
        assertThat(error(served.send(text), 400)).contains("missing");
        assertThat(error(served.send(text.header("Content-Type", "text/plain")), 415))
                .contains("application/json");
        assertThat(error(
                        served.send(served.request(ServedRun.RANK)
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .header(Endpoints.DEADLINE, "soon")),
                        400))
                .contains("milliseconds");
        assertThat(error(served.get(ServedRun.RANK), 405)).contains("answers POST");
    }

    @Test
    void request_withAToken_isAnsweredOnlyWhenItCarriesIt() {
        String token = "0123456789abcdef";
        try (ModelServer own = ModelServer.start(
                served.scorer(), ServerOptions.of("mine").withThreads(1).withToken(token))) {
            Function<String, HttpRequest.Builder> to =
                    path -> HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + own.port() + path));
            assertThat(error(served.send(to.apply("/v2")), 401)).contains("Authorization: Bearer TOKEN");
            assertThat(error(served.send(to.apply("/metrics").header("Authorization", "Bearer 0123456789abcdeX")), 401))
                    .doesNotContain(token);
            assertThat(served.send(to.apply("/v2").header("Authorization", "Bearer " + token))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(served.send(to.apply("/v2/health/live")).statusCode()).isEqualTo(200);
        }
        assertThatThrownBy(() -> ServerOptions.of("mine").withToken("short")).hasMessageContaining("at least 16");
        assertThatThrownBy(() -> ServerOptions.of("a/b")).hasMessageContaining("a model's name has letters");
    }

    @Test
    void connect_clientThatNeverEndsItsHeadOrBody_isGivenUp() throws IOException {
        ServerLimits impatient = new ServerLimits(
                20_000,
                50,
                100,
                10,
                100,
                100,
                Duration.ofSeconds(1),
                ServedRun.LIMITS.deadline(),
                ServedRun.LIMITS.drain());
        try (ModelServer own = ModelServer.start(
                        served.scorer(), ServerOptions.of("mine").withThreads(1).withLimits(impatient));
                Socket head = new Socket(InetAddress.getLoopbackAddress(), own.port());
                Socket body = new Socket(InetAddress.getLoopbackAddress(), own.port())) {
            write(head, "GET /v2 HTTP/1.1\r\nHost: a\r\nX-Slow: ");
            write(body, "POST " + ServedRun.RANK + " HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
            assertThat(head.getInputStream().read()).isEqualTo(-1);
            assertThat(readAll(body)).startsWith("HTTP/1.1 408").contains("the body did not come in time");
        }
    }
}
