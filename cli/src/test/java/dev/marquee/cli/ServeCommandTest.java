package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ServeCommandTest {
    private static final Pattern CURL =
            Pattern.compile("try {6}curl -s (\\S+) -H 'Content-Type: application/json' -d '(.*)'");

    @TempDir
    static Path shared;

    private static Path run;

    @BeforeAll
    static void trainOnce() {
        Path recipe = TinyLog.recipe(shared.resolve("mine.yaml"), TinyLog.csv(shared.resolve("clicks.csv")));
        run = shared.resolve("mine 1");
        assertThat(Cli.run("train", recipe, "--out", run).code()).isZero();
    }

    @Test
    void serve_printedRequest_isAnsweredAndTheServerEndsWhenTold() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.marquee.cli.Main",
                        "serve",
                        run.toString(),
                        "--port",
                        "0")
                .redirectError(shared.resolve("log").toFile())
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).startsWith("model    mine-1, version ");
            assertThat(out.readLine()).startsWith("serving  http://127.0.0.1:");
            Matcher curl = CURL.matcher(out.readLine());
            assertThat(curl.matches()).isTrue();
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(curl.group(1)))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            curl.group(2).replace("'\\''", "'")))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            JsonNode scores = JsonMapper.builder().build().readTree(answer.body());
            assertThat(scores.path("scores").path("click").size()).isEqualTo(2);
            assertThat(scores.path("order").size()).isEqualTo(2);
            assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(shared.resolve("log")))
                .contains("\"path\":\"/v1/models/mine-1:rank\",\"status\":200")
                .contains("ending: answering the requests that have come");
    }

    @Test
    void serve_verify_saysThatTheScoresAreThoseOfPredict() {
        Path later = TinyLog.csv(shared.resolve("later.csv"), 600, 450);
        Cli verified = Cli.run("serve", run, "--verify", later);
        assertThat(verified.err()).isEmpty();
        assertThat(verified.out())
                .matches(
                        "verified 450 rows: the server's scores equal those of predict, largest difference \\S+e-\\d+\\s");
        assertThat(verified.code()).isZero();
    }

    @Test
    void serve_wrongOptions_areRefusedInASentence() throws IOException {
        Cli none = Cli.run("serve", shared.resolve("none"));
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("holds no run").doesNotContain("\tat ");
        assertThat(Cli.run("serve", run, "--token-file", shared.resolve("no")).err())
                .contains("cannot read the token in");
        Path token = Files.writeString(shared.resolve("token"), "short\n");
        assertThat(Cli.run("serve", run, "--token-file", token).err()).contains("a token has at least 16");
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            Cli busy = Cli.run("serve", run, "--port", taken.getLocalPort());
            assertThat(busy.code()).isEqualTo(1);
            assertThat(busy.err())
                    .contains("cannot listen at 127.0.0.1:" + taken.getLocalPort(), "choose another port");
        }
        assertThat(Cli.run("serve", "--help").out()).contains("--token-file", "--verify", "--no-access-log");
    }

    @Test
    void bench_servingARun_tellsLatencySpeedAndFloor() throws Exception {
        Cli result = Cli.run(
                "bench",
                "serving",
                run,
                "--seconds",
                "0.1",
                "--rate",
                "200",
                "--candidates",
                "3",
                "--history",
                "2",
                "--json");

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode report = JsonMapper.builder().build().readTree(result.out());
        JsonNode server = report.path("server");
        assertThat(server.path("steady").path("accepted").asInt()).isPositive();
        assertThat(server.path("steady").path("failed").asInt()).isZero();
        assertThat(server.path("steady").path("p99").asDouble())
                .isBetween(
                        server.path("steady").path("p50").asDouble(),
                        server.path("steady").path("max").asDouble());
        assertThat(server.path("stages").fieldNames())
                .toIterable()
                .containsExactly("parse", "encode", "queue", "score", "write");
        assertThat(server.path("candidatesPerSecond").asDouble()).isPositive();
        assertThat(server.path("overload").path("latency").path("failed").asInt())
                .isZero();
        assertThat(server.path("residentAfter").asDouble()).isPositive();
        assertThat(report.path("library")).hasSize(3);
        // A logistic regression has no matrix products.
        assertThat(report.path("floor").path("candidatesPerSecond").isNull()).isTrue();
        assertThat(report.path("floor").path("gflops").asDouble()).isPositive();
    }

    @Test
    void bench_servingWithAnImpossibleRate_saysWhatIsAllowed() {
        Cli result = Cli.run("bench", "serving", run, "--rate", "0");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("the rate must be above 0 and at most 100,000, not 0.0");
    }
}
