package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class PictureModelsTest {
    @Test
    void perceptron_default_hasTheShapesOfTheTextbook() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Model model = PerceptronConfig.DEFAULT.create(parameters.root());
            assertThat(parameters.state().keySet())
                    .containsExactly("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias");
            assertThat(Tensors.shape(parameters.state().get("fc1.weight"))).containsExactly(512, 784);
            assertThat(parameters.count()).isEqualTo(784 * 512 + 512 + 512 * 128 + 128 + 128 * 10 + 10);
            assertThat(Tensors.shape(model.forward(batch(pictures(5)), Mode.TRAINING)))
                    .containsExactly(5, 10);
        }
    }

    @Test
    void perceptron_flatAndSquarePictures_giveTheSame() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Perceptron model = PerceptronConfig.DEFAULT.create(parameters.root());
            Tensor pictures = pictures(3);
            assertThat(Tensors.toFloats(model.forward(pictures.view(3, 784), Mode.EVALUATION)))
                    .isEqualTo(Tensors.toFloats(model.forward(pictures, Mode.EVALUATION)));
            assertThatThrownBy(() -> model.forward(Tensors.zeros(DType.FLOAT32, 3, 28, 27), Mode.EVALUATION))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the perceptron's input must be [batch, ...] with 784 values a sample, not [3, 28, 27]"
                            + " FLOAT32");
        }
    }

    @Test
    void perceptron_softmaxHead_returnsTheSoftmaxOfTheLogits() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            List<Integer> sizes = List.of(784, 10);
            Perceptron logits = new PerceptronConfig(
                            sizes, Activation.RELU, 0, Norm.NONE, Head.LOGITS, Optional.empty())
                    .create(parameters.root().child("a"));
            Perceptron softmax = new PerceptronConfig(
                            sizes, Activation.RELU, 0, Norm.NONE, Head.SOFTMAX, Optional.empty())
                    .create(parameters.root().child("b"));
            Map<String, Tensor> state = parameters.state();
            parameters.load(
                    Map.of(
                            "a.fc1.weight", state.get("a.fc1.weight").clone(),
                            "a.fc1.bias", state.get("a.fc1.bias").clone(),
                            "b.fc1.weight", state.get("a.fc1.weight").clone(),
                            "b.fc1.bias", state.get("a.fc1.bias").clone()),
                    "the test");
            double[] z = Tensors.toDoubles(logits.forward(pictures(1), Mode.EVALUATION));
            double[] p = Tensors.toDoubles(softmax.forward(pictures(1), Mode.EVALUATION));
            double sum = 0;
            for (double value : z) {
                sum += Math.exp(value);
            }
            for (int i = 0; i < p.length; i++) {
                assertThat(p[i]).isEqualTo(Math.exp(z[i]) / sum, within(1e-6));
            }
        }
    }

    @Test
    void pictureAttention_default_hasFewerParametersThanThePerceptron() {
        try (Scope scope = Scope.open();
                Parameters perceptron = Parameters.create(DType.FLOAT32);
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            PerceptronConfig.DEFAULT.create(perceptron.root());
            Model model = PictureAttentionConfig.DEFAULT.create(parameters.root());
            assertThat(parameters.count()).isLessThan(perceptron.count());
            assertThat(Tensors.shape(model.forward(batch(pictures(5)), Mode.EVALUATION)))
                    .containsExactly(5, 10);
        }
    }

    @Test
    void pictureAttention_rowsInAnotherOrder_giveOtherLogitsBecauseOfThePositions() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            PictureAttention model = PictureAttentionConfig.DEFAULT.create(parameters.root());
            Tensor pictures = pictures(1);
            assertThat(Tensors.toFloats(model.forward(pictures.flip(1), Mode.EVALUATION)))
                    .isNotEqualTo(Tensors.toFloats(model.forward(pictures, Mode.EVALUATION)));
        }
    }

    @Test
    void pictureAttention_training_reachesEveryParameter() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Engine.seed(3);
            Model model = PictureAttentionConfig.DEFAULT.create(parameters.root());
            Tensor logits = model.forward(batch(pictures(4)), Mode.TRAINING);
            torch.cross_entropy_loss(logits, Tensors.of(new long[] {0, 3, 5, 9}))
                    .backward();
            assertThat(parameters.trainable()).allSatisfy((name, parameter) -> {
                assertThat(parameter.grad().defined()).isTrue();
                assertThat(parameter.grad().isfinite().all().item_bool()).isTrue();
            });
        }
    }

    @Test
    void pictureAttention_meanPoolingAndSoftmaxHead_giveProbabilities() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            PictureAttentionConfig.Pooling mean = PictureAttentionConfig.Pooling.MEAN;
            Model model = new PictureAttentionConfig(
                            28, 28, 16, 2, 1, 16, mean, 8, 10, 0, Head.SOFTMAX, Optional.empty())
                    .create(parameters.root());
            assertThat(Tensors.shape(parameters.state().get("classifier.fc1.weight")))
                    .containsExactly(8, 16);
            assertThat(Tensors.toDoubles(
                            model.forward(batch(pictures(2)), Mode.TRAINING).sum(1)))
                    .containsExactly(new double[] {1, 1}, within(1e-6));
        }
    }

    @Test
    void pictureAttention_otherPictures_areRefused() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32)) {
            PictureAttention model = PictureAttentionConfig.DEFAULT.create(parameters.root());
            assertThatThrownBy(() -> model.forward(Tensors.zeros(DType.FLOAT32, 3, 28, 27), Mode.EVALUATION))
                    .hasMessage("the pictures must be [batch, 28, 28], not [3, 28, 27] FLOAT32");
        }
    }

    private static Tensor pictures(int count) {
        double[] pixels = new Random(1).doubles(count * 784L).toArray();
        return Tensors.of(pixels, count, 28, 28).to(DType.FLOAT32.scalarType());
    }

    private static Batch batch(Tensor pictures) {
        int size = (int) pictures.size(0);
        return new Batch(Map.of(Batch.PICTURE, pictures), Tensors.zeros(DType.INT64, size), size);
    }
}
