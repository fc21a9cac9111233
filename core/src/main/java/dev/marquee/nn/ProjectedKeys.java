package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.BlockProduct;
import dev.marquee.tensor.BlockProduct.Factor;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Attention as the textbook has it: keys and values are projected, then every head multiplies its slices. The keys of
 * all windows lie one after the other, so that no work is done for padding.
 */
final class ProjectedKeys implements DirectAttention.Way {
    private final AttentionProblem problem;
    private final KeyWindows windows;
    private final int queries;
    private final int heads;
    private final int size;
    private final int units;
    private final double scale;
    private final DType type;
    private final Tensor packedKeys; // [total, key_dim]
    private final Tensor packedValues; // [total, value_dim]
    private final Tensor projectedQueries; // [batch * queries, units]
    private final Projected projectedKeys;
    private final Projected projectedValues;
    private final AttentionWeights weights; // [batch, heads, queries, keys]
    private final Tensor output; // [batch, queries, units]

    /** Linear images of the packed keys, {@code [total, stride]}, of which those from {@code start} on are meant. */
    private record Projected(Tensor rows, int start, long stride) {}

    /** What is done for each sample and head. */
    @FunctionalInterface
    private interface Step {
        /** The sample's window's size, and where these begin: its queries, keys and values, and its weights. */
        void run(int count, long query, long key, long weight);
    }

    ProjectedKeys(AttentionProblem problem) {
        AttentionMaps maps = problem.maps();
        this.problem = problem;
        windows = problem.windows();
        queries = problem.queries();
        heads = maps.heads();
        size = maps.size();
        units = maps.units();
        scale = maps.scale();
        type = DType.of(problem.query());
        Tensor rows = windows.full() ? null : windows.rows();
        packedKeys = packed(problem.key(), rows);
        packedValues = problem.sharedValues() ? packedKeys : packed(problem.value(), rows);
        projectedQueries = maps.query().forward(problem.queryRows());
        if (problem.sharedValues()) {
            Tensor both = torch.linear(packedKeys, weightsOfBoth(), biasesOfBoth()); // [total, 2 units]
            projectedKeys = new Projected(both, 0, 2L * units);
            projectedValues = new Projected(both, units, 2L * units);
        } else {
            projectedKeys = new Projected(maps.key().forward(packedKeys), 0, units);
            projectedValues = new Projected(maps.value().forward(packedValues), 0, units);
        }
        weights = AttentionWeights.of(problem, products(), 1);
        output = weightedValues();
        tally();
    }

    /** Counts what the linear maps do not: pairs of queries and keys, and gradients of inputs. */
    private void tally() {
        AttentionProblem.Wanted wanted = problem.wanted();
        Tally.product(4.0 * queries * windows.total() * units, 2);
        Tally.backward(wanted.query() ? 2.0 * problem.query().numel() * units : 0);
        if (problem.sharedValues()) {
            Tally.product(4.0 * packedKeys.numel() * units, wanted.key() ? 2 : 1);
        } else {
            Tally.backward(wanted.key() ? 2.0 * packedKeys.numel() * units : 0);
            Tally.backward(wanted.value() ? 2.0 * packedValues.numel() * units : 0);
        }
    }

    @Override
    public Tensor output() {
        return output;
    }

    @Override
    public Tensor scores() {
        return weights.scores();
    }

    @Override
    public Tensor headsFirst(Tensor scores) {
        return scores.transpose(0, 1); // [heads, batch, queries, keys]
    }

    private Tensor products() {
        Tensor products = AttentionWeights.productsFor(problem, windows.samples(), heads, queries, windows.keys());
        BlockProduct product = new BlockProduct(
                scale,
                Factor.of(projectedQueries, units),
                Factor.transposed(projectedKeys.rows(), projectedKeys.stride()),
                0,
                Factor.of(products, windows.keys()));
        each(projectedKeys, (count, query, key, weight) -> product.run(queries, count, size, query, key, weight));
        return products;
    }

    private Tensor weightedValues() {
        Tensor sums = queryLike();
        BlockProduct product = new BlockProduct(
                1,
                Factor.of(weights.kept(), windows.keys()),
                Factor.of(projectedValues.rows(), projectedValues.stride()),
                1,
                Factor.of(sums, units));
        each(projectedValues, (count, query, value, weight) -> product.run(queries, size, count, weight, value, query));
        return sums;
    }

