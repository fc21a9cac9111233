package dev.marquee.nn;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Told of gradients in the middle of a backward pass, on its thread ({@link Tape#listen}). */
public interface GradientListener {
    /**
     * Where a part may put the gradient of a parameter that has none yet, some rows after the others.
     *
     * @param parameter which
     * @return memory of its shape, and how many rows at a time; null to compute it as a whole, wherever
     */
    @Nullable
    default Place place(Tensor parameter) {
        return null;
    }

    /**
     * The gradient of a parameter has grown. It may do so several times. A parameter that is a part of the engine's graph
     * is not told of.
     *
     * @param parameter which
     * @param rows how many of its rows are there, all but for a gradient that is put into a {@link #place}
     */
    void given(Tensor parameter, long rows);

    /**
     * Where a gradient may be put.
     *
     * @param gradient of the parameter's shape
     * @param rows how many rows at a time
     */
    record Place(Tensor gradient, long rows) {}
}
