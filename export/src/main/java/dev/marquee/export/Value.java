package dev.marquee.export;

import dev.marquee.tensor.DType;

/**
 * A tensor in a {@link Graph}.
 *
 * @param name unique in its graph
 * @param type of its elements
 * @param rank the number of its dimensions
 */
record Value(String name, DType type, int rank) {
    /** A dimension counted from the end where it is negative. */
    int axis(int given) {
        int axis = given < 0 ? given + rank : given;
        if (axis < 0 || axis >= rank) {
            throw new IllegalArgumentException(name + " has " + rank + " dimensions, none with the number " + given);
        }
        return axis;
    }
}
