package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EnsemblePerceptronTest {
    private static final double[] INPUT = {0.5, -1, 2, 1, 0.25, -0.75, -2, 1.5, 0.125, 0, 0.5, 1};
    private static final int MEMBERS = 2;

    private static final HiddenLayers.Config ONE = new HiddenLayers.Config(List.of(2), Activation.RELU, 0, Norm.NONE);

    /** The law that defines it: member i is a perceptron of weights diag(s_i) W diag(r_i). */
    @ParameterizedTest
    @EnumSource(Norm.class)
    void forward_eachMember_isAPerceptronOfItsOwnScaledWeights(Norm norm) {
        HiddenLayers.Config config = new HiddenLayers.Config(List.of(4, 2), Activation.TANH, 0, norm);
        try (Scope scope = Scope.open();
                Parameters shared = Parameters.create(DType.FLOAT64)) {
            EnsemblePerceptron ensemble = EnsemblePerceptron.create(shared.root(), 3, config, MEMBERS);
            scatter(shared);
            Tensor input = Tensors.of(INPUT, 4, 3);
            for (Mode mode : Mode.values()) {
                Tensor outputs = ensemble.forward(input, mode);
                assertThat(Tensors.shape(outputs)).containsExactly(4, MEMBERS, 2);
                for (int member = 0; member < MEMBERS; member++) {
                    double[] own = Tensors.toDoubles(outputs.select(1, member));
                    assertThat(own).containsExactly(ofMember(config, shared, member, input, mode), within(1e-12));
                }
            }
        }
    }

    @Test
    void create_withoutMembers_isRefused() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            assertThatThrownBy(() -> EnsemblePerceptron.create(parameters.root(), 3, ONE, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("an ensemble needs at least 1 member, not 0");
        }
    }

    @Test
    void create_withoutLayersOrWithDice_isRefused() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            for (HiddenLayers.Config config : List.of(
                    new HiddenLayers.Config(List.of(), Activation.RELU, 0, Norm.NONE),
                    new HiddenLayers.Config(List.of(2), Activation.RELU, /* dice= */ true, 0, Norm.NONE))) {
                assertThatThrownBy(() -> EnsemblePerceptron.create(parameters.root(), 3, config, 2))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("members share the weights of hidden layers without Dice: give sizes and an"
                                + " activation");
            }
        }
    }

    @Test
    void forward_anotherSize_isRefused() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            EnsemblePerceptron ensemble = EnsemblePerceptron.create(parameters.root(), 3, ONE, 4);
            assertThatThrownBy(() -> ensemble.forward(Tensors.zeros(DType.FLOAT32, 1, 2), Mode.EVALUATION))
                    .hasMessage("the input of the ensemble's perceptron must be [..., 3], not [1, 2] FLOAT32");
        }
    }

    private static void scatter(Parameters parameters) {
        try (Gradients.Guard off = Gradients.off()) {
            parameters
                    .trainable()
                    .values()
                    .forEach(tensor -> Initializer.uniform(1).fill(tensor));
        }
    }

    private static double[] ofMember(
            HiddenLayers.Config config, Parameters shared, int member, Tensor input, Mode mode) {
        try (Scope scope = Scope.open();
                Parameters own = Parameters.create(DType.FLOAT64)) {
            HiddenLayers perceptron = HiddenLayers.create(own.root(), 3, config);
            try (Gradients.Guard off = Gradients.off()) {
                own.state().forEach((name, tensor) -> tensor.copy_(part(shared, name, member)));
            }
            return Tensors.toDoubles(perceptron.forward(input, mode));
        }
    }

    /** What the member has in place of a perceptron's parameter. */
    private static Tensor part(Parameters shared, String name, int member) {
        Tensor tensor = shared.state().get(name);
        if (name.startsWith("fc") && name.endsWith(".weight")) {
            String layer = name.substring(0, name.indexOf('.'));
            Tensor r = shared.state().get(layer + ".r").select(0, member);
            Tensor s = shared.state().get(layer + ".s").select(0, member);
            return tensor.mul(r).mul(s.unsqueeze(1));
        }
        if (tensor.dim() == 2) { // a bias
            return tensor.select(0, member);
        }
        // Batch norm has values for all members, side by side; layer norm has them once.
        boolean batchNorm = shared.state().containsKey("norm1.running_mean");
        if (!batchNorm || tensor.dim() == 0) {
            return tensor;
        }
        long size = tensor.size(0) / MEMBERS;
        return tensor.narrow(0, member * size, size);
    }
}
