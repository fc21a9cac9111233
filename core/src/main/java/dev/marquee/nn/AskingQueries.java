package dev.marquee.nn;

import dev.marquee.nn.AttentionProblem.MapGradient;
import dev.marquee.profile.Tally;
import dev.marquee.tensor.BlockProduct;
import dev.marquee.tensor.BlockProduct.Factor;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The queries of each head in the space of the keys, {@code W_key,hᵀ (W_query,h x + b_query,h)}: in two steps, or in one
 * with the two weights multiplied first, whichever takes fewer multiplications.
 */
final class AskingQueries {
    private final AttentionProblem problem;
    private final int heads;
    private final int size;
    private final int units;
    private final int querySize;
    private final int keySize;
    private final int rows;
    private final DType type;
    private final @Nullable Tensor projected; // [batch * queries, units], of the two steps
    private final @Nullable Tensor folded; // [query_dim, heads * key_dim], of the one
    private final Tensor asking; // [batch * queries, heads * key_dim]

    /** The gradients of the queries and of both maps; of the key's bias, which softmax takes out again, zeros. */
    record Gradient(@Nullable Tensor query, MapGradient queryMap, MapGradient keyMap) {}

    AskingQueries(AttentionProblem problem) {
        AttentionMaps maps = problem.maps();
        this.problem = problem;
        heads = maps.heads();
        size = maps.size();
        units = maps.units();
        querySize = (int) problem.query().size(2);
        keySize = (int) problem.key().size(2);
        rows = problem.samples() * problem.queries();
        type = DType.of(problem.query());
        long inOneStep = (long) querySize * heads * keySize;
        long inTwoSteps = (long) units * (querySize + keySize);
        if (inOneStep <= inTwoSteps) {
            projected = null;
            folded = Tensors.empty(type, querySize, (long) heads * keySize);
            asking = folded(folded);
        } else {
            projected = maps.query().forward(problem.queryRows());
            folded = null;
            asking = projected(projected);
        }
        tally(inOneStep <= inTwoSteps);
    }

    private void tally(boolean inOneStep) {
        boolean wanted = problem.wanted().query();
        if (inOneStep) {
            Tally.product(2.0 * units * querySize * keySize, 2);
            Tally.product(2.0 * rows * querySize * heads * keySize, wanted ? 2 : 1);
        } else {
            Tally.backward(wanted ? 2.0 * rows * querySize * units : 0); // the map has counted the rest
            Tally.product(2.0 * rows * units * keySize, 2);
        }
    }

    /** {@code [batch * queries, heads * key_dim]}. */
    Tensor rows() {
        return asking;
    }

    private Tensor projected(Tensor queries) {
        Tensor result = Tensors.empty(type, rows, (long) heads * keySize);
        BlockProduct product = product(Factor.of(queries, units), keyWeight(), 0, Factor.of(result, stride()));
        for (int h = 0; h < heads; h++) {
            product.run(rows, keySize, size, unit(h), keyRow(h), column(h));
        }
        return result;
    }

    private Tensor folded(Tensor into) {
        Linear query = problem.maps().query();
        BlockProduct product =
                product(Factor.transposed(query.weight(), querySize), keyWeight(), 0, Factor.of(into, stride()));
        for (int h = 0; h < heads; h++) {
            product.run(querySize, keySize, size, queryRow(h), keyRow(h), column(h));
        }
        Tensor bias = query.bias();
        if (bias == null) {
            return torch.mm(problem.queryRows(), into);
        }
        Tensor shift = Tensors.empty(type, stride());
        BlockProduct shifting = product(Factor.of(bias, units), keyWeight(), 0, Factor.of(shift, stride()));
        for (int h = 0; h < heads; h++) {
            shifting.run(1, keySize, size, unit(h), keyRow(h), column(h));
        }
        return torch.addmm(shift, problem.queryRows(), into);
    }

    /**
     * The gradients.
     *
     * @param ofRows of {@link #rows()}, contiguous
     */
    Gradient backward(Tensor ofRows) {
        Tensor ofKeyWeight = Tensors.empty(type, units, keySize);
        Tensor keyBias = problem.maps().key().bias();
        MapGradient ofKeyMap = new MapGradient(
                keyLearns() ? ofKeyWeight : null,
                AttentionProblem.biasLearns(problem.maps().key()) ? torch.zeros_like(keyBias) : null,
                keyBias != null);
        if (projected != null) {
            return throughProjection(projected, ofRows, ofKeyWeight, ofKeyMap);
        }
        if (folded != null) {
            return throughFold(folded, ofRows, ofKeyWeight, ofKeyMap);
        }
        throw new AssertionError("neither way was taken");
    }

