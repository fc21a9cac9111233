package dev.marquee.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.config.Kind;
import dev.marquee.model.RankingModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scorer against {@code predict}, for every ranking model. */
@Timeout(120)
class ZooScorerTest {
    private static final int CANDIDATES = 30;

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    static Stream<String> kinds() {
        return Stream.of(RankingModelConfig.class.getPermittedSubclasses())
                .map(config -> config.getAnnotation(Kind.class).value());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void score_usersAndTheirCandidates_givesWhatPredictWritesForTheSameRows(String kind) {
        Path run = TinyRuns.simulated(kind, folder, prepared);
        List<Map<String, Object>> rows = TinyRuns.simulatedRows(run);
        List<RankingRequest> requests = new ArrayList<>();
        List<Map<String, Object>> flat = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Map<String, Object> user = new LinkedHashMap<>(rows.get(13 * i));
            user.keySet().retainAll(TinyRuns.OF_USER);
            List<Map<String, Object>> candidates = new ArrayList<>();
            for (Map<String, Object> row : rows.subList(10 * i, 10 * i + CANDIDATES)) {
                Map<String, Object> candidate = new LinkedHashMap<>(row);
                candidate.keySet().removeAll(TinyRuns.OF_USER);
                candidates.add(candidate);
                Map<String, Object> whole = new LinkedHashMap<>(candidate);
                whole.putAll(user);
                flat.add(whole);
            }
            requests.add(RankingRequest.of(user, candidates));
        }
        float[] expected = TinyRuns.predicted(run, folder.resolve("rows.parquet"), flat);
        try (Scorer scorer = Scorer.open(run)) {
            int labels = scorer.labels().size();
            List<Scores> together =
                    scorer.score(requests.stream().map(scorer::encode).toList());
            Scores ofRows = scorer.score(RankingRequest.ofRows(RawRows.of("rows", flat)));
            for (int i = 0; i < requests.size(); i++) {
                Scores alone = scorer.score(requests.get(i));
                for (int row = 0; row < CANDIDATES; row++) {
                    for (int label = 0; label < labels; label++) {
                        float predicted = expected[(i * CANDIDATES + row) * labels + label];
                        Offset<Float> rounding = Offset.offset(2e-6f);
                        assertThat(alone.probability(row, label)).isCloseTo(predicted, rounding);
                        assertThat(together.get(i).probability(row, label)).isCloseTo(predicted, rounding);
                        assertThat(ofRows.probability(i * CANDIDATES + row, label))
                                .isCloseTo(predicted, rounding);
                    }
                }
            }
            assertThat(distinct(expected)).isGreaterThan(CANDIDATES * 3);
        }
    }

    private static int distinct(float[] values) {
        Set<Float> seen = new HashSet<>();
        for (float value : values) {
            seen.add(value);
        }
        return seen.size();
    }
}
