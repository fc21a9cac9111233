package dev.marquee.tensor;

import org.bytedeco.javacpp.Pointer;

/**
 * One native object that outlives the {@link Scope} it was made in: work under way, say. Closing it gives it back.
 *
 * @param <T> the object's type
 */
public final class Kept<T extends Pointer> implements AutoCloseable {
    private final T object;
    private boolean closed;

    private Kept(T object) {
        this.object = object;
    }

    /**
     * Keeps an object.
     *
     * @param object made on this thread
     * @param <T> the object's type
     * @return its holder; close it
     */
    public static <T extends Pointer> Kept<T> of(T object) {
        object.retainReference();
        return new Kept<>(object);
    }

    /**
     * The object.
     *
     * @return as given
     * @throws IllegalStateException when it has been given back
     */
    public T get() {
        if (closed) {
            throw new IllegalStateException("the native object has been given back");
        }
        return object;
    }

    /** Gives the object back. Closing twice is harmless. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            object.releaseReference();
        }
    }
}
