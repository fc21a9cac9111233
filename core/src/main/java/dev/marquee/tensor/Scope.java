package dev.marquee.tensor;

import java.util.Iterator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * The life of the native objects that one step or one request makes: all of them are freed when the scope closes.
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *     Tensor logits = model.forward(batch, Mode.TRAINING);
 *     ...
 * }
 * }</pre>
 *
 * <p>A scope belongs to the thread that opened it; scopes nest.
 */
public final class Scope implements AutoCloseable {
    private final PointerScope scope;

    private Scope(PointerScope scope) {
        this.scope = scope;
    }

    /**
     * Opens a scope on this thread, inside the one that is open now, if any.
     *
     * @return the scope; close it on the same thread
     */
    public static Scope open() {
        Engine.load();
        return new Scope(new PointerScope());
    }

    /**
     * Moves an object out of this scope into the one around it, so that it outlives this one.
     *
     * @param object made in this scope
     * @param <T> the object's type
     * @return the same object
     * @throws IllegalStateException when no scope surrounds this one: use an {@link Arena} for longer lives
     */
    public <T extends Pointer> T promote(T object) {
        Iterator<PointerScope> open = PointerScope.getScopeIterator();
        while (open != null && open.hasNext()) {
            if (open.next() == scope) {
                if (!open.hasNext()) {
                    break;
                }
                open.next().attach(object);
                return object;
            }
        }
        throw new IllegalStateException("no scope surrounds this one: keep the tensor in an Arena instead");
    }

    /** Frees everything made in this scope that was neither promoted nor kept in an {@link Arena}. */
    @Override
    public void close() {
        scope.close();
    }

    /**
     * Makes sure that what is made next has an owner.
     *
     * @throws IllegalStateException when no scope is open on this thread
     */
    static void requireOpen() {
        Engine.load();
        if (PointerScope.getInnerScope() == null) {
            throw new IllegalStateException("no scope is open on this thread, so the tensor would never be freed:"
                    + " wrap the step in try (Scope scope = Scope.open()) { … }");
        }
    }
}
