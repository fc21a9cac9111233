package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class CrossNetworkTest {
    @Test
    void forward_oneFullLayer_isTheFormula() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            CrossNetwork network =
                    CrossNetwork.create(parameters.root(), new CrossNetwork.Config(2, 1, OptionalInt.empty(), 1));
            set(parameters, "cross1.weight", 1, 2, 3, 4);
            set(parameters, "cross1.bias", 5, 6);
            // x = (1, -1): W x + b = (1 - 2 + 5, 3 - 4 + 6) = (4, 5); times x plus x = (5, -6).
            assertThat(Tensors.toDoubles(network.forward(Tensors.of(new double[] {1, -1}, 1, 2))))
                    .containsExactly(new double[] {5, -6}, within(1e-12));
        }
    }

    @Test
    void forward_lowRank_equalsTheFullMapOfThatProduct() {
        double[] input = {0.5, -1, 2, 1, 0.25, -0.75};
        try (Scope scope = Scope.open();
                Parameters low = Parameters.create(DType.FLOAT64);
                Parameters full = Parameters.create(DType.FLOAT64)) {
            CrossNetwork lowRank = CrossNetwork.create(low.root(), new CrossNetwork.Config(3, 2, OptionalInt.of(2), 1));
            CrossNetwork fullRank =
                    CrossNetwork.create(full.root(), new CrossNetwork.Config(3, 2, OptionalInt.empty(), 1));
            try (Gradients.Guard off = Gradients.off()) {
                for (String layer : new String[] {"cross1.", "cross2."}) {
                    Tensor u = low.state().get(layer + "U");
                    full.state()
                            .get(layer + "weight")
                            .copy_(u.matmul(low.state().get(layer + "V").t()));
                }
            }
            Tensor x = Tensors.of(input, 2, 3);
            assertThat(Tensors.toDoubles(lowRank.forward(x)))
                    .containsExactly(Tensors.toDoubles(fullRank.forward(x)), within(1e-12));
        }
    }

    @Test
    void forward_twoExperts_mixesThemByTheirGates() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            CrossNetwork network =
                    CrossNetwork.create(parameters.root(), new CrossNetwork.Config(2, 1, OptionalInt.of(1), 2));
            double[][] u = {{0.5, -1}, {2, 0.25}};
            double[][] v = {{1, 0.5}, {-0.5, 1}};
            double[] c = {0.75, -1.5};
            double[][] gate = {{0.25, 1}, {-1, 0.5}};
            double[] bias = {0.1, -0.2};
            set(parameters, "cross1.U", 0.5, -1, 2, 0.25);
            set(parameters, "cross1.V", 1, 0.5, -0.5, 1);
            set(parameters, "cross1.C", c);
            set(parameters, "cross1.gate", 0.25, 1, -1, 0.5);
            set(parameters, "cross1.bias", bias);
            double[] x = {0.5, -2};
            double first = Math.exp(gate[0][0] * x[0] + gate[0][1] * x[1]);
            double second = Math.exp(gate[1][0] * x[0] + gate[1][1] * x[1]);
            double[] gates = {first / (first + second), second / (first + second)};
            double[] expected = x.clone();
            for (int i = 0; i < 2; i++) {
                double mixed = Math.tanh(c[i] * Math.tanh(v[i][0] * x[0] + v[i][1] * x[1]));
                for (int d = 0; d < 2; d++) {
                    expected[d] += gates[i] * x[d] * (u[i][d] * mixed + bias[d]);
                }
            }
            assertThat(Tensors.toDoubles(network.forward(Tensors.of(x, 1, 2))))
                    .containsExactly(expected, within(1e-12));
        }
    }

    @Test
    void forward_withoutLayers_isTheInput() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            CrossNetwork network =
                    CrossNetwork.create(parameters.root(), new CrossNetwork.Config(2, 0, OptionalInt.empty(), 1));
            assertThat(Tensors.toDoubles(network.forward(Tensors.of(new double[] {3, 4}, 1, 2))))
                    .containsExactly(3, 4);
            assertThatThrownBy(() -> network.forward(Tensors.zeros(DType.FLOAT64, 1, 3)))
                    .hasMessage("the cross network's input must be [..., 2], not [1, 3] FLOAT64");
        }
    }

    @Test
    void config_impossibleSizes_areRefused() {
        assertThatThrownBy(() -> new CrossNetwork.Config(0, 1, OptionalInt.of(2), 1))
                .hasMessage(
                        "a cross network needs at least 1 input, 0 layers, a rank of 1 and 1 expert, not 0 inputs, 1"
                                + " layers, a rank of 2 and 1 experts");
        assertThatThrownBy(() -> new CrossNetwork.Config(2, 1, OptionalInt.empty(), 4))
                .hasMessage("the 4 experts of a cross network are low-rank maps: give their rank");
    }

    private static void set(Parameters parameters, String name, double... values) {
        try (Gradients.Guard off = Gradients.off()) {
            Tensor tensor = parameters.state().get(name);
            tensor.copy_(Tensors.of(values, Tensors.shape(tensor)));
        }
    }
}
