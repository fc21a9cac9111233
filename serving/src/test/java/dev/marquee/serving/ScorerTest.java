package dev.marquee.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.Engine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.tools.ToolProvider;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ScorerTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final boolean SOAK = Boolean.getBoolean("marquee.soak");

    @TempDir
    static Path folder;

    private static Path run;
    private static Scorer scorer;

    @BeforeAll
    static void open() {
        run = TinyRuns.log(folder);
        scorer = Scorer.open(run);
    }

    @AfterAll
    static void close() {
        scorer.close();
    }

    @Test
    void score_featuresOfAllKinds_givesWhatPredictWritesWhicheverSideTheyAreOn() {
        Random random = new Random(2);
        Map<String, Object> user = TinyRuns.logUser(random);
        user.put("history", List.of(3L, 4L, 5L, 6L));
        List<Map<String, Object>> candidates = candidates(random, 40);
        List<Map<String, Object>> flat = new ArrayList<>();
        for (Map<String, Object> candidate : candidates) {
            Map<String, Object> row = new LinkedHashMap<>(user);
            row.putAll(candidate);
            flat.add(row);
        }
        float[] expected = TinyRuns.predicted(run, folder.resolve("rows.parquet"), flat);

        assertScores(RankingRequest.of(user, candidates), expected);
        assertScores(RankingRequest.ofRows(RawRows.of("rows", flat)), expected);
        // A column may be on the other side; one feature has a column on each.
        String ad = "tag 3";
        user.put("ad_tag", ad);
        candidates.forEach(candidate -> candidate.remove("ad_tag"));
        candidates.forEach(
                candidate -> candidate.put("user_tag", candidate.get("ad").toString()));
        user.remove("user_tag");
        flat.forEach(row -> row.put("ad_tag", ad));
        flat.forEach(row -> row.put("user_tag", row.get("ad").toString()));
        float[] moved = TinyRuns.predicted(run, folder.resolve("moved.parquet"), flat);
        assertScores(RankingRequest.of(user, candidates), moved);
        assertThat(moved).isNotEqualTo(expected);
    }

    @Test
    void score_textsInPlaceOfNumbersAndLists_givesTheSame() {
        Random random = new Random(3);
        Map<String, Object> user = TinyRuns.logUser(random);
        user.put("history", List.of(3L, 4L));
        List<Map<String, Object>> candidates = candidates(random, 5);
        float[] expected = scorer.score(RankingRequest.of(user, candidates)).probabilities(0);

        user.put("history", "3|4");
        user.put("user", user.get("user").toString());
        for (Map<String, Object> candidate : candidates) {
            candidate.put("price", candidate.get("price").toString());
            candidate.put("ad", ((Long) candidate.get("ad")).doubleValue());
        }
        candidates.get(2).put("ad", Math.round((double) candidates.get(2).get("ad")) + "");
        assertThat(scorer.score(RankingRequest.of(user, candidates)).probabilities(0))
                .isEqualTo(expected);
    }

    @Test
    void order_scores_goesFromTheBestToTheWorstEqualOnesInTheirOrder() {
        Scores scores = new Scores(List.of("a", "b"), 4, new float[] {0.2f, 0, 0.9f, 0, 0.2f, 1, 0.5f, 1});
        assertThat(scores.order()).containsExactly(1, 3, 0, 2);
        assertThat(scores.probabilities(1)).containsExactly(0, 0, 1, 1);
    }

    @Test
    void score_missingUnknownAndDoubleColumns_isRefusedNamingThem() {
        Random random = new Random(4);
        Map<String, Object> user = TinyRuns.logUser(random);
        List<Map<String, Object>> candidates = candidates(random, 2);
        candidates.forEach(candidate -> {
            candidate.remove("price");
            candidate.put("prise", 1);
        });
        assertThatThrownBy(() -> scorer.score(RankingRequest.of(user, candidates)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "unknown columns: prise; for prise did you mean price?; missing columns: price; give each for"
                                + " the user or for the candidates, null where there is no value");
        candidates.get(0).put("user", 1);
        assertThatThrownBy(() -> RankingRequest.of(user, candidates))
                .hasMessageContaining("given both for the user and for candidates: user");
        assertThatThrownBy(() -> RankingRequest.of(user, List.of())).hasMessageContaining("there are no candidates");
        assertThatThrownBy(() -> RawRows.of("rows", List.of(Map.of("x", new int[1]))))
                .hasMessageContaining("column x: a value of [I");
        assertThatThrownBy(() -> RawRows.of("rows", List.of(Map.of("x", 1), Map.of("x", List.of(1)))))
                .hasMessageContaining("column x holds lists in some rows");
    }

    @Test
    void score_severalThreadsAtOnce_givesTheScoresOfOneThreadBitForBit() throws Exception {
        Random random = new Random(5);
        List<RankingRequest> requests = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            RankingRequest request =
                    RankingRequest.of(TinyRuns.logUser(random), candidates(random, 1 + random.nextInt(60)));
            requests.add(request);
            expected.add(scorer.score(request).probabilities(0));
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<List<float[]>> all = () -> requests.stream()
                    .map(scorer::score)
                    .map(scores -> scores.probabilities(0))
                    .toList();
            for (Future<List<float[]>> done : threads.invokeAll(List.of(all, all, all, all))) {
                for (int i = 0; i < requests.size(); i++) {
                    assertThat(done.get().get(i)).isEqualTo(expected.get(i));
                }
            }
        } finally {
            threads.shutdown();
        }
        assertThat(Engine.threads()).isEqualTo(1);
    }

    @Test
    @Timeout(3600) // for the longer run of the profile "soak"
    void score_thousandsOfRequests_nativeMemoryDoesNotGrow() {
        Random random = new Random(6);
        RankingRequest request = RankingRequest.of(TinyRuns.logUser(random), candidates(random, 100));
        score(request, 500);
        long kept = tensorBytes();
        // Java's own memory grows for a while; what leaks grows in every round, by 700 bytes a request at the least.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 8 && (SOAK || least > MEBIBYTE); round++) {
            long before = Engine.residentBytes();
            score(request, SOAK ? 125_000 : 2000);
            least = Math.min(least, Engine.residentBytes() - before);
        }
        assertThat(least).isLessThan(SOAK ? 8 * MEBIBYTE : MEBIBYTE);
        assertThat(tensorBytes()).isEqualTo(kept);
    }

    @Test
    void close_scorer_refusesFurtherRequestsAndMayBeRepeated() {
        Random random = new Random(7);
        Scorer own = Scorer.open(run);
        assertThat(own.version()).isEqualTo(scorer.version()).matches("[0-9a-f]{8}");
        own.close();
        own.close();
        assertThatThrownBy(() -> own.score(RankingRequest.of(TinyRuns.logUser(random), candidates(random, 1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scorer is closed");
    }

    @Test
    void documentation_snippet_compilesAndRanks() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "serving.md"));
        String source =
                page.substring(page.indexOf("```java\n") + 8, page.indexOf("```\n", page.indexOf("```java\n") + 8));
        Path file = Files.writeString(folder.resolve("Rank.java"), source);
        ByteArrayOutputStream faults = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler()
                .run(null, faults, faults, "-proc:none", "-cp", System.getProperty("java.class.path"), file.toString());
        assertThat(code).as(faults.toString(StandardCharsets.UTF_8)).isZero();
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            loader.loadClass("Rank").getMethod("main", String[].class).invoke(null, (Object)
                    new String[] {run.toString()});
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).startsWith("best: candidate ");
    }

    @Test
    void open_noRun_saysSo() {
        assertThatThrownBy(() -> Scorer.open(folder.resolve("none")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holds no run");
    }

    private static long tensorBytes() {
        return Arena.bytesByName().values().stream().mapToLong(Long::longValue).sum();
    }

    static List<Map<String, Object>> candidates(Random random, int count) {
        List<Map<String, Object>> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            candidates.add(TinyRuns.logCandidate(random));
        }
        return candidates;
    }

    private static void score(RankingRequest request, int times) {
        for (int i = 0; i < times; i++) {
            scorer.score(request);
        }
    }

    private static void assertScores(RankingRequest request, float[] expected) {
        Scores scores = scorer.score(request);
        for (int row = 0; row < scores.rows(); row++) {
            for (int label = 0; label < 2; label++) {
                assertThat(scores.probability(row, label)).isCloseTo(expected[row * 2 + label], Offset.offset(2e-6f));
            }
        }
    }
}
