package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.BlockProduct;
import dev.marquee.tensor.BlockProduct.Factor;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Attention that projects no key, for few queries or wide heads: the same products in another order, as {@link OneQuery}
 * writes them. Each head's queries are projected into the space of the keys and multiplied by the keys as they are; the
 * weighted means of the values as they are get projected at the end. All heads of a sample share one product.
 */
final class RawKeys implements DirectAttention.Way {
    /** Its products are fewer and larger, so that it is the faster way up to this many times the multiplications. */
    private static final double WORTH = 1.5;

    private final AttentionProblem problem;
    private final KeyWindows windows;
    private final int samples;
    private final int queries;
    private final int heads;
    private final int size;
    private final int units;
    private final int keySize;
    private final int valueSize;
    private final double scale;
    private final DType type;
    private final AskingQueries asking;
    private final AttentionWeights weights; // [batch, queries, heads, keys]
    private final Tensor means; // [batch, queries, heads, value_dim]
    private final Tensor output; // [batch, queries, units]

    /** What is done for each sample. */
    @FunctionalInterface
    private interface Step {
        /** The window's size, and where these begin: its weights, its keys, its values; and which sample it is. */
        void run(int count, long weight, long key, long value, int sample);
    }

    /** What is done for each head. */
    @FunctionalInterface
    private interface HeadStep {
        /** Where these begin: its columns in the units, its rows in a weight, its columns in what all heads share. */
        void run(long unit, long row, long column);
    }

    RawKeys(AttentionProblem problem) {
        AttentionMaps maps = problem.maps();
        this.problem = problem;
        windows = problem.windows();
        samples = windows.samples();
        queries = problem.queries();
        heads = maps.heads();
        size = maps.size();
        units = maps.units();
        keySize = (int) problem.key().size(2);
        valueSize = (int) problem.value().size(2);
        scale = maps.scale();
        type = DType.of(problem.query());
        asking = new AskingQueries(problem);
        weights = AttentionWeights.of(problem, products(), 2);
        means = means();
        output = projectedMeans();
        tally();
    }

    private void tally() {
        double pairs = 2.0 * queries * heads * windows.total();
        Tally.product(pairs * keySize, problem.wanted().key() ? 2 : 1);
        Tally.product(pairs * valueSize, problem.wanted().value() ? 2 : 1);
        Tally.product(2.0 * samples * queries * units * valueSize, 2);
    }

    /**
     * Whether this way is likely to be the faster one, by the number of multiplications of both.
     */
    static boolean suits(AttentionProblem problem) {
        AttentionMaps maps = problem.maps();
        double queries = problem.samples() * (double) problem.queries();
        double keys = problem.windows().total();
        double pairs = problem.queries() * keys;
        double inputs = problem.key().size(2) + problem.value().size(2);
        double raw = pairs * maps.heads() * inputs + queries * maps.units() * inputs;
        double projected = pairs * 2 * maps.units() + keys * maps.units() * inputs;
        return raw <= WORTH * projected;
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
        return scores.permute(2, 0, 1, 3); // [heads, batch, queries, keys]
    }

    private Tensor products() {
        Tensor products = AttentionWeights.productsFor(problem, samples, queries, heads, windows.keys());
        BlockProduct product = new BlockProduct(
                scale,
                Factor.of(asking.rows(), keySize),
                Factor.transposed(problem.key(), keySize),
                0,
                Factor.of(products, windows.keys()));
        int rows = queries * heads;
        each((count, weight, key, value, n) ->
                product.run(rows, count, keySize, (long) n * rows * keySize, key, weight));
        return products;
    }

    private Tensor means() {
        Tensor sums = Tensors.zeros(type, samples, queries, heads, valueSize);
        BlockProduct product = new BlockProduct(
                1,
                Factor.of(weights.kept(), windows.keys()),
                Factor.of(problem.value(), valueSize),
                1,
                Factor.of(sums, valueSize));
        int rows = queries * heads;
        each((count, weight, key, value, n) ->
                product.run(rows, valueSize, count, weight, value, (long) n * rows * valueSize));
        return sums;
    }

    private Tensor projectedMeans() {
        Tensor projected = Tensors.empty(type, samples, queries, units);
        BlockProduct product = new BlockProduct(
                1,
                Factor.of(means, (long) heads * valueSize),
                Factor.transposed(problem.maps().value().weight(), valueSize),
                0,
                Factor.of(projected, units));
        eachHead(valueSize, (unit, row, column) -> product.run(samples * queries, size, valueSize, column, row, unit));
        Tensor bias = problem.maps().value().bias();
        if (bias != null) {
            byHead(projected).add_(sumsOfWeights().mul(bias.view(1, heads, size)));
        }
        return projected;
    }

