package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LayersTest {
    @Test
    void dropout_training_zeroesSomeAndScalesTheOthersByTheRest() {
        try (Scope scope = Scope.open()) {
            Tensor dropped = new Dropout(0.75).forward(Tensors.full(1, DType.FLOAT32, 1000), Mode.TRAINING);
            assertThat(Tensors.toFloats(dropped)).containsOnly(0, 4);
        }
    }

    @Test
    void dropout_evaluation_isTheInputItself() {
        try (Scope scope = Scope.open()) {
            Tensor input = Tensors.full(1, DType.FLOAT32, 10);
            assertThat(new Dropout(0.5).forward(input, Mode.EVALUATION)).isSameAs(input);
        }
    }

    @Test
    void layerNorm_twoValues_becomePlusAndMinusOne() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            LayerNorm norm = LayerNorm.create(parameters.root(), 2);
            Tensor output = norm.forward(Tensors.of(new double[] {1000, 3000}, 1, 2));
            assertThat(Tensors.toDoubles(output)).containsExactly(new double[] {-1, 1}, within(1e-9));
            assertThatThrownBy(() -> norm.forward(Tensors.zeros(DType.FLOAT64, 1, 3)))
                    .hasMessage("the layer norm's input must be [..., 2], not [1, 3] FLOAT64");
        }
    }

    @Test
    void batchNorm_training_movesItsStatisticsByATenth() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            BatchNorm norm = BatchNorm.create(parameters.root(), 1);
            norm.forward(Tensors.of(new double[] {10, 30}, 2, 1), Mode.TRAINING);
            assertThat(norm.runningMean().item_double()).isEqualTo(2, within(1e-12));
            // The unbiased variance of 10 and 30 is 200.
            assertThat(norm.runningVariance().item_double()).isEqualTo(0.9 + 20, within(1e-12));
            assertThat(parameters.buffers().get("num_batches_tracked").item_double())
                    .isEqualTo(1);
        }
    }

    @Test
    void batchNorm_oneSampleInTraining_isRefused() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            BatchNorm norm = BatchNorm.create(parameters.root(), 4);
            Tensor one = Tensors.zeros(DType.FLOAT32, 1, 4);
            assertThatThrownBy(() -> norm.forward(one, Mode.TRAINING))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("batch norm needs more than one value a channel in training, not [1, 4] FLOAT32:"
                            + " choose a batch size that leaves no batch of one sample");
            assertThatThrownBy(() -> norm.forward(Tensors.zeros(DType.FLOAT32, 2, 3), Mode.EVALUATION))
                    .hasMessage("the batch norm's input must be [batch, 4] or [batch, 4, length], not [2, 3] FLOAT32");
        }
    }

    @Test
    void perceptron_withNorm_namesItsLayersInOrder() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultilayerPerceptron.create(
                    parameters.root(),
                    new MultilayerPerceptron.Config(List.of(4, 3, 3, 2), Activation.RELU, 0, Norm.LAYER));
            assertThat(parameters.state().keySet())
                    .containsExactly(
                            "fc1.weight",
                            "fc1.bias",
                            "norm1.weight",
                            "norm1.bias",
                            "fc2.weight",
                            "fc2.bias",
                            "norm2.weight",
                            "norm2.bias",
                            "fc3.weight",
                            "fc3.bias");
        }
    }

    @Test
    void perceptron_dropout_actsInTrainingAlone() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultilayerPerceptron perceptron = MultilayerPerceptron.create(
                    parameters.root(),
                    new MultilayerPerceptron.Config(List.of(4, 100, 2), Activation.RELU, 0.5, Norm.NONE));
            Tensor input = Tensors.full(1, DType.FLOAT32, 1, 4);
            float[] evaluation = Tensors.toFloats(perceptron.forward(input, Mode.EVALUATION));
            assertThat(Tensors.toFloats(perceptron.forward(input, Mode.EVALUATION)))
                    .isEqualTo(evaluation);
            assertThat(Tensors.toFloats(perceptron.forward(input, Mode.TRAINING)))
                    .isNotEqualTo(evaluation);
        }
    }

    @Test
    void perceptron_oneSizeOrNone_isRefused() {
        assertThatThrownBy(() -> MultilayerPerceptron.Config.of(3))
                .hasMessage("a perceptron needs at least two sizes (input and output), each at least 1, not [3]");
        assertThatThrownBy(() -> MultilayerPerceptron.Config.of(3, 0)).hasMessageEndingWith("not [3, 0]");
    }
}
