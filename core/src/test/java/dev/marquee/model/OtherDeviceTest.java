package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.loss.BinaryCrossEntropyConfig;
import dev.marquee.loss.CrossEntropyConfig;
import dev.marquee.loss.Loss;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Sharding;
import dev.marquee.nn.Tape;
import dev.marquee.optim.GradientClipping;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.optim.SparseOptimizerConfig;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.LazyDevice;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every network learns the same on a device that takes no tensor of main memory, as a GPU does. */
class OtherDeviceTest {
    private static final EmbeddingConfig EMBEDDING = new EmbeddingConfig(4, 0.1, 0.2);
    private static final Optional<String> NEW = Optional.empty();
    private static final Activation RELU = Activation.RELU;
    private static final List<Integer> HIDDEN = List.of(5, 4);

    /** The backend compiles every step, which takes a second or more: here those that differ most. */
    static Stream<RankingModelConfig> networks() {
        return Stream.of(
                LogisticRegressionConfig.DEFAULT,
                new DlrmConfig(EMBEDDING, HIDDEN, List.of(4), RELU, 0, Norm.NONE, NEW),
                new DinConfig(EMBEDDING, List.of(6), true, true, HIDDEN, true, RELU, 0.3, Norm.BATCH, NEW),
                new BstConfig(EMBEDDING, 1, 2, 9, BstConfig.Tokens.ALL, HIDDEN, RELU, 0, Norm.LAYER, NEW),
                new PleConfig(EMBEDDING, 2, 2, 1, HIDDEN, List.of("ad"), List.of(), RELU, 0.3, Norm.NONE, NEW));
    }

    static Stream<RankingModelConfig> allNetworks() {
        return Stream.concat(RankingModelsTest.configs(), withDropoutAndNorms());
    }

