package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.nn.StrictCopy;
import dev.marquee.tensor.RowSubset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** One optimiser for the dense parameters, another one for the rows of embedding tables. */
final class BothOptimizers implements Optimizer {
    private static final String SPARSE = "sparse.";

    private final Optimizer dense;
    private final Optimizer sparse;
    private final double ratio;

    /**
     * Made of the two.
     *
     * @param ratio the learning rate of the rows, divided by that of the dense parameters
     */
    private BothOptimizers(Optimizer dense, Optimizer sparse, double ratio) {
        this.dense = dense;
        this.sparse = sparse;
        this.ratio = ratio;
    }

    /** The dense optimiser alone where there are no tables. */
    static Optimizer of(Optimizer dense, Parameters parameters, OptimizerConfig config) {
        if (parameters.tables().isEmpty()) {
            return dense;
        }
        double own = config.sparse().learningRate().orElse(config.learningRate());
        return new BothOptimizers(dense, new SparseOptimizer(parameters, config.sparse()), own / config.learningRate());
    }

    @Override
    public void step(double learningRate) {
        dense.step(learningRate);
        sparse.step(learningRate * ratio);
    }

    @Override
    public UpdateRule replica(Parameters replica) {
        UpdateRule rows = sparse.replica(replica); // first: it owns nothing, should the other be refused
        UpdateRule layers = dense.replica(replica);
        return new UpdateRule() {
            @Override
            public void step(double learningRate) {
                layers.step(learningRate);
                rows.step(learningRate * ratio);
            }

            @Override
            public void close() {
                layers.close();
                rows.close();
            }
        };
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(dense.state());
        sparse.state().forEach((name, tensor) -> state.put(SPARSE + name, tensor));
        return state;
    }

    @Override
    public Map<String, RowSubset> subsets() {
        Map<String, RowSubset> all = new LinkedHashMap<>();
        sparse.subsets().forEach((name, rows) -> all.put(SPARSE + name, rows));
        return all;
    }

    @Override
    public void load(Map<String, Tensor> state) {
        // Both at once: if one does not fit, neither changes.
        StrictCopy.copy(state, state(), "the state", "the optimiser", true);
    }

    @Override
    public void close() {
        dense.close();
        sparse.close();
    }
}
