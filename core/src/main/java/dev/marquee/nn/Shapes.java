package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Checks of shapes whose messages name the shape given and the one expected. */
final class Shapes {
    /** Stands for any size. */
    static final long ANY = -1;

    private Shapes() {}

    static void requireLast(Tensor tensor, long size, String what) {
        long dimensions = tensor.dim();
        if (dimensions == 0 || tensor.size(dimensions - 1) != size) {
            throw new IllegalArgumentException(what + " must be [..., " + size + "], not " + Tensors.describe(tensor));
        }
    }

    /**
     * Checks rank, sizes and type.
     *
     * @param tensor what was given
     * @param what its name in the message
     * @param names what the dimensions mean, for those of any size
     * @param type the element type; under autocast any floating-point type may stand for another
     * @param sizes the expected sizes, {@link #ANY} where any will do
     */
    static void require(Tensor tensor, String what, String[] names, DType type, long... sizes) {
        boolean fits = tensor.dim() == sizes.length && ofType(tensor, type);
        for (int i = 0; fits && i < sizes.length; i++) {
            fits = sizes[i] == ANY || tensor.size(i) == sizes[i];
        }
        if (!fits) {
            StringBuilder expected = new StringBuilder("[");
            for (int i = 0; i < sizes.length; i++) {
                expected.append(i == 0 ? "" : ", ").append(sizes[i] == ANY ? names[i] : Long.toString(sizes[i]));
            }
            throw new IllegalArgumentException(
                    what + " must be " + expected + "] " + type + ", not " + Tensors.describe(tensor));
        }
    }

    private static boolean ofType(Tensor tensor, DType type) {
        return tensor.scalar_type().value == type.scalarType().value
                || (type.isFloating()
                        && torch.is_autocast_enabled(torch.DeviceType.CPU)
                        && DType.of(tensor).isFloating());
    }
}
