package dev.marquee.nn;

import static dev.marquee.nn.DistinctIdsTest.part;
import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EmbeddingTableTest {
    private final Parameters parameters = Parameters.create(DType.FLOAT64);
    private final EmbeddingTable table = parameters
            .root()
            .tables(
                    List.of(new EmbeddingTable.Slice("a", 4), new EmbeddingTable.Slice("b", 3)),
                    2,
                    tensor ->
                            tensor.copy_(Tensors.of(new double[] {9, 9, 1, 2, 3, 4, 5, 6, 9, 9, 7, 8, 10, 11}, 7, 2)));

    @AfterEach
    void close() {
        parameters.close();
    }

    @Test
    void embed_ids_showsTheirRowsAndZerosAtPadding() {
        try (Scope scope = Scope.open()) {
            DistinctIds ids = DistinctIds.of(List.of(part(List.of(0, 4), 2, 1, 0, 0, 2, 2)));
            Tensor shown = table.embed(ids, table.gather(ids, Mode.EVALUATION), 0);

            assertThat(Tensors.toDoubles(shown)).containsExactly(3, 4, 7, 8, 0, 0, 0, 0, 3, 4, 10, 11);
            assertThat(shown.requires_grad()).isFalse();
            assertThat(table.uses()).isEmpty();
        }
    }

    @Test
    void gradient_idsThatRepeat_isSummedByRowAndLeavesPaddingOut() {
        try (Scope scope = Scope.open()) {
            pass(part(List.of(0, 4), 2, 1, 0, 0, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

            assertThat(dense()).containsExactly(0, 0, 0, 0, 10, 12, 0, 0, 0, 0, 3, 4, 11, 12);
        }
    }

    @Test
    void gradient_twoForwardPasses_areOneSum() {
        try (Scope scope = Scope.open()) {
            pass(part(List.of(0), 3, 1), 1, 2, 3, 4);
            pass(part(List.of(0), 2, 3, 0), 10, 20, 30, 40, 50, 60);

            assertThat(dense()).containsExactly(0, 0, 3, 4, 10, 20, 31, 42, 0, 0, 0, 0, 0, 0);
            assertThat(table.uses()).hasSize(1);
            // Asking again changes nothing, a third pass is added.
            pass(part(List.of(0), 1), 100, 200);
            assertThat(dense()).containsExactly(0, 0, 103, 204, 10, 20, 31, 42, 0, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void gradient_rowsUsedDirectlyAndShown_countsBoth() {
        try (Scope scope = Scope.open()) {
            DistinctIds ids = DistinctIds.of(List.of(part(List.of(0), 1, 2)));
            Tensor rows = table.gather(ids, Mode.TRAINING);
            Tensor shown = table.embed(ids, rows, 0);
            rows.sum().add(shown.sum()).backward();

            assertThat(dense()).containsExactly(0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void gradient_withoutBackward_isAbsent() {
        try (Scope scope = Scope.open()) {
            table.gather(DistinctIds.of(List.of(part(List.of(0), 1))), Mode.TRAINING);

            assertThat(table.gradient()).isEmpty();
        }
    }

    @Test
    void uses_afterBackward_agreesWithTheGradientOfTorchEmbedding() {
        try (Scope scope = Scope.open()) {
            DistinctIds ids = DistinctIds.of(List.of(part(List.of(0, 4), 2, 1, 1, 0, 2, 2, 3, 1)));
            Tensor weights =
                    torch.arange(new Scalar(16), Tensors.options(DType.FLOAT64)).reshape(4, 2, 2);
            Tensor rows = table.gather(ids, Mode.TRAINING);
            table.embed(ids, rows, 0).mul(weights).sum().backward();
            Tensor leaf = rows.detach().clone();
            leaf.set_requires_grad(true);
            torch.embedding(leaf, ids.positions(0)).mul(weights).sum().backward();
            leaf.grad().select(0, 0).zero_();

            assertThat(Tensors.toDoubles(table.uses().get(0).rows().grad())).isEqualTo(Tensors.toDoubles(leaf.grad()));
        }
    }

    private void pass(DistinctIds.Part part, double... gradients) {
        DistinctIds ids = DistinctIds.of(List.of(part));
        Tensor shown = table.embed(ids, table.gather(ids, Mode.TRAINING), 0);
        shown.mul(Tensors.of(gradients, Tensors.shape(shown))).sum().backward();
    }

    /** The gradient as that of the whole tensor. */
    private double[] dense() {
        EmbeddingTable.RowGradient gradient = table.gradient().orElseThrow();
        long[] rows = Tensors.toLongs(gradient.ids().rows());
        double[] values = Tensors.toDoubles(gradient.values());
        double[] dense = new double[14];
        Arrays.setAll(dense, i -> {
            for (int position = 0; position < rows.length; position++) {
                if (rows[position] == i / 2) {
                    return values[position * 2 + i % 2];
                }
            }
            return 0;
        });
        return dense;
    }
}
