package dev.marquee.serving;

import static dev.marquee.serving.ServedRun.floats;
import static dev.marquee.serving.ServedRun.json;
import static dev.marquee.serving.ServedRun.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the server answers: ranking, the Open Inference Protocol, its description and its metrics. */
@Timeout(60)
@ExtendWith(ServedRun.Extension.class)
class ServerProtocolTest {
    private static final String INFER = "/v2/models/mine/infer";

    private static ServedRun served;

    private final Random random = new Random(11);
    private final Map<String, Object> user = TinyRuns.logUser(random);
    private final List<Map<String, Object>> candidates = ScorerTest.candidates(random, 8);

    @BeforeAll
    static void start(ServedRun given) {
        served = given;
    }

    @Test
    void rank_rowsOrColumns_answersTheScorersScoresAndOrder() {
        Scores expected = served.scorer().score(RankingRequest.of(user, candidates));
        Map<String, List<Object>> columns = new LinkedHashMap<>();
        for (Map<String, Object> candidate : candidates) {
            candidate.forEach((name, value) ->
                    columns.computeIfAbsent(name, some -> new ArrayList<>()).add(value));
        }
        for (Object given : List.of(candidates, columns)) {
            JsonNode answer =
                    ok(served.post(ServedRun.RANK, json(Map.of("user", user, "candidates", given, "id", "r1"))));
            assertThat(answer.path("id").asText()).isEqualTo("r1");
            assertThat(answer.path("model_name").asText()).isEqualTo("mine");
            assertThat(answer.path("model_version").asText())
                    .isEqualTo(served.scorer().version());
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
        Scores expected = served.scorer().score(RankingRequest.of(user, candidates));
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

        JsonNode answer = ok(served.post(INFER, json(Map.of("inputs", inputs))));
        assertThat(answer.path("outputs").size()).isEqualTo(2);
        JsonNode click = answer.path("outputs").get(0);
        assertThat(click.path("name").asText() + click.path("datatype").asText() + click.path("shape"))
                .isEqualTo("clickFP32[8]");
        assertThat(floats(click.path("data"))).isEqualTo(expected.probabilities(0));
        JsonNode one = ok(served.post(
                "/v2/models/mine/versions/" + served.scorer().version() + "/infer",
                json(Map.of("inputs", inputs, "outputs", List.of(Map.of("name", "liked"))))));
        assertThat(one.path("outputs").size()).isEqualTo(1);
        assertThat(floats(one.path("outputs").get(0).path("data"))).isEqualTo(expected.probabilities(1));
    }

    @Test
    void rank_exampleOfTheSchema_isAnswered() {
        JsonNode answer = ok(
                served.post(ServedRun.RANK, ExampleRequest.json(served.scorer().schema())));
        assertThat(answer.path("order").size()).isEqualTo(2);
    }

    @Test
    void get_serverHealthAndModel_tellsWhatThereIs() {
        assertThat(ok(served.get("/v2")).path("name").asText()).isEqualTo("marquee");
        assertThat(ok(served.get("/v2/health/live")).path("live").asBoolean()).isTrue();
        assertThat(ok(served.get("/v2/health/ready")).path("ready").asBoolean()).isTrue();
        assertThat(ok(served.get("/v2/models/mine/ready")).path("ready").asBoolean())
                .isTrue();
        JsonNode model = ok(served.get("/v2/models/mine"));
        assertThat(model.path("versions").toString())
                .isEqualTo("[\"" + served.scorer().version() + "\"]");
        assertThat(model.path("inputs").toString())
                .contains("{\"name\":\"price\",\"datatype\":\"FP32\",\"shape\":[-1]}")
                .contains("{\"name\":\"history\",\"datatype\":\"BYTES\",\"shape\":[-1,-1]}");
        assertThat(model.path("outputs").size()).isEqualTo(2);
    }

    @Test
    void description_everyPathAndMethod_isAnsweredAsItSays() {
        JsonNode paths = ok(served.get("/openapi.json")).path("paths");
        assertThat(paths.size()).isGreaterThan(10);
        paths.properties().forEach(path -> {
            String place = path.getKey()
                    .replace("{name}", "mine")
                    .replace("{version}", served.scorer().version());
            path.getValue().properties().forEach(method -> {
                boolean posts = method.getKey().equals("post");
                int status = (posts ? served.post(place, "{}") : served.get(place)).statusCode();
                assertThat(status).as(path.getKey()).isEqualTo(posts ? 400 : 200);
                assertThat(method.getValue().path("responses").has(Integer.toString(status)))
                        .isTrue();
                assertThat((posts ? served.get(place) : served.post(place, "{}")).statusCode())
                        .isEqualTo(405);
            });
        });
    }

    @Test
    void rank_severalClientsAtOnce_eachHasItsOwnAnswer() {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Map<String, Object> own = TinyRuns.logUser(random);
            List<Map<String, Object>> some = ScorerTest.candidates(random, 1 + random.nextInt(40));
            expected.add(served.scorer().score(RankingRequest.of(own, some)).probabilities(0));
            answers.add(served.client()
                    .sendAsync(
                            served.request(ServedRun.RANK)
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            json(Map.of("user", own, "candidates", some))))
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
        served.log().clear();
        HttpResponse<String> answer = served.send(served.request(ServedRun.RANK)
                .header("Content-Type", "application/json")
                .header("X-Request-Id", "req-17")
                .POST(HttpRequest.BodyPublishers.ofString(json(Map.of("user", user, "candidates", candidates)))));
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("req-17");
        String metrics = served.get("/metrics").body();
        assertThat(metrics)
                .contains("marquee_requests_total{endpoint=\"rank\",status=\"200\"}")
                .contains("marquee_stage_seconds_bucket{model=\"mine\",stage=\"score\",le=\"0.001\"}")
                .contains("marquee_field_unknown_total{field=\"ad\",model=\"mine\"}")
                .contains("marquee_model_info{model=\"mine\",version=\""
                        + served.scorer().version() + "\"} 1")
                .contains("marquee_queue_requests 0");
        assertThat(served.log())
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                "\"request_id\":\"req-17\"",
                                "\"status\":200",
                                "\"candidates\":8",
                                "\"path\":\"" + ServedRun.RANK + "\""));
        assertThat(served.send(served.request("/v2").header("X-Request-Id", "no good"))
                        .headers()
                        .firstValue("X-Request-Id"))
                .get()
                .asString()
                .matches("[0-9a-f]{16}");
    }

    private List<Object> values(String column) {
        List<Object> values = new ArrayList<>();
        candidates.forEach(candidate -> values.add(candidate.get(column)));
        return values;
    }

    private static List<Object> nulls(Object... values) {
        return new ArrayList<>(Arrays.asList(values));
    }

    private static Map<String, Object> tensor(String name, String datatype, List<Integer> shape, List<?> data) {
        return Map.of("name", name, "datatype", datatype, "shape", shape, "data", data);
    }
}