    @Override
    public List<@Nullable Tensor> backward(Tensor ofOutput, @Nullable Tensor ofScores) {
        AttentionMaps maps = problem.maps();
        boolean shared = problem.sharedValues();
        Tensor ofBoth = shared ? Tensors.zeros(type, windows.total(), 2L * units) : null;
        Projected ofKeys = like(projectedKeys, ofBoth);
        Projected ofValues = like(projectedValues, ofBoth);
        BlockProduct values = new BlockProduct(
                1,
                Factor.transposed(weights.kept(), windows.keys()),
                Factor.of(ofOutput, units),
                1,
                Factor.of(ofValues.rows(), ofValues.stride()));
        each(ofValues, (count, query, value, weight) -> values.run(count, size, queries, weight, query, value));
        Tensor ofProducts = ofProducts(ofOutput, ofScores);
        BlockProduct keys = new BlockProduct(
                scale,
                Factor.transposed(ofProducts, windows.keys()),
                Factor.of(projectedQueries, units),
                1,
                Factor.of(ofKeys.rows(), ofKeys.stride()));
        each(ofKeys, (count, query, key, weight) -> keys.run(count, size, queries, weight, query, key));
        Tensor ofQueries = queryLike();
        BlockProduct asking = new BlockProduct(
                scale,
                Factor.of(ofProducts, windows.keys()),
                Factor.of(projectedKeys.rows(), projectedKeys.stride()),
                1,
                Factor.of(ofQueries, units));
        each(projectedKeys, (count, query, key, weight) -> asking.run(queries, size, count, weight, key, query));

        Tensor ofQueryRows = AttentionProblem.rows(ofQueries);
        Tensor ofQuery = problem.wanted().query()
                ? torch.mm(ofQueryRows, maps.query().weight()).view_as(problem.query())
                : null;
        AttentionProblem.MapGradient queryMap = AttentionProblem.ofMap(maps.query(), ofQueryRows, problem.queryRows());
        if (ofBoth != null) {
            boolean learn =
                    maps.key().weight().requires_grad() || maps.value().weight().requires_grad();
            Tensor weight = learn ? torch.mm(ofBoth.t(), packedKeys) : null; // [2 units, key_dim]
            Tensor bias = maps.key().bias() == null ? null : ofBoth.sum(0); // [2 units]
            Tensor ofKey = problem.wanted().key() ? spread(torch.mm(ofBoth, weightsOfBoth()), problem.key()) : null;
            return problem.gradients(ofQuery, ofKey, null, queryMap, part(weight, bias, 0), part(weight, bias, units));
        }
        return problem.gradients(
                ofQuery,
                problem.wanted().key()
                        ? spread(torch.mm(ofKeys.rows(), maps.key().weight()), problem.key())
                        : null,
                problem.wanted().value()
                        ? spread(torch.mm(ofValues.rows(), maps.value().weight()), problem.value())
                        : null,
                queryMap,
                AttentionProblem.ofMap(maps.key(), ofKeys.rows(), packedKeys),
                AttentionProblem.ofMap(maps.value(), ofValues.rows(), packedValues));
    }

    private Tensor ofProducts(Tensor ofOutput, @Nullable Tensor ofScores) {
        long[] sizes = {windows.samples(), heads, queries, windows.keys()};
        Tensor ofKept = Tensors.zeros(type, sizes);
        BlockProduct product = new BlockProduct(
                1,
                Factor.of(ofOutput, units),
                Factor.transposed(projectedValues.rows(), projectedValues.stride()),
                1,
                Factor.of(ofKept, windows.keys()));
        each(projectedValues, (count, query, value, weight) -> product.run(queries, count, size, query, value, weight));
        return weights.backward(ofKept, ofScores);
    }

    private void each(Projected keys, Step step) {
        for (int n = 0; n < windows.samples(); n++) {
            for (int h = 0; h < heads; h++) {
                step.run(
                        windows.count(n),
                        (long) n * queries * units + (long) h * size,
                        keys.start() + windows.before(n) * keys.stride() + (long) h * size,
                        ((long) n * heads + h) * queries * windows.keys() + windows.first(n));
            }
        }
    }

    /** For a row of units of each query; of zeros where a sample without keys leaves it as it is. */
    private Tensor queryLike() {
        long[] sizes = {windows.samples(), queries, units};
        return Tensors.zeros(type, sizes);
    }

    private Projected like(Projected projected, @Nullable Tensor both) {
        Tensor rows = both == null ? Tensors.zeros(type, windows.total(), units) : both;
        return new Projected(rows, projected.start(), projected.stride());
    }

    private static Tensor packed(Tensor keys, @Nullable Tensor rows) {
        Tensor all = AttentionProblem.rows(keys);
        return rows == null ? all : all.index_select(0, rows);
    }

    private Tensor weightsOfBoth() {
        AttentionMaps maps = problem.maps();
        return torch.cat(new TensorVector(maps.key().weight(), maps.value().weight()), 0); // [2 units, key_dim]
    }

    private TensorOptional biasesOfBoth() {
        Tensor key = problem.maps().key().bias();
        Tensor value = problem.maps().value().bias();
        return key == null || value == null
                ? new TensorOptional()
                : new TensorOptional(torch.cat(new TensorVector(key, value), 0)); // [2 units]
    }

    private AttentionProblem.MapGradient part(@Nullable Tensor weight, @Nullable Tensor bias, int from) {
        return new AttentionProblem.MapGradient(
                weight == null ? null : weight.narrow(0, from, units),
                bias == null ? null : bias.narrow(0, from, units),
                bias != null);
    }

    /** From the packed keys back to all: zeros for those outside the windows. */
    private Tensor spread(Tensor packed, Tensor like) {
        if (windows.full()) {
            return packed.view_as(like);
        }
        Tensor all = Tensors.zeros(type, like.size(0) * like.size(1), like.size(2));
        return all.index_copy_(0, windows.rows(), packed).view_as(like);
    }
}
