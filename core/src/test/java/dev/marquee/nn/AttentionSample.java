package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Tensors;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/** Random attention and inputs in float64, within the open scope. */
final class AttentionSample implements AutoCloseable {
    final Parameters parameters = Parameters.create(DType.FLOAT64);
    final MultiHeadAttention attention;
    final int batch;
    final int queries;
    final int keys;
    final Random random;
    final double[] query;
    final double[] key;
    final boolean[] mask;
    final MultiHeadAttention.Config config;

    AttentionSample(long seed, int batch, int queries, int keys, int heads, boolean causal) {
        random = new Random(seed);
        this.batch = batch;
        this.queries = queries;
        this.keys = keys;
        config = MultiHeadAttention.Config.of(3, 5, 2 * heads, heads).causal(causal);
        Engine.seed(seed);
        attention = MultiHeadAttention.create(parameters.root(), config);
        query = gaussians(batch * queries * 3);
        key = gaussians(batch * keys * 5);
        mask = new boolean[batch * keys];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = random.nextInt(3) == 0;
        }
    }

    double[] gaussians(int count) {
        return random.doubles(count, -2, 2).toArray();
    }

    Tensor query() {
        return Tensors.of(query, batch, queries, 3);
    }

    Tensor key() {
        return key(key);
    }

    Tensor key(double[] values) {
        return Tensors.of(values, batch, keys, 5);
    }

    Tensor mask() {
        return mask(mask);
    }

    Tensor mask(boolean[] values) {
        return Tensors.of(values, batch, keys);
    }

    MultiHeadAttention.Attention run() {
        return attention.forward(query(), key(), mask(), Mode.EVALUATION);
    }

    @Override
    public void close() {
        parameters.close();
    }
}
