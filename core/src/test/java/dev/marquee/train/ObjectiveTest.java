package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.data.Batch;
import dev.marquee.loss.BinaryCrossEntropyConfig;
import dev.marquee.loss.CrossEntropyConfig;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ObjectiveTest {
    private static final Offset<Double> CLOSE = Offset.offset(1e-6);

    private final Objective objective = new Objective(BinaryCrossEntropyConfig.DEFAULT.create());

    @Test
    void of_rowsOfEqualWeight_isTheMeanOverRowsAndLabels() {
        try (Scope scope = Scope.open()) {
            Batch batch = batch(new float[] {1, 0, 0, 1}, 2, null);
            double loss = objective
                    .of(Tensors.of(new float[] {0.5f, -1, 2, 0}, 2, 2), batch)
                    .item_float();
            assertThat(loss).isCloseTo((cost(0.5, 1) + cost(-1, 0) + cost(2, 0) + cost(0, 1)) / 4, CLOSE);
        }
    }

    @Test
    void of_weightedRows_isTheMeanByWeight() {
        try (Scope scope = Scope.open()) {
            Batch batch = batch(new float[] {1, 0}, 1, new float[] {3, 0.5f});
            double loss = objective
                    .of(Tensors.of(new float[] {0.5f, -1}, 2, 1), batch)
                    .item_float();
            assertThat(loss).isCloseTo((3 * cost(0.5, 1) + 0.5 * cost(-1, 0)) / 3.5, CLOSE);
        }
    }

    @Test
    void of_rowsThatAllWeighNothing_isZeroRatherThanUndefined() {
        try (Scope scope = Scope.open()) {
            Batch batch = batch(new float[] {1, 0}, 1, new float[] {0, 0});
            assertThat(objective
                            .of(Tensors.of(new float[] {0.5f, -1}, 2, 1), batch)
                            .item_float())
                    .isZero();
        }
    }

    @Test
    void of_unknownLabels_leavesThemOut() {
        try (Scope scope = Scope.open()) {
            Batch batch = batch(new float[] {1, Float.NaN, 0, 1}, 2, null);
            double loss = objective
                    .of(Tensors.of(new float[] {0.5f, 7, 2, 0}, 2, 2), batch)
                    .item_float();
            assertThat(loss).isCloseTo((cost(0.5, 1) + cost(2, 0) + cost(0, 1)) / 3, CLOSE);
        }
    }

    @Test
    void of_members_isTheMeanOfTheirLosses() {
        try (Scope scope = Scope.open()) {
            Batch batch = batch(new float[] {1, 0}, 1, new float[] {3, 0.5f});
            double loss = objective
                    .of(Tensors.of(new float[] {0.5f, 1, -1, 2}, 2, 2, 1), batch)
                    .item_float();
            double first = (3 * cost(0.5, 1) + 0.5 * cost(-1, 0)) / 3.5;
            double second = (3 * cost(1, 1) + 0.5 * cost(2, 0)) / 3.5;
            assertThat(loss).isCloseTo((first + second) / 2, CLOSE);
        }
    }

    @Test
    void of_classes_isTheLossItself() {
        try (Scope scope = Scope.open()) {
            Batch batch = new Batch(Map.of(), Tensors.of(new long[] {1}), 1);
            double loss = new Objective(CrossEntropyConfig.DEFAULT.create())
                    .of(Tensors.of(new float[] {0, 0}, 1, 2), batch)
                    .item_float();
            assertThat(loss).isCloseTo(Math.log(2), CLOSE);
        }
    }

    private static Batch batch(float[] targets, int labels, float[] weights) {
        int rows = targets.length / labels;
        return new Batch(
                Map.of(), Tensors.of(targets, rows, labels), rows, weights == null ? null : Tensors.of(weights), null);
    }

    private static double cost(double logit, int label) {
        double probability = 1 / (1 + Math.exp(-logit));
        return -Math.log(label == 1 ? probability : 1 - probability);
    }
}
