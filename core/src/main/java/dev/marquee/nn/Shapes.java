package dev.marquee.nn;

import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** Checks of shapes whose messages name the shape given and the one expected. */
final class Shapes {
    private Shapes() {}

    static void requireLast(Tensor tensor, long size, String what) {
        long dimensions = tensor.dim();
        if (dimensions == 0 || tensor.size(dimensions - 1) != size) {
            throw new IllegalArgumentException(what + " must be [..., " + size + "], not " + Tensors.describe(tensor));
        }
    }
}
