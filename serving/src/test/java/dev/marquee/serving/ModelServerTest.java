package dev.marquee.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ModelServerTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> LOG = new CopyOnWriteArrayList<>();
    private static final String RANK = "/v1/models/mine:rank";
    private static final String INFER = "/v2/models/mine/infer";
    private static final ServerLimits LIMITS = new ServerLimits(
            20_000, 50, 100, 10, 100, 100, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30));

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    static Path folder;

    private static Scorer scorer;
    private static ModelServer server;

    private final Random random = new Random(11);
    private final Map<String, Object> user = TinyRuns.logUser(random);
    private final List<Map<String, Object>> candidates = ScorerTest.candidates(random, 8);

    @BeforeAll
    static void start() {
        scorer = Scorer.open(TinyRuns.log(folder));
        server = ModelServer.start(
                scorer,
                ServerOptions.of("mine").withThreads(2).withLimits(LIMITS).withAccessLog(LOG::add));
    }

    @AfterAll
    static void close() {
        server.close();
        scorer.close();
    }

    @Test
    void rank_rowsOrColumns_answersTheScorersScoresAndOrder() {
        Scores expected = scorer.score(RankingRequest.of(user, candidates));
        Map<String, List<Object>> columns = new LinkedHashMap<>();
        for (Map<String, Object> candidate : candidates) {
            candidate.forEach((name, value) ->
                    columns.computeIfAbsent(name, some -> new ArrayList<>()).add(value));
        }
        for (Object given : List.of(candidates, columns)) {
            JsonNode answer = ok(post(RANK, json(Map.of("user", user, "candidates", given, "id", "r1"))));
            assertThat(answer.path("id").asText()).isEqualTo("r1");
            assertThat(answer.path("model_name").asText()).isEqualTo("mine");
            assertThat(answer.path("model_version").asText()).isEqualTo(scorer.version());
            assertThat(answer.path("labels").toString()).isEqualTo("[\"click\",\"liked\"]");
            assertThat(floats(answer.path("scores").path("click"))).isEqualTo(expected.probabilities(0));
            assertThat(floats(answer.path("scores").path("liked"))).isEqualTo(expected.probabilities(1));
            assertThat(answer.path("order").toString())
                    .isEqualTo(json(expected.order()).toString());
        }
    }

    @Test
    void infer_tensorsOfUserAndCandidates_answersTheScorersScores() {
        user.put("history", List.of(3L, 4L));
        candidates.get(1).put("genres", List.of("genre 1"));
        candidates.get(2).put("genres", List.of());
        Scores expected = scorer.score(RankingRequest.of(user, candidates));
        List<Object> inputs = new ArrayList<>();
        inputs.add(tensor("history", "INT64", List.of(1, 3), List.of(nulls(3, 4, null))));
        inputs.add(tensor("user", "INT64", List.of(1), List.of(user.get("user"))));
        inputs.add(tensor("age", "FP64", List.of(1), nulls(user.get("age"))));
        inputs.add(tensor("user_tag", "BYTES", List.of(1, 1), List.of(user.get("user_tag"))));
        inputs.add(tensor("price", "FP64", List.of(8), values("price")));
        inputs.add(tensor("ad", "INT64", List.of(8, 1), values("ad")));
        inputs.add(tensor("site", "BYTES", List.of(8), values("site")));
        inputs.add(tensor("ad_tag", "BYTES", List.of(8), values("ad_tag")));
        List<Object> genres = new ArrayList<>();
        for (Map<String, Object> candidate : candidates) {
            List<Object> own = new ArrayList<>((List<?>) candidate.get("genres"));
            while (own.size() < 2) {
                own.add("");
            }
            genres.addAll(own);
        }
        inputs.add(tensor("genres", "BYTES", List.of(8, 2), genres));

        JsonNode answer = ok(post(INFER, json(Map.of("inputs", inputs))));
        assertThat(answer.path("outputs").size()).isEqualTo(2);
        JsonNode click = answer.path("outputs").get(0);
        assertThat(click.path("name").asText() + click.path("datatype").asText() + click.path("shape"))
                .isEqualTo("clickFP32[8]");
        assertThat(floats(click.path("data"))).isEqualTo(expected.probabilities(0));
        JsonNode one = ok(post(
                "/v2/models/mine/versions/" + scorer.version() + "/infer",
                json(Map.of("inputs", inputs, "outputs", List.of(Map.of("name", "liked"))))));
        assertThat(one.path("outputs").size()).isEqualTo(1);
        assertThat(floats(one.path("outputs").get(0).path("data"))).isEqualTo(expected.probabilities(1));
    }

    @Test
    void rank_exampleOfTheSchema_isAnswered() {
        JsonNode answer = ok(post(RANK, ExampleRequest.json(scorer.schema())));
        assertThat(answer.path("order").size()).isEqualTo(2);
    }

    @Test
    void get_serverHealthAndModel_tellsWhatThereIs() {
        assertThat(ok(get("/v2")).path("name").asText()).isEqualTo("marquee");
        assertThat(ok(get("/v2/health/live")).path("live").asBoolean()).isTrue();
        assertThat(ok(get("/v2/health/ready")).path("ready").asBoolean()).isTrue();
        assertThat(ok(get("/v2/models/mine/ready")).path("ready").asBoolean()).isTrue();
        JsonNode model = ok(get("/v2/models/mine"));
        assertThat(model.path("versions").toString()).isEqualTo("[\"" + scorer.version() + "\"]");
        assertThat(model.path("inputs").toString())
                .contains("{\"name\":\"price\",\"datatype\":\"FP32\",\"shape\":[-1]}")
                .contains("{\"name\":\"history\",\"datatype\":\"BYTES\",\"shape\":[-1,-1]}");
        assertThat(model.path("outputs").size()).isEqualTo(2);
    }

    @Test
    void description_everyPathAndMethod_isAnsweredAsItSays() {
        JsonNode paths = ok(get("/openapi.json")).path("paths");
        assertThat(paths.size()).isGreaterThan(10);
        paths.properties().forEach(path -> {
            String place = path.getKey().replace("{name}", "mine").replace("{version}", scorer.version());
            path.getValue().properties().forEach(method -> {
                boolean posts = method.getKey().equals("post");
                int status = (posts ? post(place, "{}") : get(place)).statusCode();
                assertThat(status).as(path.getKey()).isEqualTo(posts ? 400 : 200);
                assertThat(method.getValue().path("responses").has(Integer.toString(status)))
                        .isTrue();
                assertThat((posts ? get(place) : post(place, "{}")).statusCode())
                        .isEqualTo(405);
            });
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v1/models/mine:rank | {            | 400 | the body is not JSON",
                "/v1/models/mine:rank | []           | 400 | not a JSON object",
                "/v1/models/mine:rank | ``           | 400 | not a JSON object",
                "/v1/models/mine:rank | {} {}        | 400 | is missing",
                "/v1/models/mine:rank | {\"candidates\":[{}]} x | 400 | not JSON: Unrecognized token 'x'",
                "/v1/models/mine:rank | {}           | 400 | \"candidates\" is missing",
                "/v1/models/mine:rank | {\"candidates\":[]} | 400 | there are no candidates",
                "/v1/models/mine:rank | {\"candidates\":[{}]} | 400 | missing columns: price, age, user",
                "/v1/models/mine:rank | {\"candidates\":[1]} | 400 | must be a list of objects",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":{}}]} | 400 | \"ad\" holds an object where",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":[[1]]}]} | 400 | a list within a list",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":NaN}]} | 400 | not JSON: ",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":1e999}]} | 400 | a number is too large",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":1,\"ad\":2}]} | 400 | \"ad\" is given twice",
                "/v1/models/mine:rank | {\"user\":{},\"user\":{}} | 400 | \"user\" is given twice",
                "/v1/models/mine:rank | {\"rows\":1} | 400 | unknown field \"rows\"",
                "/v1/models/mine:rank | {\"user\":{\"ad\":[1,2,3,4,5,6,7,8,9,10,11]}} | 400 | more than the 10"
                        + " elements",
                "/v1/models/mine:rank | {\"candidates\":{\"a\":[1],\"b\":[1,2]}} | 400 | differ in length",
                "/v1/models/other:rank | {}          | 404 | no model of this name: there is mine",
                "/v2/models/other/infer | {}         | 404 | no model of this name",
                "/v2/models/mine/versions/1/infer | {} | 404 | no such version of mine",
                "/v2/models/mine/infer | {\"inputs\":[]} | 400 | there are no inputs",
                "/v2/models/mine/infer | {\"inputs\":[{\"name\":\"x\"}]} | 400 | needs \"shape\", \"datatype\" and"
                        + " \"data\"",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1]}]} | 400 | has 1"
                        + " values, its shape [2] asks for 2",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[1.5]}]} | 400 |"
                        + " values that are not INT64",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[1]}]} | 400 |"
                        + " values that are not BYTES",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT5\",\"data\":[1]}]} | 400 |"
                        + " unknown datatype \"INT5\"",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT8\",\"data\":[true]}]} | 400 |"
                        + " values that are not INT8",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[-1],\"datatype\":\"INT8\",\"data\":[]}]} | 400 | must"
                        + " be a list of one or two whole numbers",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[99],\"datatype\":\"INT8\",\"data\":[]}]} | 400 | more"
                        + " rows than the 50",
                "/v2/models/mine/infer | {\"inputs\":[{\"name\":\"x\",\"parameters\":{\"binary_data_size\":3}}]} | 400"
                        + " | binary tensor data",
                "/v2/models/mine/infer | {\"outputs\":[{\"name\":\"y\"}]} | 400 | unknown output \"y\"",
                "/v2/health/ready | {} | 405 | answers GET",
                "/nothing | {} | 404 | there is nothing here",
            })
    void post_wrongRequests_answersTheProtocolsErrorAndNothingOfTheInside(
            String path, String body, int status, String message) {
        HttpResponse<String> answer = post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(read(answer).path("error").asText()).contains(message);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body()).doesNotContain("dev.marquee", "Exception", "jackson", folder.toString());
    }

    @Test
    void post_beyondTheLimits_isRefused() {
        assertThat(error(post(RANK, " ".repeat(20_001)), 413)).contains("larger than the 20000 bytes");
        HttpRequest.BodyPublisher chunked =
                HttpRequest.BodyPublishers.ofByteArrays(Collections.nCopies(30, new byte[1000]));
        assertThat(error(send(request(RANK).POST(chunked).header("Content-Type", "application/json")), 413))
                .contains("larger than the 20000 bytes");
        assertThat(error(post(RANK, json(Map.of("candidates", Collections.nCopies(51, Map.of())))), 400))
                .contains("more candidates than the 50");
        Map<String, Object> many = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            many.put("c" + i, i);
        }
        assertThat(error(post(RANK, json(Map.of("user", many))), 400))
                .contains("far more columns than the model reads");
        assertThat(error(post(RANK, json(Map.of("user", Map.of("x", "t".repeat(101))))), 400))
                .contains("beyond the limits: texts of 100");
        assertThat(error(post(RANK, "[".repeat(5000)), 400)).contains("not a JSON object");
        assertThat(error(post(RANK, "{\"a\":" + "[".repeat(5000)), 400)).contains("unknown field");
        HttpRequest.Builder text = request(RANK).POST(HttpRequest.BodyPublishers.ofString("{}"));
        assertThat(error(send(text), 400)).contains("missing");
        assertThat(error(send(text.header("Content-Type", "text/plain")), 415)).contains("application/json");
        assertThat(error(
                        send(request(RANK)
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .header(Endpoints.DEADLINE, "soon")),
                        400))
                .contains("milliseconds");
        assertThat(error(get(RANK), 405)).contains("answers POST");
    }

    @Test
    void request_withAToken_isAnsweredOnlyWhenItCarriesIt() {
        String token = "0123456789abcdef";
        try (ModelServer own = ModelServer.start(
                scorer, ServerOptions.of("mine").withThreads(1).withToken(token))) {
            Function<String, HttpRequest.Builder> to =
                    path -> HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + own.port() + path));
            assertThat(error(send(to.apply("/v2")), 401)).contains("Authorization: Bearer TOKEN");
            assertThat(error(send(to.apply("/metrics").header("Authorization", "Bearer 0123456789abcdeX")), 401))
                    .doesNotContain(token);
            assertThat(send(to.apply("/v2").header("Authorization", "Bearer " + token))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(send(to.apply("/v2/health/live")).statusCode()).isEqualTo(200);
        }
        assertThatThrownBy(() -> ServerOptions.of("mine").withToken("short")).hasMessageContaining("at least 16");
        assertThatThrownBy(() -> ServerOptions.of("a/b")).hasMessageContaining("a model's name has letters");
    }

    @Test
    void connect_clientThatNeverEndsItsHeadOrBody_isGivenUp() throws IOException {
        ServerLimits impatient = new ServerLimits(
                20_000, 50, 100, 10, 100, 100, Duration.ofSeconds(1), LIMITS.deadline(), LIMITS.drain());
        try (ModelServer own = ModelServer.start(
                        scorer, ServerOptions.of("mine").withThreads(1).withLimits(impatient));
                Socket head = new Socket(InetAddress.getLoopbackAddress(), own.port());
                Socket body = new Socket(InetAddress.getLoopbackAddress(), own.port())) {
            write(head, "GET /v2 HTTP/1.1\r\nHost: a\r\nX-Slow: ");
            write(body, "POST " + RANK + " HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
            assertThat(head.getInputStream().read()).isEqualTo(-1);
            assertThat(readAll(body)).startsWith("HTTP/1.1 408").contains("the body did not come in time");
        }
    }

    @Test
    void connect_whatIsNotHttp_isRefusedInTheSameForm() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(socket, "NONSENSE\r\n\r\n");
            assertThat(readAll(socket))
                    .startsWith("HTTP/1.1 400")
                    .contains("{\"error\":\"")
                    .doesNotContain("<html");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(socket, "GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(readAll(socket)).startsWith("HTTP/1.1 414").contains("{\"error\":\"");
        }
    }

    @Test
    void close_whileARequestIsStillComing_answersItAndTakesNoMore() throws IOException {
        ModelServer own = ModelServer.start(
                scorer, ServerOptions.of("mine").withThreads(1).withLimits(ServerLimits.DEFAULT));
        int port = own.port();
        String body = json(Map.of("user", user, "candidates", candidates));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            write(
                    socket,
                    "POST " + RANK + " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: " + bytes.length
                            + "\r\n\r\n");
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

    @Test
    void rank_severalClientsAtOnce_eachHasItsOwnAnswer() {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Map<String, Object> own = TinyRuns.logUser(random);
            List<Map<String, Object>> some = ScorerTest.candidates(random, 1 + random.nextInt(40));
            expected.add(scorer.score(RankingRequest.of(own, some)).probabilities(0));
            answers.add(CLIENT.sendAsync(
                    request(RANK)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(json(Map.of("user", own, "candidates", some))))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
        for (int i = 0; i < answers.size(); i++) {
            float[] found = floats(ok(answers.get(i).join()).path("scores").path("click"));
            assertThat(found).containsExactly(expected.get(i), org.assertj.core.data.Offset.offset(2e-6f));
        }
    }

    @Test
    void metricsAndAccessLog_afterARequest_tellOfIt() {
        LOG.clear();
        HttpResponse<String> answer = send(request(RANK)
                .header("Content-Type", "application/json")
                .header("X-Request-Id", "req-17")
                .POST(HttpRequest.BodyPublishers.ofString(json(Map.of("user", user, "candidates", candidates)))));
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("req-17");
        String metrics = get("/metrics").body();
        assertThat(metrics)
                .contains("marquee_requests_total{endpoint=\"rank\",status=\"200\"}")
                .contains("marquee_stage_seconds_bucket{model=\"mine\",stage=\"score\",le=\"0.001\"}")
                .contains("marquee_field_unknown_total{field=\"ad\",model=\"mine\"}")
                .contains("marquee_model_info{model=\"mine\",version=\"" + scorer.version() + "\"} 1")
                .contains("marquee_queue_requests 0");
        assertThat(LOG)
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                "\"request_id\":\"req-17\"",
                                "\"status\":200",
                                "\"candidates\":8",
                                "\"path\":\"" + RANK + "\""));
        assertThat(send(request("/v2").header("X-Request-Id", "no good"))
                        .headers()
                        .firstValue("X-Request-Id"))
                .get()
                .asString()
                .matches("[0-9a-f]{16}");
    }

    private static boolean connects(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private List<Object> values(String column) {
        List<Object> values = new ArrayList<>();
        candidates.forEach(candidate -> values.add(candidate.get(column)));
        return values;
    }

    private static List<Object> nulls(Object... values) {
        return new ArrayList<>(java.util.Arrays.asList(values));
    }

    private static Map<String, Object> tensor(String name, String datatype, List<Integer> shape, List<?> data) {
        return Map.of("name", name, "datatype", datatype, "shape", shape, "data", data);
    }

    private static HttpResponse<String> get(String path) {
        return send(request(path));
    }

    private static HttpResponse<String> post(String path, String body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            try {
                return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                // A connection that the client kept may have ended meanwhile, as any client must expect.
                return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return read(answer);
    }

    private static String error(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return read(answer).path("error").asText();
    }

    private static JsonNode read(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new AssertionError(answer.body(), e);
        }
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String readAll(Socket socket) throws IOException {
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
