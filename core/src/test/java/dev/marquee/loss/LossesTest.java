package dev.marquee.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares values and gradients with those that PyTorch gave; see {@code parity/record_losses.py}. */
final class LossesTest {
    static Stream<Arguments> cases() throws IOException {
        try (InputStream in = Objects.requireNonNull(LossesTest.class.getResourceAsStream("losses.json"))) {
            JsonNode cases = new ObjectMapper().readTree(in).get("cases");
            return StreamSupport.stream(cases.spliterator(), false)
                    .map(recorded -> Arguments.of(
                            recorded.get("module").textValue() + " "
                                    + recorded.get("type").textValue() + " " + recorded.get("options")
                                    + (recorded.has("weights") ? " with weights" : ""),
                            recorded));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void of_recordedCase_agreesWithPyTorchInValueAndGradient(String name, JsonNode recorded) {
        DType type = DType.valueOf(recorded.get("type").textValue().toUpperCase(Locale.ROOT));
        double tolerance = type == DType.FLOAT64 ? 1e-12 : 2e-6;
        try (Scope scope = Scope.open()) {
            Tensor output = tensor(recorded, "output", "shape", type);
            output.set_requires_grad(true);
            Tensor value = loss(recorded, output, type);
            assertThat(Tensors.shape(value)).isEqualTo(longs(recorded.get("value_shape")));
            assertClose(Tensors.toDoubles(value), doubles(recorded.get("value")), tolerance);
            value.mul(cotangent(value, type)).sum().backward();
            assertClose(Tensors.toDoubles(output.grad()), doubles(recorded.get("gradient")), tolerance);
        }
    }

    private static Tensor loss(JsonNode recorded, Tensor output, DType type) {
        JsonNode options = recorded.get("options");
        Reduction reduction =
                Reduction.valueOf(options.get("reduction").textValue().toUpperCase(Locale.ROOT));
        switch (recorded.get("module").textValue()) {
            case "cross_entropy" -> {
                CrossEntropyConfig config = new CrossEntropyConfig(
                        options.path("label_smoothing").asDouble(0),
                        list(options.path("class_weights")),
                        options.path("ignored_index").asLong(-100));
                return config.create(reduction).of(output, tensor(recorded, "target", "target_shape", DType.INT64));
            }
            case "binary_cross_entropy" -> {
                BinaryCrossEntropy loss =
                        new BinaryCrossEntropyConfig(list(options.path("positive_weights"))).create(reduction);
                Tensor target = tensor(recorded, "target", "target_shape", type);
                return recorded.has("weights")
                        ? loss.of(output, target, tensor(recorded, "weights", "target_shape", type))
                        : loss.of(output, target);
            }
            default -> {
                return MeanSquaredErrorConfig.DEFAULT
                        .create(reduction)
                        .of(output, tensor(recorded, "target", "target_shape", type));
            }
        }
    }

    private static Tensor cotangent(Tensor value, DType type) {
        double[] weights = new double[(int) value.numel()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i + 1.0;
        }
        return Tensors.of(weights).reshape(Tensors.shape(value)).to(type.scalarType());
    }

    private static Tensor tensor(JsonNode recorded, String values, String shape, DType type) {
        return Tensors.of(doubles(recorded.get(values)))
                .reshape(longs(recorded.get(shape)))
                .to(type.scalarType());
    }

    private static void assertClose(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static List<Double> list(JsonNode array) {
        List<Double> values = new ArrayList<>();
        array.forEach(value -> values.add(value.doubleValue()));
        return values;
    }

    private static double[] doubles(JsonNode array) {
        return list(array).stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static long[] longs(JsonNode array) {
        return list(array).stream().mapToLong(Double::longValue).toArray();
    }
}
