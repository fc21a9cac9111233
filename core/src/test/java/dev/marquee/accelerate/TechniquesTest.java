package dev.marquee.accelerate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Processor;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TechniquesTest {
    private static final Recipe RANKING =
            Recipe.named("simulated_impressions_din").with(Techniques.BASELINE);
    private static final Recipe PICTURES =
            Recipe.named("fashion_mnist_perceptron").with(Techniques.BASELINE);

    @ParameterizedTest
    @ValueSource(strings = {"simulated_impressions_din", "fashion_mnist_attention", "criteo_deepfm"})
    void all_whateverTheRecipe_eitherChangeItOrSayWhyNot(String name) {
        Recipe baseline = Recipe.named(name).with(Techniques.BASELINE);
        for (Technique technique : Techniques.ALL) {
            Proposal proposal = technique.proposal().apply(FakeLaboratory.situation(baseline));
            assertThat(proposal.settings().isEmpty()).as(technique.name()).isEqualTo(proposal.refusal() != null);
            if (proposal.refusal() == null) {
                assertThat(baseline.with(proposal.settings())).isNotEqualTo(baseline);
            }
        }
    }

    @Test
    void bfloat16_processorThatDoesNotMultiplyIt_isNotHere() {
        Situation without = new Situation(RANKING, 2, Processor.UNKNOWN, true, true, 1_000_000, 0);
        assertThat(proposal("bfloat16", without).refusal()).startsWith("not on this processor");
    }

    @Test
    void pieces_networkWithBatchNorm_isRefusedWithTheReason() {
        Situation without = new Situation(RANKING, 2, Processor.UNKNOWN, false, true, 1_000_000, 0);
        assertThat(proposal("replica threads", without).refusal()).isNull();
        assertThat(proposal("smaller pieces", without).refusal()).contains("batch norm");
    }

    @Test
    void asynchronous_rulesThatDoNotBearLostChanges_areRefusedWithTheReason() {
        assertThat(proposal("asynchronous replicas", FakeLaboratory.situation(RANKING.with("optimizer.name", "adam")))
                        .refusal())
                .contains("optimizer.name must be sgd", "not adam");
        Recipe suitable = RANKING.with(Map.of("optimizer.name", "sgd", "optimizer.sparse.name", "adagrad"));
        assertThat(proposal("asynchronous replicas", FakeLaboratory.situation(suitable))
                        .settings())
                .containsEntry("engine.replica_updates", "asynchronous")
                .containsEntry("engine.replicas", 2);
        Situation normed = new Situation(suitable, 2, Processor.UNKNOWN, false, true, 1_000_000, 0);
        assertThat(proposal("asynchronous replicas", normed).refusal()).contains("batch norm");
        assertThat(proposal("recomputed activations", normed).refusal()).contains("batch norm");
    }

    @Test
    void exclude_piecesOfAsynchronousReplicas_areNotCombined() {
        Map<String, Object> pieces = Map.of("engine.micro_batch", 64);
        Map<String, Object> apart = Map.of("engine.replica_updates", "asynchronous");
        assertThat(Techniques.exclude(pieces, apart)).isTrue();
        assertThat(Techniques.exclude(apart, pieces)).isTrue();
        assertThat(Techniques.exclude(apart, Map.of("engine.recompute", true))).isFalse();
    }

    @Test
    void threads_oneCore_areRefused() {
        Situation one = new Situation(RANKING, 1, Processor.UNKNOWN, true, true, 1_000_000, 0);
        assertThat(proposal("replica threads", one).refusal()).isEqualTo("there is one core");
        assertThat(proposal("threads inside operators", one).refusal()).isEqualTo("there is one core");
    }

    @Test
    void batchSize_sgd_scalesTheRateWithTheBatch() {
        assertThat(proposal("batch size × 4", FakeLaboratory.situation(PICTURES))
                        .settings())
                .isEqualTo(Map.of("data.batch_size", 80, "optimizer.learning_rate", 0.04));
    }

    @Test
    void batchSize_adam_scalesTheRateWithTheSquareRootAndShortensTheWarmUp() {
        Recipe recipe = RANKING.with(Map.of("schedule.warmup_steps", 100, "optimizer.learning_rate", 0.001));
        assertThat(proposal("batch size × 4", FakeLaboratory.situation(recipe)).settings())
                .isEqualTo(Map.of(
                        "data.batch_size", 2048, "optimizer.learning_rate", 0.002, "schedule.warmup_steps", 25L));
    }

    @Test
    void batchSize_rateThatFollowsTheBatchByItself_isNotScaledTwice() {
        Recipe recipe =
                PICTURES.with(Map.of("schedule.scale_with_batch", "linear", "schedule.reference_batch_size", 20));
        assertThat(proposal("batch size × 4", FakeLaboratory.situation(recipe)).settings())
                .isEqualTo(Map.of("data.batch_size", 80));
    }

    @Test
    void batchSize_moreThanAnEpochHasRoomFor_isRefused() {
        Situation small = new Situation(RANKING, 2, Processor.UNKNOWN, true, true, 10_000, 0);
        assertThat(proposal("batch size × 2", small).refusal()).contains("fewer than 20 steps");
    }

    @Test
    void batchesFurtherAhead_onlyWhereTrainingWaits() {
        assertThat(proposal("batches further ahead", FakeLaboratory.situation(PICTURES))
                        .refusal())
                .contains("does not wait");
        Situation waiting = new Situation(PICTURES, 2, Processor.UNKNOWN, true, false, 60_000, 0.3);
        assertThat(proposal("batches further ahead", waiting).settings())
                .isEqualTo(Map.of("data.prefetch", 16, "data.readers", 2));
    }

    private static Proposal proposal(String name, Situation situation) {
        return Techniques.ALL.stream()
                .filter(technique -> technique.name().equals(name))
                .findFirst()
                .orElseThrow()
                .proposal()
                .apply(situation);
    }
}
