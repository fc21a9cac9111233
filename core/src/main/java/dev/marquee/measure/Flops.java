package dev.marquee.measure;

import java.util.List;

/**
 * Floating-point operations of training steps. Only matrix products count, two operations for each multiplication and
 * addition; activations, softmax, loss and update are left out, as is usual for rooflines.
 */
final class Flops {
    private Flops() {}

    /**
     * A perceptron's step. Forward multiplies {@code [batch, in]} by {@code [in, out]} for each layer; backward does as
     * much for the weights' gradients and again for the inputs' gradients, but for the first layer, whose input needs
     * none.
     *
     * @param batch samples in a step
     * @param sizes of the input and of each layer
     * @return operations of a step
     */
    static double perceptron(long batch, List<Integer> sizes) {
        double forward = 0;
        for (int i = 0; i + 1 < sizes.size(); i++) {
            forward += 2.0 * batch * sizes.get(i) * sizes.get(i + 1);
        }
        return 3 * forward - 2.0 * batch * sizes.get(0) * sizes.get(1);
    }

    /**
     * An attention step, in which queries and keys need gradients as well: three times the forward pass, that is the
     * projection of queries, of keys and of values, the scores and the weighted sums.
     *
     * @param shape of queries, keys and units
     * @return operations of a step
     */
    static double attention(AttentionShape shape) {
        double queries = 2.0 * shape.batch() * shape.queryTime() * shape.dim() * shape.units();
        double keysAndValues = 2 * 2.0 * shape.batch() * shape.keyTime() * shape.dim() * shape.units();
        double products = 2 * 2.0 * shape.batch() * shape.queryTime() * shape.keyTime() * shape.units();
        return 3 * (queries + keysAndValues + products);
    }
}
