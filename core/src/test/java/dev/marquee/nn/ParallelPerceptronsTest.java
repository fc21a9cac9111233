package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParallelPerceptronsTest {
    private static final int COUNT = 3;

    @ParameterizedTest
    @EnumSource(Norm.class)
    void forward_sharedInput_isThatOfEachPerceptronOnItsOwn(Norm norm) {
        try (Scope scope = Scope.open();
                Parameters together = Parameters.create(DType.FLOAT64);
                Parameters alone = Parameters.create(DType.FLOAT64)) {
            HiddenLayers.Config config = new HiddenLayers.Config(List.of(5, 2), Activation.TANH, false, 0, norm);
            ParallelPerceptrons all = ParallelPerceptrons.create(together.root(), COUNT, 4, config);
            HiddenLayers one = HiddenLayers.create(alone.root(), 4, config);
            Tensor input = random(1, 6, 4);
            Tensor outputs = all.forward(input, Mode.TRAINING);
            Tensor separate = all.forward(input.unsqueeze(0).expand(COUNT, -1, -1), Mode.TRAINING);
            assertThat(Tensors.toDoubles(separate)).containsExactly(Tensors.toDoubles(outputs), within(1e-12));
            assertThat(Tensors.shape(outputs)).containsExactly(COUNT, 6, 2);
            for (int i = 0; i < COUNT; i++) {
                alone.load(only(together, i, alone), "the test");
                assertThat(Tensors.toDoubles(outputs.select(0, i)))
                        .containsExactly(Tensors.toDoubles(one.forward(input, Mode.TRAINING)), within(1e-12));
            }
        }
    }

    @Test
    void forward_noLayers_isTheInputForEach() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            ParallelPerceptrons none = ParallelPerceptrons.create(
                    parameters.root(), 2, 3, new HiddenLayers.Config(List.of(), Activation.RELU, false, 0, Norm.NONE));
            assertThat(none.outputs()).isEqualTo(3);
            Tensor output = none.forward(Tensors.of(new double[] {1, 2, 3}, 1, 3), Mode.TRAINING);
            assertThat(Tensors.toDoubles(output)).containsExactly(1, 2, 3, 1, 2, 3);
        }
    }

    @Test
    void create_orForward_whatDoesNotFit_isRefused() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            HiddenLayers.Config dice = new HiddenLayers.Config(List.of(2), Activation.RELU, true, 0, Norm.NONE);
            assertThatThrownBy(() -> ParallelPerceptrons.create(parameters.root(), 2, 3, dice))
                    .hasMessage("parallel perceptrons have no Dice: choose an activation");
            assertThatThrownBy(() -> new HiddenLayers.Config(List.of(2, 0), Activation.RELU, true, 0, Norm.NONE))
                    .hasMessage("hidden layers need sizes of at least 1, not [2, 0]");
            assertThatThrownBy(() -> ParallelLinear.create(parameters.root(), 0, 3, 1, Initializer.constant(0)))
                    .hasMessage("parallel linear maps need positive sizes, not 0 maps, 3 inputs and 1 outputs");
            ParallelLinear linear = ParallelLinear.create(parameters.root(), 2, 3, 1, Initializer.constant(0));
            assertThatThrownBy(() -> linear.forward(Tensors.zeros(DType.FLOAT64, 3, 5, 3)))
                    .hasMessage("the input of parallel linear maps must be [batch, 3] or [2, batch, 3], not [3, 5, 3]"
                            + " FLOAT64");
        }
    }

    /** The parameters of one of the perceptrons. */
    private static Map<String, Tensor> only(Parameters together, int i, Parameters alone) {
        Map<String, Tensor> values = new HashMap<>();
        alone.state().forEach((name, tensor) -> {
            Tensor all = together.state().get(name);
            values.put(
                    name,
                    all.dim() == 0
                            ? all.clone()
                            : all.reshape(append(COUNT, Tensors.shape(tensor)))
                                    .select(0, i)
                                    .clone());
        });
        return values;
    }

    private static long[] append(long first, long... rest) {
        long[] all = new long[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    private static Tensor random(long seed, long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        return Tensors.of(new Random(seed).doubles(count, -1, 1).toArray(), shape);
    }
}
