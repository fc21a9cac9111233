package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    @Test
    void accuracy_batchesOfDifferentSizes_countsSamplesNotBatches() {
        Accuracy accuracy = new Accuracy();
        try (Scope scope = Scope.open()) {
            accuracy.add(Tensors.of(new float[] {0, 1, 2, 3, 2, 1}, 2, 3), Tensors.of(new long[] {2, 1}));
            accuracy.add(Tensors.of(new float[] {5, 1, 2}, 1, 3), Tensors.of(new long[] {0}));
        }
        assertThat(accuracy.correct()).isEqualTo(2);
        assertThat(accuracy.total()).isEqualTo(3);
        assertThat(accuracy.value()).isEqualTo(2.0 / 3);
    }

    @Test
    void accuracy_equalOutputs_countsTheFirst() {
        Accuracy accuracy = new Accuracy();
        try (Scope scope = Scope.open()) {
            accuracy.add(Tensors.of(new float[40], 2, 20), Tensors.of(new long[] {0, 1}));
        }
        assertThat(accuracy.correct()).isEqualTo(1);
    }

    @Test
    void accuracy_emptyBatch_changesNothing() {
        Accuracy accuracy = new Accuracy();
        try (Scope scope = Scope.open()) {
            accuracy.add(Tensors.empty(DType.FLOAT32, 0, 3), Tensors.empty(DType.INT64, 0));
        }
        assertThat(accuracy.total()).isZero();
    }

    @Test
    void accuracy_shapesThatDoNotFit_namesThem() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> new Accuracy().add(Tensors.of(new float[3]), Tensors.of(new long[3])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("accuracy needs outputs [batch, classes] and targets [batch] INT64: outputs are"
                            + " [3] FLOAT32, targets are [3] INT64");
        }
    }

    @Test
    void accuracy_nothingAdded_hasNoValue() {
        assertThatThrownBy(() -> new Accuracy().value())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the accuracy of no samples has no value: add a batch first");
    }

    @Test
    void mean_weightedNumbers_isTheWeightedMean() {
        Mean mean = new Mean();
        mean.add(2, 64);
        mean.add(5, 32);
        assertThat(mean.value()).isEqualTo(3);
        assertThat(mean.weight()).isEqualTo(96);
    }

    @Test
    void mean_nothingAdded_hasNoValue() {
        assertThatThrownBy(() -> new Mean().value())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a mean of nothing has no value: add numbers first");
    }

    @Test
    void mean_negativeWeight_isRefused() {
        assertThatThrownBy(() -> new Mean().add(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a weight must be a finite number of at least 0, not -1.0");
    }
}
