package dev.marquee.optim;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Changes the rows of embedding tables that a batch used. */
final class SparseOptimizer implements Optimizer {
    private final Parameters parameters;

    SparseOptimizer(Parameters parameters, SparseOptimizerConfig config) {
        this.parameters = parameters;
    }

    @Override
    public void step(double learningRate) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            for (EmbeddingTable table : parameters.tables()) {
                for (EmbeddingTable.Use use : table.uses()) {
                    Tensor gradient = use.rows().mutable_grad();
                    if (gradient.defined()) {
                        gradient.select(0, 0).zero_(); // padding
                        table.weight().index_add_(0, use.ids().rows(), gradient, new Scalar(-learningRate));
                    }
                }
            }
        }
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of();
    }

    @Override
    public void load(Map<String, Tensor> state) {}

    @Override
    public void close() {}
}
