package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.parallel.Replicas;
import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in bfloat16 by copies of the weights, against autocast and float32. */
class HalfWeightsTest {
    private static final int ROWS = 40;
    /** bfloat16 rounds to 1/256 of a number; a gradient has been through some four roundings, which mostly cancel in sums. */
    private static final double ROUNDING = 0.01;

    private static final List<Integer> SIZES = List.of(48, 96, 64, 4);

    private enum Way {
        FLOAT32,
        AUTOCAST,
        HALVES
    }

    @AfterEach
    void restoreThreads() {
        Engine.useThreads(2);
    }

    @ParameterizedTest
    @CsvSource({"RELU, 0, false", "GELU, 0, false", "RELU, 0.3, true", "TANH, 0.3, true", "LEAKY_RELU, 0, true"})
    void backward_perceptron_agreesWithAutocastAndIsNoFartherFromFloat32(
            Activation activation, double dropout, boolean inputLearns) {
        Map<String, double[]> exact = pass(Way.FLOAT32, activation, dropout, inputLearns);
        Map<String, double[]> autocast = pass(Way.AUTOCAST, activation, dropout, inputLearns);
        Map<String, double[]> halves = pass(Way.HALVES, activation, dropout, inputLearns);
        assertThat(halves.keySet()).isEqualTo(exact.keySet());
        exact.forEach((name, values) -> {
            double error = error(halves.get(name), values);
            assertThat(error(halves.get(name), autocast.get(name))).as(name).isLessThan(ROUNDING);
            // Where many ReLU bend, both are farther from float32 than from each other.
            assertThat(error).as(name).isLessThanOrEqualTo(1.05 * error(autocast.get(name), values));
        });
    }

    /** The root of the mean square of the difference, relative to that of the values. */
    private static double error(double[] values, double[] exact) {
        assertThat(values).hasSameSizeAs(exact);
        double difference = IntStream.range(0, exact.length)
                .mapToDouble(i -> Math.pow(values[i] - exact[i], 2))
                .sum();
        double size = IntStream.range(0, exact.length)
                .mapToDouble(i -> Math.pow(exact[i], 2))
                .sum();
        return Math.sqrt(difference / size);
    }

    private static Map<String, double[]> pass(Way way, Activation activation, double dropout, boolean inputLearns) {
        Engine.seed(5);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultilayerPerceptron network = MultilayerPerceptron.create(
                    parameters.root(), new MultilayerPerceptron.Config(SIZES, activation, dropout, Norm.NONE));
            Tensor input = normal(ROWS, SIZES.get(0)).set_requires_grad(inputLearns);
            Tensor factors = normal(ROWS, SIZES.get(SIZES.size() - 1));
            parameters.halves().refresh();
            Engine.seed(6);
            try (Tape tape = Tape.open(way != Way.AUTOCAST)) {
                if (way == Way.HALVES) {
                    tape.useHalves(parameters.halves());
                }
                Tensor output;
                if (way == Way.FLOAT32) {
                    output = network.forward(input, Mode.TRAINING);
                } else {
                    try (Autocast.Guard guard = Autocast.bfloat16()) {
                        output = network.forward(input, Mode.TRAINING);
                    }
                }
                Tensor single = output.to(DType.FLOAT32.scalarType());
                Map<String, double[]> results = new LinkedHashMap<>();
                results.put("output", Tensors.toDoubles(single));
                tape.backward(single.mul(factors).sum());
                parameters.trainable().forEach((name, tensor) -> {
                    assertThat(DType.of(tensor.grad())).as(name).isEqualTo(DType.FLOAT32);
                    results.put(name, Tensors.toDoubles(tensor.grad()));
                });
                if (inputLearns) {
                    assertThat(DType.of(input.grad())).isEqualTo(DType.FLOAT32);
                    results.put("input", Tensors.toDoubles(input.grad()));
                }
                return results;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2, false", "3, false", "2, true"})
    void gradients_ofReplicasOrSharedProducts_areThoseOfOneNetworkButForRounding(int count, boolean products) {
        Map<String, double[]> one = trained(1, false);
        trained(count, products)
                .forEach((name, values) ->
                        assertThat(error(values, one.get(name))).as(name).isLessThan(products ? 1e-6 : ROUNDING));
    }

    /** Two steps of gradient descent: the second one's products are by copies made anew. */
    private static Map<String, double[]> trained(int count, boolean products) {
        Engine.seed(5);
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            List<Integer> sizes = List.of(256, 256, 128, 4);
            MultilayerPerceptron own = make(parameters.root(), sizes);
            try (Replicas<MultilayerPerceptron> replicas =
                            Replicas.create(count, parameters, own, root -> make(root, sizes));
                    Scope scope = Scope.open()) {
                replicas.shareProducts(products, /* alone= */ false);
                replicas.useHalves(true);
                Tensor input = normal(ROWS, sizes.get(0));
                Tensor factors = normal(ROWS, 4);
                for (int step = 0; step < 2; step++) {
                    replicas.gradients(1, (replica, piece, network) -> {
                        int from = ROWS * replica / replicas.shares();
                        int size = ROWS * (replica + 1) / replicas.shares() - from;
                        return network.forward(input.narrow(0, from, size), Mode.TRAINING)
                                .to(DType.FLOAT32.scalarType())
                                .mul(factors.narrow(0, from, size))
                                .sum();
                    });
                    try (Gradients.Guard off = Gradients.off()) {
                        parameters
                                .trainable()
                                .values()
                                .forEach(tensor -> tensor.add_(tensor.grad(), new Scalar(-0.001)));
                    }
                }
                Map<String, double[]> gradients = new LinkedHashMap<>();
                parameters.trainable().forEach((name, tensor) -> gradients.put(name, Tensors.toDoubles(tensor.grad())));
                return gradients;
            }
        }
    }

    @Test
    void refresh_copiesAreTheValuesRoundedAndFrozenOnesFollowALoad() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope scope = Scope.open()) {
            Linear learns = Linear.create(parameters.root().child("learns"), 20, 17, /* withBias= */ true);
            Linear frozen = Linear.create(parameters.root().child("frozen"), 20, 17, /* withBias= */ true);
            Linear tiny = Linear.create(parameters.root().child("tiny"), 20, 15, /* withBias= */ true);
            parameters.freeze(List.of("frozen"));
            HalfWeights halves = parameters.halves();
            halves.refresh();
            Map<String, Tensor> other = new LinkedHashMap<>(parameters.state());
            other.replaceAll((name, tensor) -> tensor.add(new Scalar(1)));
            parameters.load(other, "other values");
            halves.refresh();

            assertThat(halves.of(tiny.weight())).isNull();
            for (Linear linear : List.of(learns, frozen)) {
                Tensor half = halves.of(linear.weight());
                assertThat(half).isNotNull();
                double[] values = Tensors.toDoubles(linear.weight());
                double[] copies = Tensors.toDoubles(half.to(DType.FLOAT32.scalarType()));
                for (int i = 0; i < values.length; i++) {
                    assertThat(copies[i]).isCloseTo(values[i], within(Math.abs(values[i]) / 256));
                }
            }
        }
    }

    @Test
    void halves_ofDoubles_areRefused() {
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            assertThatThrownBy(parameters::halves)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("FLOAT64");
        }
    }

    private static MultilayerPerceptron make(Parameters.Path root, List<Integer> sizes) {
        return MultilayerPerceptron.create(root, MultilayerPerceptron.Config.of(sizes.toArray(Integer[]::new)));
    }

    private static Tensor normal(long... shape) {
        return Tensors.empty(DType.FLOAT32, shape).normal_(0, 1, new GeneratorOptional());
    }
}
