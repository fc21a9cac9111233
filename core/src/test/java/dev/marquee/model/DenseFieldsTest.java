package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.data.Batch;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class DenseFieldsTest {
    @Test
    void forward_singleValues_scaleTheirVectors() {
        assertThat(embedded(new int[] {1, 1}, 2, -3)).containsExactly(new double[] {2, 4, -9, -12}, within(1e-12));
    }

    @Test
    void forward_equalSizes_sumTheVectorsOfTheirValues() {
        // 1 (1, 2) + 2 (3, 4) and 3 (5, 6) + 4 (7, 8).
        assertThat(embedded(new int[] {2, 2}, 1, 2, 3, 4)).containsExactly(new double[] {7, 10, 43, 50}, within(1e-12));
    }

    @Test
    void forward_unequalSizes_readNoOtherFieldsValues() {
        // 1 (1, 2), then 2 (3, 4) + 3 (5, 6) + 4 (7, 8), then 5 (9, 10).
        assertThat(embedded(new int[] {1, 3, 1}, 1, 2, 3, 4, 5))
                .containsExactly(new double[] {1, 2, 49, 58, 45, 50}, within(1e-12));
    }

    /** The embeddings of one row, of width 2, where the vectors are (1, 2), (3, 4), and so on. */
    private static double[] embedded(int[] sizes, double... numbers) {
        List<FeatureLayout.Dense> dense = new ArrayList<>();
        int offset = 0;
        for (int size : sizes) {
            dense.add(new FeatureLayout.Dense("number" + offset, offset, size));
            offset += size;
        }
        FeatureLayout layout = new FeatureLayout(dense, List.of(), List.of(), List.of(), List.of(), List.of());
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            DenseFields fields = new DenseFields(parameters.root(), layout, 2, Initializer.constant(0));
            double[] vectors = new double[2 * numbers.length];
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = i + 1;
            }
            TestRows.set(parameters, "weight", vectors);
            Tensor row = Tensors.of(numbers, 1, numbers.length).to(DType.FLOAT32.scalarType());
            Batch batch = new Batch(Map.of(Batch.DENSE, row), Tensors.zeros(DType.FLOAT32, 1, 1), 1);
            Tensor embeddings = fields.forward(batch);
            assertThat(Tensors.shape(embeddings)).containsExactly(1, sizes.length, 2);
            return Tensors.toDoubles(embeddings);
        }
    }
}