    private Gradient throughProjection(Tensor queries, Tensor ofRows, Tensor ofKeyWeight, MapGradient ofKeyMap) {
        Linear map = problem.maps().query();
        Tensor ofQueries = Tensors.empty(type, rows, units);
        BlockProduct back = product(
                Factor.of(ofRows, stride()),
                Factor.transposed(problem.maps().key().weight(), keySize),
                0,
                Factor.of(ofQueries, units));
        BlockProduct ofKeys = product(
                Factor.transposed(queries, units), Factor.of(ofRows, stride()), 0, Factor.of(ofKeyWeight, keySize));
        boolean onward = problem.wanted().query() || AttentionProblem.learns(map);
        for (int h = 0; h < heads; h++) {
            if (onward) {
                back.run(rows, size, keySize, column(h), keyRow(h), unit(h));
            }
            if (keyLearns()) {
                ofKeys.run(size, keySize, rows, unit(h), column(h), keyRow(h));
            }
        }
        Tensor ofQuery =
                problem.wanted().query() ? torch.mm(ofQueries, map.weight()).view_as(problem.query()) : null;
        return new Gradient(ofQuery, AttentionProblem.ofMap(map, ofQueries, problem.queryRows()), ofKeyMap);
    }

    private Gradient throughFold(Tensor fold, Tensor ofRows, Tensor ofKeyWeight, MapGradient ofKeyMap) {
        Linear map = problem.maps().query();
        Tensor ofQuery = problem.wanted().query() ? torch.mm(ofRows, fold.t()).view_as(problem.query()) : null;
        boolean queryLearns = map.weight().requires_grad();
        boolean biasLearns = AttentionProblem.biasLearns(map);
        if (!queryLearns && !biasLearns && !keyLearns()) {
            return new Gradient(ofQuery, new MapGradient(null, null, map.bias() != null), ofKeyMap);
        }
        Tensor ofFold = torch.mm(problem.queryRows().t(), ofRows); // [query_dim, heads * key_dim]
        Tensor ofQueryWeight = Tensors.empty(type, units, querySize);
        BlockProduct ofQueries =
                product(keyWeight(), Factor.transposed(ofFold, stride()), 0, Factor.of(ofQueryWeight, querySize));
        BlockProduct ofKeys = product(
                Factor.of(map.weight(), querySize), Factor.of(ofFold, stride()), 0, Factor.of(ofKeyWeight, keySize));
        for (int h = 0; h < heads; h++) {
            if (queryLearns) {
                ofQueries.run(size, querySize, keySize, keyRow(h), column(h), queryRow(h));
            }
            if (keyLearns()) {
                ofKeys.run(size, keySize, querySize, queryRow(h), column(h), keyRow(h));
            }
        }
        Tensor bias = map.bias();
        Tensor ofBias = null;
        if (bias != null) {
            Tensor ofShift = ofRows.sum(0); // [heads * key_dim]
            ofBias = Tensors.empty(type, units);
            BlockProduct biases = product(keyWeight(), Factor.transposed(ofShift, stride()), 0, Factor.of(ofBias, 1));
            BlockProduct more = product(
                    Factor.transposed(bias, units), Factor.of(ofShift, stride()), 1, Factor.of(ofKeyWeight, keySize));
            for (int h = 0; h < heads; h++) {
                biases.run(size, 1, keySize, keyRow(h), column(h), unit(h));
                more.run(size, keySize, 1, unit(h), column(h), keyRow(h));
            }
        }
        MapGradient ofQueryMap =
                new MapGradient(queryLearns ? ofQueryWeight : null, biasLearns ? ofBias : null, bias != null);
        return new Gradient(ofQuery, ofQueryMap, ofKeyMap);
    }

    private boolean keyLearns() {
        return problem.maps().key().weight().requires_grad();
    }

    private static BlockProduct product(Factor a, Factor b, double beta, Factor c) {
        return new BlockProduct(1, a, b, beta, c);
    }

    private Factor keyWeight() {
        return Factor.of(problem.maps().key().weight(), keySize);
    }

    private long stride() {
        return (long) heads * keySize;
    }

    private long unit(int head) {
        return (long) head * size;
    }

    private long keyRow(int head) {
        return (long) head * size * keySize;
    }

    private long queryRow(int head) {
        return (long) head * size * querySize;
    }

    private long column(int head) {
        return (long) head * keySize;
    }
}
