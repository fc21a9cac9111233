package dev.marquee.tensor;

import org.bytedeco.pytorch.Scalar;
import org.jspecify.annotations.Nullable;

/**
 * A number that operators take step after step. The native object that they need is made anew only when the number has
 * changed, and outlives scopes. It is a few bytes: close it with what holds it.
 */
public final class Coefficient implements AutoCloseable {
    private double value;
    private @Nullable Scalar scalar;

    /** Holds no number yet. */
    public Coefficient() {}

    /**
     * The number as operators take it, in double precision.
     *
     * @param number the number
     * @return valid until another number is asked for
     */
    public Scalar of(double number) {
        Scalar current = scalar;
        if (current == null || Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(number)) {
            close();
            Engine.load();
            current = new Scalar(number);
            current.retainReference();
            scalar = current;
            value = number;
        }
        return current;
    }

    /** Frees the native object; the coefficient may be used again. */
    @Override
    public void close() {
        if (scalar != null) {
            scalar.releaseReference();
            scalar = null;
        }
    }
}
