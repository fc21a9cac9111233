package dev.marquee.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LossMessagesTest {
    private final Scope scope = Scope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource(Reduction.class)
    void crossEntropy_labelOutOfRange_namesTheLabelItsPlaceAndTheAllowedRange(Reduction reduction) {
        Loss loss = CrossEntropyConfig.DEFAULT.create(reduction);
        assertThatThrownBy(() -> loss.of(zeros(3, 4), Tensors.of(new long[] {0, 7, 1})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label 7 at position 1 of the targets is out of range: the outputs have 4 classes,"
                        + " so labels must be 0 to 3, or -100 where ignored");
    }

    @ParameterizedTest
    @EnumSource(Reduction.class)
    void crossEntropy_negativeLabelWithSmoothingAndWeights_isReportedToo(Reduction reduction) {
        Loss loss = new CrossEntropyConfig(0.1, List.of(1.0, 2.0), 5).create(reduction);
        assertThatThrownBy(() -> loss.of(zeros(2, 2), Tensors.of(new long[] {5, -1})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("label -1 at position 1");
    }

    @Test
    void crossEntropy_manyLabelsOnSeveralThreadsWithOneOutOfRange_isReported() {
        long[] labels = new long[200_000];
        labels[150_000] = 2;
        Loss loss = CrossEntropyConfig.DEFAULT.create(Reduction.NONE);
        assertThatThrownBy(() -> loss.of(zeros(labels.length, 2), Tensors.of(labels)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("label 2 at position 150000");
    }

    @Test
    void crossEntropy_labelOutOfRangeInAPicture_isReported() {
        Tensor labels = Tensors.of(new long[] {0, 1, 2, 3}, 1, 2, 2);
        assertThatThrownBy(() -> CrossEntropyConfig.DEFAULT.create().of(zeros(1, 3, 2, 2), labels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("label 3 at position 3");
    }

    @Test
    void crossEntropy_allLabelsIgnored_isNotANumber() {
        Tensor value = CrossEntropyConfig.DEFAULT.create().of(zeros(2, 3), Tensors.of(new long[] {-100, -100}));
        assertThat(value.item_float()).isNaN();
    }

    @Test
    void crossEntropy_floatTargets_saysWhichTypeIsNeeded() {
        assertThatThrownBy(() -> CrossEntropyConfig.DEFAULT.create().of(zeros(2, 3), zeros(2)))
                .hasMessage("cross-entropy needs class indices of type INT64, not [2] FLOAT32; for probabilities of one"
                        + " class use binary cross-entropy");
    }

    @Test
    void crossEntropy_integerOutputs_saysWhichTypeIsNeeded() {
        Tensor labels = Tensors.of(new long[] {0, 1});
        assertThatThrownBy(() -> CrossEntropyConfig.DEFAULT.create().of(labels, labels))
                .hasMessage("cross-entropy needs outputs of a floating-point type, not [2] INT64");
    }

    @Test
    void crossEntropy_anotherNumberOfTargets_namesBothShapes() {
        assertThatThrownBy(() -> CrossEntropyConfig.DEFAULT.create().of(zeros(2, 3), Tensors.of(new long[] {0, 1, 2})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("outputs are [2, 3] FLOAT32, targets are [3] INT64");
    }

    @Test
    void crossEntropy_pictureOfAnotherSize_namesBothShapes() {
        Tensor labels = Tensors.zeros(DType.INT64, 1, 2, 3);
        assertThatThrownBy(() -> CrossEntropyConfig.DEFAULT.create().of(zeros(1, 3, 2, 2), labels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("outputs are [1, 3, 2, 2] FLOAT32, targets are [1, 2, 3] INT64");
    }

    @Test
    void crossEntropy_anotherNumberOfClassWeights_saysHowManyAreNeeded() {
        Loss loss = new CrossEntropyConfig(0, List.of(1.0, 2.0), -100).create();
        assertThatThrownBy(() -> loss.of(zeros(1, 3), Tensors.of(new long[] {0})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cross-entropy has 2 class weights, but the outputs [1, 3] FLOAT32 have 3 classes; give one"
                        + " weight for each class");
    }

    @Test
    void binaryCrossEntropy_columnAgainstVector_isRefusedRatherThanBroadcast() {
        assertThatThrownBy(() -> BinaryCrossEntropyConfig.DEFAULT.create().of(zeros(4, 1), zeros(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("binary cross-entropy needs targets of the outputs' shape and type: outputs are"
                        + " [4, 1] FLOAT32, targets are [4] FLOAT32; reshape or convert one of them");
    }

    @Test
    void binaryCrossEntropy_weightsOfAnotherShape_namesBothShapes() {
        BinaryCrossEntropy loss = BinaryCrossEntropyConfig.DEFAULT.create(Reduction.MEAN);
        assertThatThrownBy(() -> loss.of(zeros(4), zeros(4), zeros(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("outputs are [4] FLOAT32, weights are [3] FLOAT32");
    }

    @Test
    void binaryCrossEntropy_positiveWeightsForOtherColumns_saysWhatIsAllowed() {
        Loss loss = new BinaryCrossEntropyConfig(List.of(1.0, 2.0)).create();
        assertThatThrownBy(() -> loss.of(zeros(4, 3), zeros(4, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("binary cross-entropy has 2 positive weights, but the outputs are [4, 3] FLOAT32; give one,"
                        + " or one for each column");
    }

    @Test
    void meanSquaredError_anotherType_namesBothTypes() {
        assertThatThrownBy(() -> MeanSquaredErrorConfig.DEFAULT.create().of(zeros(4), Tensors.zeros(DType.FLOAT64, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("outputs are [4] FLOAT32, targets are [4] FLOAT64");
    }

    private static Tensor zeros(long... shape) {
        return Tensors.zeros(DType.FLOAT32, shape);
    }
}