    @Override
    public List<@Nullable Tensor> backward(Tensor ofOutput, @Nullable Tensor ofScores) {
        Linear valueMap = problem.maps().value();
        int rows = queries * heads;
        Tensor ofMeans = Tensors.empty(type, samples, queries, heads, valueSize);
        BlockProduct intoMeans = new BlockProduct(
                1,
                Factor.of(ofOutput, units),
                Factor.of(valueMap.weight(), valueSize),
                0,
                Factor.of(ofMeans, (long) heads * valueSize));
        Tensor ofValueWeight = Tensors.empty(type, units, valueSize);
        BlockProduct intoValueWeight = new BlockProduct(
                1,
                Factor.transposed(ofOutput, units),
                Factor.of(means, (long) heads * valueSize),
                0,
                Factor.of(ofValueWeight, valueSize));
        eachHead(valueSize, (unit, row, column) -> {
            intoMeans.run(samples * queries, valueSize, size, unit, row, column);
            if (valueMap.weight().requires_grad()) {
                intoValueWeight.run(size, valueSize, samples * queries, unit, column, row);
            }
        });
        Tensor ofProducts = weights.backward(ofKept(ofOutput, ofMeans), ofScores);

        Tensor ofAsking = Tensors.zeros(type, samples, queries, heads, keySize);
        BlockProduct intoAsking = new BlockProduct(
                scale,
                Factor.of(ofProducts, windows.keys()),
                Factor.of(problem.key(), keySize),
                1,
                Factor.of(ofAsking, keySize));
        each((count, weight, key, value, n) ->
                intoAsking.run(rows, keySize, count, weight, key, (long) n * rows * keySize));
        Tensor ofKey = problem.wanted().key() ? torch.zeros_like(problem.key()) : null;
        Tensor ofValue = !problem.wanted().value()
                ? null
                : ofKey != null && problem.sharedValues() ? ofKey : torch.zeros_like(problem.value());
        if (ofKey != null) {
            BlockProduct intoKey = new BlockProduct(
                    scale,
                    Factor.transposed(ofProducts, windows.keys()),
                    Factor.of(asking.rows(), keySize),
                    1,
                    Factor.of(ofKey, keySize));
            each((count, weight, key, value, n) ->
                    intoKey.run(count, keySize, rows, weight, (long) n * rows * keySize, key));
        }
        if (ofValue != null) {
            BlockProduct intoValue = new BlockProduct(
                    1,
                    Factor.transposed(weights.kept(), windows.keys()),
                    Factor.of(ofMeans, valueSize),
                    1,
                    Factor.of(ofValue, valueSize));
            each((count, weight, key, value, n) ->
                    intoValue.run(count, valueSize, rows, weight, (long) n * rows * valueSize, value));
        }

        AskingQueries.Gradient ofQueries =
                asking.backward(ofAsking.view((long) samples * queries, (long) heads * keySize));
        return problem.gradients(
                ofQueries.query(),
                ofKey,
                ofValue,
                ofQueries.queryMap(),
                ofQueries.keyMap(),
                new AttentionProblem.MapGradient(
                        valueMap.weight().requires_grad() ? ofValueWeight : null,
                        AttentionProblem.biasLearns(valueMap)
                                ? byHead(ofOutput).mul(sumsOfWeights()).sum(0).view(units)
                                : null,
                        valueMap.bias() != null));
    }

    private Tensor ofKept(Tensor ofOutput, Tensor ofMeans) {
        Tensor ofKept = Tensors.zeros(type, samples, queries, heads, windows.keys());
        BlockProduct product = new BlockProduct(
                1,
                Factor.of(ofMeans, valueSize),
                Factor.transposed(problem.value(), valueSize),
                1,
                Factor.of(ofKept, windows.keys()));
        int rows = queries * heads;
        each((count, weight, key, value, n) ->
                product.run(rows, count, valueSize, (long) n * rows * valueSize, value, weight));
        Tensor bias = problem.maps().value().bias();
        if (bias != null) {
            Tensor ofSums = byHead(ofOutput)
                    .mul(bias.view(1, heads, size))
                    .sum(new long[] {2}, true, new ScalarTypeOptional()); // [batch * queries, heads, 1]
            ofKept.add_(ofSums.view(samples, queries, heads, 1));
        }
        return ofKept;
    }

    /** The weights of all values together, which dropout and hidden keys make differ from 1. */
    private Tensor sumsOfWeights() {
        return weights.kept()
                .sum(new long[] {3}, true, new ScalarTypeOptional())
                .view(-1, heads, 1); // [batch * queries, heads, 1]
    }

    private Tensor byHead(Tensor rows) {
        return rows.view(-1, heads, size); // [batch * queries, heads, size]
    }

    private void each(Step step) {
        for (int n = 0; n < samples; n++) {
            long first = (long) n * windows.keys() + windows.first(n);
            step.run(
                    windows.count(n),
                    (long) n * queries * heads * windows.keys() + windows.first(n),
                    first * keySize,
                    first * valueSize,
                    n);
        }
    }

    private void eachHead(int inputs, HeadStep step) {
        for (int h = 0; h < heads; h++) {
            step.run((long) h * size, (long) h * size * inputs, (long) h * inputs);
        }
    }
}
