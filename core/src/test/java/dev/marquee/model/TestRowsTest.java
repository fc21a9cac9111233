package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import org.junit.jupiter.api.Test;

class TestRowsTest {
    @Test
    void embeddings_ofEveryRow_areWhatTheSparseArchGives() {
        TestRows rows = TestRows.full();
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            SparseArch sparse = new SparseArch(rows.layout());
            EmbeddingTable table = sparse.tables(parameters.root().child("embedding"), 3, Initializer.constant(0));
            TestRows.fill(parameters);
            double[] all =
                    Tensors.toDoubles(sparse.look(rows.batch(), Mode.EVALUATION).all(table));
            int next = 0;
            for (int row = 0; row < rows.size(); row++) {
                for (double[] vector : rows.embeddings(parameters, "embedding.", row)) {
                    for (double value : vector) {
                        assertThat(all[next++]).isCloseTo(value, within(1e-12));
                    }
                }
            }
            assertThat(next).isEqualTo(all.length);
        }
    }
}
