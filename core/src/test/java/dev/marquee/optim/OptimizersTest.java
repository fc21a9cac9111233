package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import dev.marquee.tensor.YoungGeneration;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares updates with those that PyTorch made; see {@code parity/record_optimizers.py}. */
final class OptimizersTest {
    static Stream<Arguments> cases() throws IOException {
        try (InputStream in = Objects.requireNonNull(OptimizersTest.class.getResourceAsStream("optimizers.json"))) {
            JsonNode cases = new ObjectMapper().readTree(in).get("cases");
            return StreamSupport.stream(cases.spliterator(), false)
                    .map(recorded ->
                            Arguments.of(recorded.get("name").textValue() + " " + recorded.get("options"), recorded));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void step_120StepsInFloat64_agreesWithPyTorch(String name, JsonNode recorded) {
        compare(recorded, DType.FLOAT64, 1e-12);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void step_120StepsInFloat32_agreesWithPyTorch(String name, JsonNode recorded) {
        compare(recorded, DType.FLOAT32, 1e-6);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void load_savedState_goesOnBitForBit(String name, JsonNode recorded) {
        try (TestParameters undisturbed = new TestParameters(DType.FLOAT32);
                TestParameters resumed = new TestParameters(DType.FLOAT32);
                Optimizer first = config(recorded).create(undisturbed.parameters());
                Optimizer second = config(recorded).create(resumed.parameters());
                Scope scope = Scope.open()) {
            run(undisturbed, first, 1, 25);
            Map<String, Tensor> saved = copy(first.state());
            Map<String, Tensor> weights = copy(undisturbed.parameters().state());
            run(undisturbed, first, 26, 35);
            run(resumed, second, 3, 9);
            second.load(saved);
            resumed.parameters().load(weights, "the test");
            run(resumed, second, 26, 35);
            assertThat(resumed.values()).isEqualTo(undisturbed.values());
            assertThat(bits(second.state())).isEqualTo(bits(first.state()));
        }
    }

    @ParameterizedTest
    @EnumSource(OptimizerConfig.Name.class)
    void step_twentyThousandTimes_doesNotGrowNativeMemory(OptimizerConfig.Name name) {
        boolean rmsProp = name == OptimizerConfig.Name.RMSPROP;
        Optional<Double> absent = Optional.empty();
        OptimizerConfig config = new OptimizerConfig(
                name,
                0.01,
                rmsProp || name == OptimizerConfig.Name.SGD ? Optional.of(0.9) : absent,
                absent,
                name == OptimizerConfig.Name.SGD,
                Optional.of(0.01),
                absent,
                absent,
                absent,
                absent,
                rmsProp,
                Optional.of(1.0),
                SparseOptimizerConfig.DEFAULT);
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Optimizer optimizer = config.create(filled(parameters))) {
            fillGradients(parameters);
            for (int step = 0; step < 10_000; step++) {
                optimizer.step(1e-6 * (step % 100));
            }
            YoungGeneration.touch();
            long before = Engine.residentBytes();
            for (int step = 0; step < 20_000; step++) {
                optimizer.step(1e-6 * (step % 100));
            }
            // A leak of one temporary tensor a step would be 80 MB.
            assertThat(Engine.residentBytes() - before).isLessThan(30L << 20);
        }
    }

    private static Parameters filled(Parameters parameters) {
        parameters.root().parameter("weight", Initializer.constant(1), 1000);
        return parameters;
    }

    private static void fillGradients(Parameters parameters) {
        try (Scope scope = Scope.open()) {
            parameters
                    .trainable()
                    .values()
                    .forEach(parameter -> parameter
                            .mutable_grad()
                            .put(Tensors.full(0.5, parameters.type(), Tensors.shape(parameter))));
        }
    }

    private static void compare(JsonNode recorded, DType type, double tolerance) {
        JsonNode expected = recorded.get(type.name().toLowerCase(Locale.ROOT));
        try (TestParameters parameters = new TestParameters(type);
                Optimizer optimizer = config(recorded).create(parameters.parameters())) {
            for (int row = 0; row < expected.size(); row++) {
                run(parameters, optimizer, row * 20 + 1, row * 20 + 20);
                double[] values = parameters.values();
                for (int i = 0; i < values.length; i++) {
                    double value = expected.get(row).get(i).doubleValue();
                    assertThat(values[i])
                            .as("value %d after step %d", i, row * 20 + 20)
                            .isCloseTo(value, within(tolerance * Math.max(1, Math.abs(value))));
                }
            }
        }
    }

    private static void run(TestParameters parameters, Optimizer optimizer, int from, int to) {
        for (int step = from; step <= to; step++) {
            parameters.setGradients(step);
            optimizer.step(step <= 60 ? 0.02 : 0.02 / (1 + (step - 60) / 50.0));
        }
    }

    static OptimizerConfig config(JsonNode recorded) {
        JsonNode options = recorded.get("options");
        return new OptimizerConfig(
                OptimizerConfig.Name.valueOf(recorded.get("name").textValue().toUpperCase(Locale.ROOT)),
                0.02,
                number(options, "momentum"),
                number(options, "dampening"),
                options.path("nesterov").asBoolean(),
                number(options, "weight_decay"),
                number(options, "beta1"),
                number(options, "beta2"),
                number(options, "epsilon"),
                number(options, "alpha"),
                options.path("centered").asBoolean(),
                number(options, "clip_norm"),
                SparseOptimizerConfig.DEFAULT);
    }

    private static Optional<Double> number(JsonNode options, String key) {
        return options.has(key) ? Optional.of(options.get(key).doubleValue()) : Optional.empty();
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new HashMap<>();
        tensors.forEach((name, tensor) -> copies.put(name, tensor.detach().clone()));
        return copies;
    }

    private static Map<String, String> bits(Map<String, Tensor> tensors) {
        Map<String, String> bits = new HashMap<>();
        tensors.forEach((name, tensor) -> bits.put(name, Arrays.toString(Tensors.toDoubles(tensor))));
        return bits;
    }
}
