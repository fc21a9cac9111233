package dev.marquee.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A server with low limits for a run of {@link TinyRuns#log}, and a client: made once for all tests that ask for it. */
final class ServedRun implements AutoCloseable {
    static final String RANK = "/v1/models/mine:rank";
    static final ServerLimits LIMITS = new ServerLimits(
            20_000, 50, 100, 10, 100, 100, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30));

    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** The server ends a connection that is idle for longer, and some time is left for a machine that is slow. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(25);

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final Path folder;
    private final Scorer scorer;
    private final ModelServer server;
    private HttpClient client = HttpClient.newHttpClient();
    private long clientSince = System.nanoTime();

    private ServedRun() {
        try {
            folder = Files.createTempDirectory("marquee-served");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        scorer = Scorer.open(TinyRuns.log(folder));
        server = ModelServer.start(
                scorer,
                ServerOptions.of("mine").withThreads(2).withLimits(LIMITS).withAccessLog(log::add));
    }

    /** Gives it to test classes, and closes it after the last. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ServedRun.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .getOrComputeIfAbsent(ServedRun.class, type -> new ServedRun(), ServedRun.class);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        scorer.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    Scorer scorer() {
        return scorer;
    }

    int port() {
        return server.port();
    }

    Path folder() {
        return folder;
    }

    /** The access log. */
    List<String> log() {
        return log;
    }

    HttpClient client() {
        return client;
    }

    HttpResponse<String> get(String path) {
        return send(request(path));
    }

    HttpResponse<String> post(String path, String body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
    }

    /**
     * Asks once. A kept connection that was idle for as long as the server waits may have ended, so the client is made anew
     * before any can be as old as that; one that ends earlier is the server's fault, and fails the test.
     */
    HttpResponse<String> send(HttpRequest.Builder request) {
        if (System.nanoTime() - clientSince > IDLE_NANOS) {
            client = HttpClient.newHttpClient();
            clientSince = System.nanoTime();
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static JsonNode ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return read(answer);
    }

    static String error(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return read(answer).path("error").asText();
    }

    static JsonNode read(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new AssertionError(answer.body(), e);
        }
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    static String readAll(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!text.toString().contains("}")) {
            int read = socket.getInputStream().read(buffer);
            if (read < 0) {
                break;
            }
            text.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
        }
        return text.toString();
    }
}
