package dev.marquee.accelerate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.accelerate.Finding.Verdict;
import dev.marquee.recipe.EngineConfig.Precision;
import dev.marquee.recipe.Recipe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SearchTest {
    private static final Recipe BASELINE =
            Recipe.named("simulated_impressions_dnn").with(Techniques.BASELINE);

    private final FakeLaboratory laboratory = new FakeLaboratory();

    @Test
    void run_twoTechniquesThatMultiply_recommendsBoth() {
        laboratory.speed =
                recipe -> (recipe.engine().fused() ? 1.3 : 1) * (recipe.engine().replicas() == 2 ? 1.8 : 1);
        Search.Result result = run();
        assertThat(result.complete()).isTrue();
        assertThat(result.change()).isTrue();
        assertThat(result.changes())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("engine.threads", 2, "engine.replicas", 2, "engine.fused", true));
        assertThat(verdict(result, "fused layers")).isEqualTo(Verdict.RECOMMENDED);
        Finding best = result.findings().get(result.findings().size() - 1);
        assertThat(best.name()).isEqualTo("best: replica threads + fused layers");
        assertThat(best.gain().times()).isBetween(2.2, 2.5);
    }

    @Test
    void run_gainSmallerThanTheNoise_isNotTakenForOne() {
        laboratory.noise = 0.5;
        laboratory.speed = recipe -> recipe.engine().fused() ? 1.02 : 1;
        Search.Result result = run();
        assertThat(verdict(result, "fused layers")).isEqualTo(Verdict.NO_GAIN);
        assertThat(result.changes()).isEmpty();
        assertThat(result.change()).isFalse();
    }

    @Test
    void run_fastTechniqueThatCostsMoreThanTheTolerance_isRefusedWithFigures() {
        laboratory.speed = recipe -> recipe.engine().precision() == Precision.BFLOAT16 ? 3 : 1;
        laboratory.change = recipe -> recipe.engine().precision() == Precision.BFLOAT16 ? 0.02 : 0;
        Search.Result result = run();
        assertThat(verdict(result, "bfloat16")).isEqualTo(Verdict.COSTS_QUALITY);
        assertThat(finding(result, "bfloat16").reason())
                .isEqualTo("loss +2.00 % (+1.90 % to +2.10 %): more than the 0.50 % that are tolerated");
        assertThat(result.changes()).isEmpty();
    }

    @Test
    void run_qualityThatTheIntervalLeavesOpen_isNotRecommended() {
        laboratory.speed = recipe -> recipe.engine().precision() == Precision.BFLOAT16 ? 3 : 1;
        laboratory.uncertainty = 0.01;
        Search.Result result = run();
        assertThat(verdict(result, "bfloat16")).isEqualTo(Verdict.QUALITY_UNKNOWN);
        assertThat(finding(result, "bfloat16").reason()).contains("not shown to stay within 0.50 %", "--seeds");
        assertThat(result.changes()).isEmpty();
    }

    @Test
    void run_techniqueThatChangesRoundingOnly_needsNoQualityRun() {
        laboratory.speed = recipe -> recipe.engine().fused() ? 2 : 1;
        assertThat(verdict(run(), "fused layers")).isEqualTo(Verdict.RECOMMENDED);
        assertThat(laboratory.judged).isEmpty();
    }

    @Test
    void run_firstLossesThatDifferByMoreThanRounding_leadToAQualityRun() {
        laboratory.speed = recipe -> recipe.engine().fused() ? 2 : 1;
        laboratory.firstLoss = recipe -> recipe.engine().fused() ? 0.71 : 0.7;
        assertThat(verdict(run(), "fused layers")).isEqualTo(Verdict.RECOMMENDED);
        assertThat(laboratory.judged).contains("fused layers");
    }

    @Test
    void run_techniquesHarmlessAloneButNotTogether_dropsTheOneAddedLast() {
        laboratory.speed = recipe -> (recipe.engine().precision() == Precision.BFLOAT16 ? 2 : 1)
                * (recipe.data().batchSize() > BASELINE.data().batchSize() ? 1.5 : 1);
        laboratory.change = recipe -> (recipe.engine().precision() == Precision.BFLOAT16 ? 0.003 : 0)
                + (recipe.data().batchSize() > BASELINE.data().batchSize() ? 0.003 : 0);
        Search.Result result = run();
        assertThat(laboratory.judged).contains("the combination");
        assertThat(result.changes()).containsExactly(Map.entry("engine.precision", "bfloat16"));
        assertThat(result.findings())
                .filteredOn(
                        finding -> finding.name().startsWith("batch size") && finding.verdict() == Verdict.NOT_ADDED)
                .isNotEmpty();
    }

    @Test
    void run_settingsThatExcludeEachOther_areNeverCombined() {
        laboratory.speed = recipe ->
                recipe.engine().threads() == 2 ? 1.5 + 0.1 * recipe.engine().replicas() : 1;
        assertThat(run().changes())
                .containsExactlyInAnyOrderEntriesOf(Map.of("engine.threads", 2, "engine.replicas", 2));
        assertThat(laboratory.timed)
                .allSatisfy(arms -> assertThat(arms).doesNotContain("with threads inside operators"));
    }

    @Test
    void run_givenSettingThatIsSlower_isTakenBack() {
        laboratory.speed = recipe -> recipe.engine().fused() ? 0.5 : 1;
        Search.Result result = run(BASELINE.with(Map.of("engine.fused", true, "engine.micro_batch", 500)));
        assertThat(result.change()).isTrue();
        assertThat(result.changes()).isEqualTo(Map.of("engine.fused", false));
    }

    @Test
    void run_givenSettingsThatMakeNoDifference_areLeftAlone() {
        Search.Result result = run(BASELINE.with(Map.of("engine.fused", true, "engine.threads", 2)));
        assertThat(result.change()).isFalse();
        assertThat(result.changes()).isEmpty();
        assertThat(result.findings()).noneMatch(finding -> finding.name().startsWith("best"));
    }

    @Test
    void run_givenRecipeThatIsTheBestAlready_isNotChanged() {
        laboratory.speed =
                recipe -> (recipe.engine().fused() ? 1.3 : 1) * (recipe.engine().replicas() == 2 ? 1.8 : 1);
        Search.Result result =
                run(BASELINE.with(Map.of("engine.fused", true, "engine.threads", 2, "engine.replicas", 2)));
        assertThat(result.change()).isFalse();
        assertThat(verdict(result, "fused layers")).isEqualTo(Verdict.RECOMMENDED);
    }

    @Test
    void run_techniqueThatFails_isReportedAndLeftOut() {
        laboratory.speed = recipe -> recipe.engine().fused() ? 2 : 1;
        laboratory.failure = recipe ->
                recipe.engine().precision() == Precision.BFLOAT16 ? Optional.of("no such product") : Optional.empty();
        Search.Result result = run();
        assertThat(verdict(result, "bfloat16")).isEqualTo(Verdict.FAILED);
        assertThat(finding(result, "bfloat16").reason()).isEqualTo("no such product");
        assertThat(result.changes()).containsOnlyKeys("engine.fused");
    }

    @Test
    void run_baselineThatFails_isRefused() {
        laboratory.failure = recipe -> Optional.of("the loss is NaN");
        assertThatThrownBy(this::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not train on one thread: the loss is NaN");
    }

    @Test
    void run_stoppedEarly_givesWhatWasMeasuredWithoutARecommendation() {
        laboratory.stopAfterCalls = OptionalInt.of(1);
        laboratory.speed = recipe -> recipe.engine().fused() ? 2 : 1;
        Search.Result result = run();
        assertThat(result.complete()).isFalse();
        assertThat(result.change()).isFalse();
        assertThat(finding(result, "fused layers").gain().times()).isGreaterThan(1.9);
        assertThat(result.findings()).noneMatch(finding -> finding.name().startsWith("best"));
    }

    private Search.Result run() {
        return run(BASELINE);
    }

    private Search.Result run(Recipe given) {
        return new Search(
                        laboratory,
                        given,
                        BASELINE,
                        FakeLaboratory.situation(BASELINE),
                        Techniques.ALL,
                        AccelerateOptions.DEFAULT)
                .run();
    }

    private static Verdict verdict(Search.Result result, String name) {
        return finding(result, name).verdict();
    }

    private static Finding finding(Search.Result result, String name) {
        List<Finding> found = result.findings().stream()
                .filter(finding -> finding.name().equals(name))
                .toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
