package dev.marquee.cli.bench;

import dev.marquee.nn.Linear;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A step of multi-head attention with three projections and random padding, gradients of queries and keys included,
 * from a fixed gradient at the output, with plain SGD.
 */
final class AttentionStep implements Workload {
    private final AttentionShape shape;
    private final boolean fused;
    private final Arena arena = Arena.open("benchmark data");
    private final Parameters parameters = Parameters.create(DType.FLOAT32);
    private final Linear toQuery;
    private final Linear toKey;
    private final Linear toValue;
    private final Tensor query;
    private final Tensor key;
    private final Tensor hidden;
    private final Tensor cotangent;

    AttentionStep(AttentionShape shape, boolean fused) {
        this.shape = shape;
        this.fused = fused;
        toQuery = Linear.create(parameters.root().child("W_query"), shape.dim(), shape.units(), false);
        toKey = Linear.create(parameters.root().child("W_key"), shape.dim(), shape.units(), false);
        toValue = Linear.create(parameters.root().child("W_value"), shape.dim(), shape.units(), false);
        try (Scope scope = Scope.open()) {
            query = normal(shape.batch(), shape.queryTime(), shape.dim());
            key = normal(shape.batch(), shape.keyTime(), shape.dim());
            cotangent = normal(shape.batch(), shape.queryTime(), shape.units());
            hidden = arena.keep(Tensors.of(padding(), shape.batch(), 1, 1, shape.keyTime()));
            query.set_requires_grad(true);
            key.set_requires_grad(true);
        }
    }

    @Override
    public String name() {
        return "attention " + shape.sizes() + (fused ? " fused" : " with scores");
    }

    @Override
    public long samples() {
        return shape.batch();
    }

    @Override
    public double flops() {
        return Flops.attention(shape);
    }

    @Override
    public Map<String, Object> request() {
        return Map.of("work", "attention", "shape", shape.sizes(), "fused", fused);
    }

    @Override
    public void step() {
        try (Scope scope = Scope.open()) {
            parameters.zeroGradients();
            query.mutable_grad().reset();
            key.mutable_grad().reset();
            Tensor output = forward();
            output.backward(cotangent, new BoolOptional(), false, new TensorArrayRefOptional());
            PlainSgd.step(parameters);
        }
    }

    @Override
    public void close() {
        parameters.close();
        arena.close();
    }

    private Tensor forward() {
        Tensor queries = heads(toQuery.forward(query)); // [batch, heads, queryTime, units / heads]
        Tensor keys = heads(toKey.forward(key));
        Tensor values = heads(toValue.forward(key));
        double scale = 1 / Math.sqrt((double) shape.dim());
        Tensor output;
        if (fused) {
            TensorOptional seen = new TensorOptional(hidden.logical_not());
            output = torch.scaled_dot_product_attention(
                    queries, keys, values, seen, 0, false, new DoubleOptional(scale), false);
        } else {
            Tensor scores = torch.matmul(queries, keys.transpose(2, 3)).mul(new Scalar(scale));
            Tensor weights = torch.softmax(scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY)), 3);
            output = torch.matmul(weights, values);
        }
        return output.transpose(1, 2).reshape(shape.batch(), shape.queryTime(), shape.units());
    }

    private Tensor heads(Tensor projected) {
        return projected
                .view(projected.size(0), projected.size(1), shape.heads(), shape.units() / shape.heads())
                .transpose(1, 2);
    }

    private Tensor normal(long... sizes) {
        Tensor tensor = arena.keep(Tensors.empty(DType.FLOAT32, sizes));
        tensor.normal_(0, 1, new GeneratorOptional());
        return tensor;
    }

    /** Every sequence keeps 1 to all of its keys; the rest, at its end, is hidden. */
    private boolean[] padding() {
        Random random = new Random(2);
        boolean[] padding = new boolean[shape.batch() * shape.keyTime()];
        for (int row = 0; row < shape.batch(); row++) {
            int kept = 1 + random.nextInt(shape.keyTime());
            for (int i = kept; i < shape.keyTime(); i++) {
                padding[row * shape.keyTime() + i] = true;
            }
        }
        return padding;
    }
}