    private static Stream<RankingModelConfig> withDropoutAndNorms() {
        return Stream.of(
                new DnnConfig(EMBEDDING, DenseInput.EMBEDDED, HIDDEN, RELU, 0.3, Norm.BATCH, 2, NEW),
                new AutoIntConfig(EMBEDDING, 2, 2, 4, HIDDEN, RELU, 0, Norm.BATCH, NEW),
                new DinConfig(EMBEDDING, HIDDEN, true, true, HIDDEN, true, RELU, 0.3, Norm.BATCH, NEW),
                new DinConfig(EMBEDDING, List.of(6), false, false, HIDDEN, false, RELU, 0.3, Norm.NONE, NEW),
                new BstConfig(EMBEDDING, 2, 2, 9, BstConfig.Tokens.ALL, HIDDEN, RELU, 0, Norm.LAYER, NEW),
                new BstConfig(EMBEDDING, 1, 2, 9, BstConfig.Tokens.CANDIDATE, HIDDEN, RELU, 0, Norm.NONE, NEW),
                new MmoeConfig(EMBEDDING, 3, HIDDEN, List.of("ad"), HIDDEN, RELU, 0.3, Norm.BATCH, NEW),
                new PleConfig(EMBEDDING, 2, 2, 2, HIDDEN, List.of("ad"), HIDDEN, RELU, 0.3, Norm.BATCH, NEW),
                new EsmmConfig(EMBEDDING, HIDDEN, RELU, 0.3, Norm.BATCH, NEW));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void step_rankingNetworkElsewhere_learnsTheSame(RankingModelConfig config) {
        boolean one = config instanceof FmConfig || config instanceof DeepFmConfig;
        TestRows rows = TestRows.full().withLabels(one ? 1 : 2);
        assertSame(
                path -> config.create(path, rows.layout()),
                rows::batch,
                new BinaryCrossEntropyConfig(List.of(2.0)).create());
    }

    @Tag("trial")
    @ParameterizedTest
    @MethodSource("allNetworks")
    void step_everyRankingNetworkElsewhere_learnsTheSame(RankingModelConfig config) {
        step_rankingNetworkElsewhere_learnsTheSame(config);
    }

    static Stream<PictureModelConfig> pictureNetworks() {
        return Stream.of(
                new PerceptronConfig(List.of(16, 8, 10), Activation.GELU, 0.3, Norm.BATCH, Head.LOGITS, NEW),
                new PictureAttentionConfig(
                        4, 4, 8, 2, 1, 8, PictureAttentionConfig.Pooling.CONCATENATE, 8, 10, 0, Head.LOGITS, NEW));
    }

    @ParameterizedTest
    @MethodSource("pictureNetworks")
    void step_pictureNetworkElsewhere_learnsTheSame(PictureModelConfig config) {
        assertSame(
                config::create,
                () -> new Batch(Map.of(Batch.PICTURE, torch.rand(3, 4, 4)), Tensors.of(new long[] {1, 0, 9}), 3),
                CrossEntropyConfig.DEFAULT.create());
    }

    @Test
    void product_withATensorInMainMemory_isRefused() {
        try (Scope scope = Scope.open()) {
            Tensor there = LazyDevice.get().zeros(DType.FLOAT32, 2, 3);
            assertThatThrownBy(() -> torch.mm(there, Tensors.zeros(DType.FLOAT32, 3, 5)))
                    .as("what these tests rely on")
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("not a lazy tensor");
        }
    }

    private static void assertSame(Function<Parameters.Path, Model> network, Supplier<Batch> rows, Loss loss) {
        Map<String, double[]> here = learnt(Device.CPU, network, rows, loss);
        Map<String, double[]> there = learnt(LazyDevice.get(), network, rows, loss);
        assertThat(there.keySet()).isEqualTo(here.keySet());
        here.forEach((name, values) -> assertThat(there.get(name)).as(name).containsExactly(values, within(2e-5)));
    }

    /** What has been learnt in a step, and the outputs in evaluation. */
    private static Map<String, double[]> learnt(
            Device device, Function<Parameters.Path, Model> network, Supplier<Batch> rows, Loss loss) {
        try (Scope outer = Scope.open()) {
            Engine.seed(5);
            try (Parameters parameters = Parameters.create(DType.FLOAT32, Sharding.NONE, device)) {
                Model model = network.apply(parameters.root());
                assertThat(Stream.concat(
                                parameters.trainable().values().stream(), parameters.buffers().values().stream()))
                        .allMatch(tensor -> Device.of(tensor).equals(device));
                Batch batch = rows.get();
                try (Optimizer optimizer = optimizer().create(parameters)) {
                    try (Scope scope = Scope.open();
                            Tape tape = Tape.open(/* fused= */ false, /* recomputing= */ false)) {
                        Draws.seed(1, 2, 0);
                        Tensor output = model.forward(batch.on(device), Mode.TRAINING);
                        tape.backward(loss.of(output, target(batch, output)));
                        GradientClipping.byNorm(parameters, 1);
                        optimizer.step(0.1);
                        parameters.zeroGradients();
                    }
                }
                Map<String, double[]> learnt = new LinkedHashMap<>();
                learnt.put("layers", Tensors.toDoubles(parameters.flat().values()));
                parameters.tables().forEach(table -> learnt.put(table.name(), Tensors.toDoubles(table.weight())));
                if (parameters.buffers().isEmpty()) { // the deferred backend does not move running statistics
                    try (Gradients.Guard off = Gradients.off()) {
                        Tensor output = model.forward(batch.on(device), Mode.EVALUATION);
                        assertThat(Device.of(output)).isEqualTo(device);
                        learnt.put("output", Tensors.toDoubles(output));
                    }
                }
                return learnt;
            }
        }
    }

    /** Rules that do not divide by the gradient: where that is zero, rounding would decide. */
    private static OptimizerConfig optimizer() {
        Optional<Double> absent = Optional.empty();
        SparseOptimizerConfig rows =
                new SparseOptimizerConfig(SparseOptimizerConfig.Name.SGD, absent, 0, 1e-8, 0.9, 0.999);
        return new OptimizerConfig(
                OptimizerConfig.Name.SGD,
                0.1,
                Optional.of(0.9),
                absent,
                false,
                absent,
                absent,
                absent,
                absent,
                absent,
                false,
                absent,
                rows);
    }

    /** Every member of an ensemble learns for itself. */
    private static Tensor target(Batch batch, Tensor output) {
        boolean members = output.dim() == 3;
        return members
                ? batch.target().unsqueeze(1).expand_as(Device.host(output)).contiguous()
                : batch.target();
    }
}
