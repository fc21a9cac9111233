package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalActivationTest {
    private static final int BATCH = 6;
    private static final int TIME = 5;
    private static final int WIDTH = 4;

    /** Histories of every length from none to all places, also with gaps. */
    @ParameterizedTest
    @EnumSource(Activation.class)
    void forward_overTheEventsAlone_agreesWithTheEnginesGraph(Activation activation) {
        Map<String, double[]> expected = pass(activation, /* fused= */ false);
        pass(activation, /* fused= */ true)
                .forEach((name, values) ->
                        assertThat(values).as(name).containsExactly(expected.get(name), Offset.offset(1e-12)));
    }

    /** A user's history, of many candidates; places that are padding in the middle and at the end. */
    @ParameterizedTest
    @EnumSource(Activation.class)
    void forward_oneHistoryInEveryRow_equalsThatOfCopies(Activation activation) {
        Engine.seed(12);
        for (boolean softmax : new boolean[] {false, true}) {
            try (Scope scope = Scope.open();
                    Parameters parameters = Parameters.create(DType.FLOAT64);
                    Gradients.Guard off = Gradients.off()) {
                LocalActivation unit = LocalActivation.create(
                        parameters.root(), new LocalActivation.Config(WIDTH, List.of(3), false, activation, softmax));
                Tensor keys = normal(1, TIME, WIDTH).expand(BATCH, TIME, WIDTH);
                Tensor padding = Tensors.of(new boolean[] {false, true, false, false, true}, 1, TIME)
                        .expand(BATCH, TIME);
                Tensor query = normal(BATCH, WIDTH);
                Tensor shared = unit.forward(keys, query, padding, Mode.EVALUATION);
                Tensor copies = unit.forward(keys.contiguous(), query, padding.contiguous(), Mode.EVALUATION);
                assertThat(Tensors.toDoubles(shared)).containsExactly(Tensors.toDoubles(copies), Offset.offset(1e-12));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fc1.weight", "out.weight", "fc1", "out", "*.bias"})
    void backward_someFrozen_agreesWithTheEnginesGraph(String frozen) {
        Map<String, double[]> expected = pass(Activation.RELU, /* fused= */ false, List.of(frozen));
        Map<String, double[]> actual = pass(Activation.RELU, /* fused= */ true, List.of(frozen));
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        actual.forEach((name, values) ->
                assertThat(values).as(name).containsExactly(expected.get(name), Offset.offset(1e-12)));
    }

    private static Map<String, double[]> pass(Activation activation, boolean fused) {
        return pass(activation, fused, List.of());
    }

    private static Map<String, double[]> pass(Activation activation, boolean fused, List<String> frozen) {
        Engine.seed(11);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64);
                Tape tape = Tape.open(fused)) {
            LocalActivation unit = LocalActivation.create(
                    parameters.root(), new LocalActivation.Config(WIDTH, List.of(3), false, activation, false));
            parameters.freeze(frozen);
            Tensor keys = normal(BATCH, TIME, WIDTH).set_requires_grad(true);
            Tensor query = normal(BATCH, WIDTH).set_requires_grad(true);
            Tensor result = unit.forward(keys, query, padding(), Mode.TRAINING);
            tape.backward(result, normal(BATCH, WIDTH));
            Map<String, double[]> values = new LinkedHashMap<>();
            values.put("result", Tensors.toDoubles(result));
            values.put("keys", Tensors.toDoubles(keys.grad()));
            values.put("query", Tensors.toDoubles(query.grad()));
            parameters.trainable().forEach((name, tensor) -> values.put(name, Tensors.toDoubles(tensor.grad())));
            return values;
        }
    }

    private static Tensor normal(long... shape) {
        return Tensors.empty(DType.FLOAT64, shape).normal_(0, 1, new GeneratorOptional());
    }

    private static Tensor padding() {
        SplittableRandom random = new SplittableRandom(2);
        boolean[] padding = new boolean[BATCH * TIME];
        for (int row = 0; row < BATCH; row++) {
            for (int at = 0; at < TIME; at++) {
                padding[row * TIME + at] = row < BATCH - 1 ? at >= row : random.nextBoolean();
            }
        }
        return Tensors.of(padding, BATCH, TIME);
    }
}
