package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import dev.marquee.tensor.YoungGeneration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DirectLayersTest {
    private static final List<Integer> SIZES = List.of(1, 3, 16, 64, 300, 400, 512);
    /** Sums of up to 512 products in another order; of numbers around 1, in float32. */
    private static final double ROUNDING = 2e-5;

    /** A loss's gradients by parameter, with a tape or by the engine's graph alone; the same dropout in both. */
    private static Map<String, double[]> gradients(
            boolean onTape, Parameters parameters, Tensor input, UnaryOperator<Tensor> network) {
        parameters.zeroGradients();
        input.mutable_grad().reset();
        Engine.seed(5);
        if (onTape) {
            try (Tape tape = Tape.open()) {
                tape.backward(loss(network.apply(input)));
            }
        } else {
            loss(network.apply(input)).backward();
        }
        Map<String, double[]> gradients = new LinkedHashMap<>();
        parameters.trainable().forEach((name, tensor) -> gradients.put(name, numbers(tensor.grad())));
        if (input.requires_grad()) {
            gradients.put("input", numbers(input.grad()));
        }
        return gradients;
    }

    /** Unequal weights, so that gradients of outputs differ. */
    private static Tensor loss(Tensor output) {
        return output.sin().mean();
    }

    private static double[] numbers(Tensor tensor) {
        return tensor.defined() ? Tensors.toDoubles(tensor.to(torch.ScalarType.Double)) : new double[0];
    }

    private static void assertSame(Map<String, double[]> actual, Map<String, double[]> expected, double tolerance) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> {
            double largest = IntStream.range(0, values.length)
                    .mapToDouble(i -> Math.abs(values[i]))
                    .max()
                    .orElse(0);
            assertThat(actual.get(name)).as(name).hasSameSizeAs(values);
            double error = IntStream.range(0, values.length)
                    .mapToDouble(i -> Math.abs(values[i] - actual.get(name)[i]))
                    .max()
                    .orElse(0);
            assertThat(error).as(name).isLessThanOrEqualTo(tolerance * largest);
        });
    }

    private static void assertTapeAgrees(
            Parameters parameters, Tensor input, double tolerance, UnaryOperator<Tensor> network) {
        assertSame(
                gradients(/* onTape= */ true, parameters, input, network),
                gradients(/* onTape= */ false, parameters, input, network),
                tolerance);
    }

    private static <T> T any(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static Tensor input(DType type, boolean gradient, long... shape) {
        return torch.randn(shape)
                .to(Tensors.options(type).dtype().toScalarType())
                .set_requires_grad(gradient);
    }

    @Test
    void backward_layersInAResidual_whatIsBelowIsVisitedOnce() {
        try (Parameters parameters = Parameters.create(DType.FLOAT64);
                Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            HiddenLayers layers = HiddenLayers.create(
                    parameters.root(), 4, new HiddenLayers.Config(List.of(4), Activation.RELU, false, 0, Norm.NONE));
            Tensor below = input(DType.FLOAT64, true, 3, 4);
            AtomicInteger visits = new AtomicInteger();
            Tensor x = below.square();
            x.register_hook(new Counter(visits));

            tape.backward(loss(layers.forward(x, Mode.TRAINING).add(x)));

            assertThat(visits).hasValue(1);
            assertThat(below.grad().defined()).isTrue();
        }
    }

    /** Counts how often the engine comes by. */
    private static final class Counter extends TensorTensorHook {
        private final AtomicInteger visits;

        Counter(AtomicInteger visits) {
            this.visits = visits;
        }

        @Override
        public TensorBase call(TensorBase gradient) {
            visits.incrementAndGet();
            return gradient;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void backward_anyStack_agreesWithTheEnginesGraph(int seed) {
        for (int round = 0; round < 15; round++) {
            Random random = new Random(100L * seed + round);
            Engine.seed(random.nextLong());
            int inputs = any(random, SIZES);
            List<Integer> sizes = random.ints(1 + random.nextInt(3), 0, SIZES.size())
                    .mapToObj(SIZES::get)
                    .toList();
            HiddenLayers.Config config = new HiddenLayers.Config(
                    sizes,
                    random.nextBoolean() ? Activation.RELU : any(random, List.of(Activation.values())),
                    /* dice= */ false,
                    random.nextBoolean() ? 0 : 0.3,
                    random.nextInt(3) > 0 ? Norm.NONE : Norm.LAYER);
            int rows = 1 + random.nextInt(70);
            try (Scope scope = Scope.open();
                    Parameters parameters = Parameters.create(DType.FLOAT32)) {
                HiddenLayers layers = HiddenLayers.create(parameters.root(), inputs, config);
                Tensor input = random.nextBoolean()
                        ? input(DType.FLOAT32, random.nextBoolean(), rows, inputs)
                        : input(DType.FLOAT32, random.nextBoolean(), 2, rows, inputs);
                assertThat(config)
                        .satisfies(of ->
                                assertTapeAgrees(parameters, input, ROUNDING, x -> layers.forward(x, Mode.TRAINING)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void backward_float64_agreesToItsPrecision(Activation activation) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            HiddenLayers layers = HiddenLayers.create(
                    parameters.root(), 9, new HiddenLayers.Config(List.of(7, 1, 5), activation, 0.2, Norm.NONE));

            assertTapeAgrees(
                    parameters,
                    input(DType.FLOAT64, /* gradient= */ true, 6, 9),
                    1e-13,
                    x -> layers.forward(x, Mode.TRAINING));
        }
    }

    @Test
    void backward_sameProducts_isExactlyTheEngines() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultilayerPerceptron network =
                    MultilayerPerceptron.create(parameters.root(), MultilayerPerceptron.Config.of(20, 16, 8, 3));

            assertTapeAgrees(
                    parameters,
                    input(DType.FLOAT32, /* gradient= */ true, 8, 20),
                    0,
                    x -> network.forward(x, Mode.TRAINING));
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void backward_normOrDiceBetween_agreesWithTheEnginesGraph(Norm norm) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            HiddenLayers layers = HiddenLayers.create(
                    parameters.root(),
                    5,
                    new HiddenLayers.Config(List.of(4, 6), Activation.RELU, /* dice= */ norm == Norm.NONE, 0.5, norm));

            assertTapeAgrees(
                    parameters,
                    input(DType.FLOAT64, /* gradient= */ true, 12, 5),
                    1e-12,
                    x -> layers.forward(x, Mode.TRAINING));
        }
    }

    @Test
    void backward_residualsOneLayerTwiceAndAnUnusedOutput_addsAllGradients() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            HiddenLayers layers = HiddenLayers.create(
                    parameters.root(), 400, new HiddenLayers.Config(List.of(400), Activation.RELU, 0, Norm.NONE));

            assertTapeAgrees(parameters, input(DType.FLOAT32, /* gradient= */ true, 20, 400), ROUNDING, x -> {
                Tensor first = layers.forward(x.mul(x), Mode.TRAINING).add(x);
                layers.forward(first, Mode.TRAINING);
                return layers.forward(first, Mode.TRAINING).add(first);
            });
        }
    }

    @Test
    void backward_inputLaidOutOtherwise_agreesWithTheEnginesGraph() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            HiddenLayers layers = HiddenLayers.create(
                    parameters.root(), 400, new HiddenLayers.Config(List.of(300), Activation.RELU, 0, Norm.NONE));
            UnaryOperator<Tensor> network = x -> layers.forward(x, Mode.TRAINING);

            assertTapeAgrees(
                    parameters,
                    input(DType.FLOAT32, true, 500, 9),
                    ROUNDING,
                    x -> network.apply(x.narrow(0, 50, 400).t()));
            assertTapeAgrees(
                    parameters, input(DType.FLOAT32, true, 1, 400), ROUNDING, x -> network.apply(x.expand(9, 400)));
            assertTapeAgrees(
                    parameters,
                    input(DType.FLOAT32, true, 0, 400),
                    ROUNDING,
                    x -> network.apply(x).sum().add(x.sum()));
        }
    }

    @Test
    void backward_twoPassesWithoutZeroing_accumulates() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultilayerPerceptron network =
                    MultilayerPerceptron.create(parameters.root(), MultilayerPerceptron.Config.of(6, 5, 1));
            Tensor input = input(DType.FLOAT64, /* gradient= */ false, 4, 6);
            Map<String, double[]> once =
                    gradients(/* onTape= */ true, parameters, input, x -> network.forward(x, Mode.TRAINING));
            try (Tape tape = Tape.open()) {
                tape.backward(loss(network.forward(input, Mode.TRAINING)));
            }

            once.forEach((name, values) -> {
                double[] twice = numbers(parameters.trainable().get(name).grad());
                for (int i = 0; i < values.length; i++) {
                    assertThat(twice[i]).isCloseTo(2 * values[i], within(1e-15));
                }
            });
        }
    }

    @Test
    void forward_nothingLearns_needsNoGradient() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32);
                Tape tape = Tape.open()) {
            HiddenLayers layers = HiddenLayers.create(
                    parameters.root(), 4, new HiddenLayers.Config(List.of(3), Activation.RELU, 0, Norm.NONE));
            parameters.trainable().values().forEach(tensor -> tensor.set_requires_grad(false));

            assertThat(layers.forward(input(DType.FLOAT32, false, 2, 4), Mode.TRAINING)
                            .requires_grad())
                    .isFalse();
        }
    }

    @Test
    void backward_lowerLayersFrozen_reachesOnlyWhatLearns() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultilayerPerceptron network =
                    MultilayerPerceptron.create(parameters.root(), MultilayerPerceptron.Config.of(6, 5, 4, 2));
            parameters.trainable().get("fc1.weight").set_requires_grad(false);
            parameters.trainable().get("fc2.weight").set_requires_grad(false);
            parameters.trainable().get("fc2.bias").set_requires_grad(false);
            Tensor input = input(DType.FLOAT64, /* gradient= */ false, 4, 6);

            assertTapeAgrees(parameters, input, 0, x -> network.forward(x, Mode.TRAINING));
            assertThat(parameters.trainable().get("fc1.bias").grad().defined()).isTrue();
            assertThat(parameters.trainable().get("fc2.weight").grad().defined())
                    .isFalse();
        }
    }

    @Test
    void forward_otherSize_saysWhatIsExpected() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32);
                Tape tape = Tape.open()) {
            HiddenLayers layers = HiddenLayers.create(
                    parameters.root(), 4, new HiddenLayers.Config(List.of(3), Activation.RELU, 0, Norm.NONE));

            assertThatThrownBy(() -> layers.forward(input(DType.FLOAT32, false, 2, 5), Mode.TRAINING))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the linear map's input");
        }
    }

    @Test
    void backward_notANumberInTheWeights_showsInTheLoss() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32);
                Tape tape = Tape.open()) {
            MultilayerPerceptron network =
                    MultilayerPerceptron.create(parameters.root(), MultilayerPerceptron.Config.of(400, 300, 1));
            try (Gradients.Guard off = Gradients.off()) {
                parameters.trainable().get("fc1.weight").fill_(new org.bytedeco.pytorch.Scalar(Double.NaN));
            }

            assertThat(network.forward(input(DType.FLOAT32, false, 8, 400), Mode.TRAINING)
                            .sum()
                            .item_float())
                    .isNaN();
        }
    }

    @Test
    void backward_thousandsOfSteps_nativeMemoryDoesNotGrow() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope around = Scope.open()) {
            MultilayerPerceptron network = MultilayerPerceptron.create(
                    parameters.root(),
                    new MultilayerPerceptron.Config(List.of(400, 300, 1), Activation.RELU, 0.1, Norm.NONE));
            Tensor input = input(DType.FLOAT32, /* gradient= */ true, 16, 400);
            train(parameters, network, input, 300);
            YoungGeneration.touch();
            long before = Engine.residentBytes();
            train(parameters, network, input, 3_000);
            // A leak of one activation a step would be 3,000 × 19 KiB = 55 MiB.
            assertThat(Engine.residentBytes() - before).isLessThan(24L << 20);
        }
    }

    private static void train(Parameters parameters, MultilayerPerceptron network, Tensor input, int steps) {
        for (int step = 0; step < steps; step++) {
            try (Scope scope = Scope.open();
                    Tape tape = Tape.open()) {
                parameters.zeroGradients();
                tape.backward(network.forward(input, Mode.TRAINING).mean());
            }
        }
    }
}
