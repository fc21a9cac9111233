package dev.marquee.optim;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.StrictCopy;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Changes the rows of embedding tables that a batch used, and no others. A row's gradient {@code g} is the sum over all
 * places of all forward passes since the gradients were last dropped. At step {@code t}, for a row {@code w} that was
 * last used at step {@code u} (0 if never), with learning rate {@code η} and weight decay {@code λ}:
 *
 * <pre>{@code
 * w ← (1 − η λ)^(t − u) w                       all rules, before the update
 *
 * sgd               w ← w − η g
 * adagrad           s ← s + g²;        w ← w − η g / (√s + ε)
 * rowwise_adagrad   s ← s + mean(g²);  w ← w − η g / (√s + ε), one s for the row
 * adam              m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²
 *                   w ← w − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * }</pre>
 *
 * <p>Without decay sgd and adagrad equal {@link Sgd} and {@link Adagrad} on a dense parameter. Adam is lazy: moments of
 * rows without a gradient stay as they are, and {@code t} counts the steps of the optimiser, not those of the row, as in
 * {@code torch.optim.SparseAdam}; where every row is used in every step it equals {@link Adam}. The decay is decoupled,
 * that of {@link AdamW}; the steps that a row missed count with the learning rate of the step that uses it again, so it
 * equals a decay at every step as long as the learning rate is constant.
 *
 * <p>It computes in double precision, one row after the other: the result does not depend on the number of threads. Rows
 * that are kept in fewer bits are read as float32, updated in single precision, and rounded up or down by chance, which
 * the optimiser's seed, the step and the row decide; their moments are float32.
 *
 * <p>It remembers {@code step}, for each table the moments by the names {@code sum.NAME}, {@code exp_avg.NAME} and {@code
 * exp_avg_sq.NAME}, and with decay {@code last_used.NAME}, an int32 a row; {@code rounding_seed} where there
 * are rows to be rounded, drawn from the engine's generator.
 *
 * <p>For a row that appeared in training the steps before it do not count as missed: it begins like one whose last use was
 * in the step before.
 */
final class SparseOptimizer implements Optimizer {
    private final Arena arena = Arena.open("state of embedding rows");
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private final List<RowStates> tables = new ArrayList<>();
    private final RowRule rule;
    private final BlockRule blockRule;
    private final boolean bearsLostChanges;
    private final double weightDecay;
    private final LongBuffer steps;
    private final LongBuffer seed;

    SparseOptimizer(Parameters parameters, SparseOptimizerConfig config) {
        rule = RowRule.of(config);
        blockRule = BlockRule.of(config);
        weightDecay = config.weightDecay();
        bearsLostChanges = config.name() != SparseOptimizerConfig.Name.ADAM && weightDecay == 0;
        try (Scope scope = Scope.open()) {
            Tensor step = arena.keep(Tensors.zeros(DType.INT64, 1));
            steps = Tensors.bytes(step).asLongBuffer();
            state.put("step", step);
            if (parameters.tables().stream().anyMatch(EmbeddingTable::isRounded)) {
                Tensor drawn = arena.keep(Tensors.empty(DType.INT64, 1));
                drawn.random_(new GeneratorOptional());
                seed = Tensors.bytes(drawn).asLongBuffer();
                state.put("rounding_seed", drawn);
            } else {
                seed = LongBuffer.allocate(1);
            }
            learning(parameters)
                    .forEach(table -> tables.add(new RowStates(table, rule, weightDecay > 0, arena, state)));
        }
    }

    @Override
    public void step(double learningRate) {
        step(tables, learningRate);
    }

    @Override
    public UpdateRule replica(Parameters replica) {
        if (!bearsLostChanges) {
            return Optimizer.super.replica(replica);
        }
        if (replica.tables().stream().anyMatch(EmbeddingTable::isRounded)) {
            throw new IllegalStateException("replicas change rows without waiting where these are kept as float32:"
                    + " leave model.embedding.storage out");
        }
        List<EmbeddingTable> own = learning(replica);
        List<RowStates> shared = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            shared.add(new RowStates(own.get(i), tables.get(i)));
        }
        return new UpdateRule() {
            @Override
            public void step(double learningRate) {
                SparseOptimizer.this.step(shared, learningRate);
            }

            @Override
            public void close() {}
        };
    }

    private void step(List<RowStates> changed, double learningRate) {
        double kept = 1 - Checks.atLeastZero(learningRate, "the learning rate") * weightDecay;
        if (!(kept > 0)) {
            throw new IllegalArgumentException("the learning rate " + learningRate + " times the weight decay "
                    + weightDecay + " of embedding rows is not below 1: lower optimizer.sparse.weight_decay");
        }
        long step = nextStep();
        RowRule.Update update = rule.starter().at(learningRate, step);
        BlockRule.Update block = blockRule.at(learningRate, step);
        try (Gradients.Guard off = Gradients.off()) {
            for (int i = 0; i < changed.size(); i++) {
                changed.get(i).step(new RowStates.Step(update, block, kept, step, Draws.bits(seed.get(0), step, i)));
            }
        }
    }

    private static List<EmbeddingTable> learning(Parameters parameters) {
        return parameters.tables().stream().filter(table -> !table.isFrozen()).toList();
    }

    private synchronized long nextStep() {
        long step = steps.get(0) + 1;
        steps.put(0, step);
        return step;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>(state);
        tables.forEach(table -> table.addGrown(all));
        return Collections.unmodifiableMap(all);
    }

    @Override
    public Map<String, RowSubset> subsets() {
        Map<String, RowSubset> all = new LinkedHashMap<>();
        tables.forEach(table -> all.putAll(table.subsets()));
        return all;
    }

    @Override
    public void load(Map<String, Tensor> values) {
        StrictCopy.copy(values, state(), "the state", "the optimiser", true);
    }

    @Override
    public void close() {
        tables.forEach(RowStates::close);
        arena.close();
    }
}
