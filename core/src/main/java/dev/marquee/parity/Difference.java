package dev.marquee.parity;

import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * How far computed tensors are from the expected ones.
 *
 * @param absolute the largest {@code |computed - expected|} of any value
 * @param relative the largest relative difference of any tensor: its largest {@code |computed - expected|} divided by
 *     its largest {@code |expected|}, or the plain difference where all expected values are zero
 * @param tensor the name of the tensor with the largest relative difference
 */
public record Difference(double absolute, double relative, String tensor) {
    /**
     * Compares value by value. Equal infinities, and NaN where NaN is expected, do not differ; every other pair with one
     * of them differs infinitely.
     *
     * @param negligible expected values that are all of at most this size stand for zero, whose rounding is measured
     *     against {@code scale}
     * @param scale what to measure such a tensor against
     */
    static Difference of(String name, Tensor computed, Tensor expected, double negligible, double scale) {
        if (!Arrays.equals(Tensors.shape(computed), Tensors.shape(expected))) {
            throw new IllegalArgumentException(
                    name + " is " + Tensors.describe(expected) + ", but computed is " + Tensors.describe(computed));
        }
        double[] ours = Tensors.toDoubles(computed);
        double[] theirs = Tensors.toDoubles(expected);
        double absolute = 0;
        for (int i = 0; i < ours.length; i++) {
            absolute = Math.max(absolute, distance(ours[i], theirs[i]));
        }
        double size = largest(theirs);
        double unit = size <= negligible ? scale : size;
        // An infinite expected value must not make every difference look like zero.
        boolean plain = unit == 0 || Double.isInfinite(unit);
        return new Difference(absolute, plain ? absolute : absolute / unit, name);
    }

    /** The largest size of any number, passing over NaN. */
    static double largest(double... values) {
        return Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .map(Math::abs)
                .max()
                .orElse(0);
    }

    Difference max(Difference other) {
        return new Difference(
                Math.max(absolute, other.absolute),
                Math.max(relative, other.relative),
                other.relative > relative ? other.tensor : tensor);
    }

    private static double distance(double computed, double expected) {
        if (Double.compare(computed, expected) == 0) {
            return 0;
        }
        double distance = Math.abs(computed - expected);
        return Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
    }
}
