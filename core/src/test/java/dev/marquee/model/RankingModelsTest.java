package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of all networks that cross fields or read them side by side. */
class RankingModelsTest {
    private static final EmbeddingConfig EMBEDDING = new EmbeddingConfig(3, 0.1, 0);
    private static final List<Integer> HIDDEN = List.of(5, 4);
    private static final List<Integer> TOP = List.of(4);
    private static final Optional<String> NEW = Optional.empty();

    static Stream<RankingModelConfig> configs() {
        return Stream.of(
                LogisticRegressionConfig.DEFAULT,
                new FmConfig(EMBEDDING, NEW),
                new WideDeepConfig(EMBEDDING, DenseInput.EMBEDDED, HIDDEN, Activation.GELU, 0, Norm.NONE, 1, NEW),
                new DnnConfig(EMBEDDING, DenseInput.RAW, HIDDEN, Activation.RELU, 0, Norm.LAYER, 1, NEW),
                new DnnConfig(EMBEDDING, DenseInput.EMBEDDED, List.of(), Activation.RELU, 0, Norm.NONE, 1, NEW),
                new DnnConfig(EMBEDDING, DenseInput.EMBEDDED, HIDDEN, Activation.RELU, 0, Norm.LAYER, 3, NEW),
                new DeepFmConfig(EMBEDDING, HIDDEN, Activation.RELU, 0, Norm.NONE, 3, NEW),
                new DlrmConfig(EMBEDDING, HIDDEN, TOP, Activation.RELU, 0, Norm.NONE, NEW),
                cross(Optional.empty(), 1, DcnV2Config.Structure.STACKED, 1),
                cross(Optional.of(2), 1, DcnV2Config.Structure.PARALLEL, 1),
                cross(Optional.of(2), 3, DcnV2Config.Structure.PARALLEL, 2),
                new AutoIntConfig(EMBEDDING, 2, 2, 4, HIDDEN, Activation.RELU, 0, Norm.NONE, NEW),
                finalMlp(List.of(), true),
                finalMlp(List.of("user", "words"), true));
    }

    private static DcnV2Config cross(
            Optional<Integer> rank, int experts, DcnV2Config.Structure structure, int members) {
        return new DcnV2Config(
                EMBEDDING,
                DenseInput.RAW,
                2,
                rank,
                experts,
                structure,
                TOP,
                Activation.TANH,
                0,
                Norm.NONE,
                members,
                NEW);
    }

    private static FinalMlpConfig finalMlp(List<String> gate, boolean gating) {
        return new FinalMlpConfig(
                EMBEDDING,
                DenseInput.RAW,
                HIDDEN,
                TOP,
                Activation.RELU,
                0,
                Norm.NONE,
                gating,
                TOP,
                gate,
                List.of(),
                2,
                NEW);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void backward_everyKindOfFeature_agreesWithFiniteDifferences(RankingModelConfig config) {
        ModelChecks.assertGradients(config, TestRows.full());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void forward_withoutNumbersOrWithoutIds_worksOrSaysWhatIsMissing(RankingModelConfig config) {
        assertThat(ModelChecks.logits(config, TestRows.full().withoutNumbers())).hasSize(4);
        if (config instanceof DlrmConfig) {
            assertThatThrownBy(() -> ModelChecks.logits(config, TestRows.numbersOnly()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "dlrm needs at least one feature of kind categorical, bag or sequence, and the schema has"
                                    + " only numbers: choose another model, such as dnn or dcn_v2");
        } else if (!config.equals(finalMlp(List.of("user", "words"), true))) {
            assertThat(ModelChecks.logits(config, TestRows.numbersOnly())).hasSize(4);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void create_noFeatures_isRefused(RankingModelConfig config) {
        FeatureLayout nothing = new FeatureLayout(
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                TestRows.full().layout().labels());
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            assertThatThrownBy(() -> config.create(parameters.root(), nothing))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs at least one feature");
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void create_twoLabels_worksOrIsRefusedWhereThereIsOneInteraction(RankingModelConfig config) {
        TestRows rows = TestRows.full().withLabels(2);
        if (config instanceof FmConfig || config instanceof DeepFmConfig) {
            assertThatThrownBy(() -> ModelChecks.logits(config, rows))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(
                            "(deep)?fm has one factorization machine, which predicts one label, and the schema"
                                    + " has 2: click, buy: keep one of them, or choose a model for several, such as dnn or mmoe");
        } else {
            assertThat(ModelChecks.logits(config, rows)).hasSize(8);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void forward_float32_agreesWithItselfInFloat64(RankingModelConfig config) {
        TestRows rows = TestRows.full();
        double[] exact = ModelChecks.logits(config, rows);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Model model = config.create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            Tensor logits = model.forward(rows.batch(), Mode.EVALUATION);
            assertThat(DType.of(logits)).isEqualTo(DType.FLOAT32);
            double[] values = Tensors.toDoubles(logits);
            for (int i = 0; i < exact.length; i++) {
                assertThat(values[i]).isCloseTo(exact[i], within(1e-4));
            }
        }
    }

    @Test
    void forward_batchNormAndDropoutInTraining_work() {
        TestRows rows = TestRows.full();
        EmbeddingConfig dropped = new EmbeddingConfig(3, 0.1, 0.5);
        for (int members : List.of(1, 3)) {
            DnnConfig config =
                    new DnnConfig(dropped, DenseInput.EMBEDDED, HIDDEN, Activation.SILU, 0.5, Norm.BATCH, members, NEW);
            try (Scope scope = Scope.open();
                    Parameters parameters = Parameters.create(DType.FLOAT32)) {
                Model model = config.create(parameters.root(), rows.layout());
                Tensor logits = model.forward(rows.batch(), Mode.TRAINING);
                assertThat(logits.numel()).isEqualTo(4L * members);
                assertThat(Tensors.toDoubles(logits)).doesNotContain(Double.NaN);
            }
        }
    }

    @Test
    void forward_embeddingDropout_dropsInTrainingOnly() {
        TestRows rows = TestRows.full();
        FmConfig config = new FmConfig(new EmbeddingConfig(3, 0.1, 0.9), NEW);
        assertThat(ModelChecks.logits(config, rows))
                .containsExactly(ModelChecks.logits(new FmConfig(EMBEDDING, NEW), rows));
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = config.create(parameters.root(), rows.layout());
            TestRows.fill(parameters);
            double[] training = Tensors.toDoubles(model.forward(rows.batch(), Mode.TRAINING));
            assertThat(training).isNotEqualTo(Tensors.toDoubles(model.forward(rows.batch(), Mode.EVALUATION)));
        }
    }

    @Test
    void forward_batchWithoutTheInputsThatTheLayoutLacks_works() {
        TestRows rows = TestRows.numbersOnly();
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Model model = DcnV2Config.DEFAULT.create(parameters.root(), rows.layout());
            Map<String, Tensor> inputs = new HashMap<>(rows.batch().inputs());
            inputs.remove(Batch.IDS);
            Batch batch = new Batch(inputs, rows.batch().target(), rows.size());
            assertThat(model.forward(batch, Mode.EVALUATION).numel()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void describe_always_namesTheNetwork(RankingModelConfig config) {
        assertThat(config.describe()).isNotBlank().doesNotContain("[");
    }
}
