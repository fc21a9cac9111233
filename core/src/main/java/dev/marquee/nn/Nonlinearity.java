package dev.marquee.nn;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What stands between two linear maps, and may learn. */
@FunctionalInterface
interface Nonlinearity {
    /**
     * Applies the function.
     *
     * @param input {@code [..., size]}
     * @param padding {@code [...]}, boolean: true where there is nothing; null where all is real
     * @param mode whether this is training
     * @return {@code [..., size]}
     */
    Tensor forward(Tensor input, @Nullable Tensor padding, Mode mode);

    /** Dice with parameters {@code dice<layer>}, or a function without any. */
    static Nonlinearity create(Parameters.Path path, int layer, int size, boolean dice, Activation activation) {
        return dice ? Dice.create(path.child("dice" + layer), size) : (input, padding, mode) -> activation.apply(input);
    }
}
