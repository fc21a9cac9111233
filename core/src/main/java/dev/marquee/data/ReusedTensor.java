package dev.marquee.data;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Native memory that tensors of changing shapes are views of. It grows when it must, and then the views made before are
 * no longer valid; views of the same shape are the same tensor. One thread at a time.
 */
final class ReusedTensor implements AutoCloseable {
    /** Of a sequence's lengths, only as many are kept as shapes. */
    private static final int VIEWS = 256;

    private final String what;
    private final DType type;
    private final Map<Long, Tensor> views = new HashMap<>();
    private long elements;
    private @Nullable Arena arena;
    private @Nullable Tensor whole;
    private ByteBuffer bytes = ByteBuffer.allocateDirect(0);
    private FloatBuffer floats = bytes.asFloatBuffer();
    private IntBuffer ints = bytes.asIntBuffer();

    /**
     * Empty as yet.
     *
     * @param what it holds, for messages
     * @param type of 4 bytes an element
     */
    ReusedTensor(String what, DType type) {
        this.what = what;
        this.type = type;
    }

    /** Makes room; what was in the memory is lost where it grows. */
    void reserve(long wanted) {
        if (arena != null && wanted <= elements && views.size() < VIEWS) {
            return;
        }
        if (wanted * Float.BYTES > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the batch's tensor of " + what + " takes " + wanted * Float.BYTES
                    + " bytes, more than the 2 GiB allowed: lower data.batch_size");
        }
        // A quarter more, so that a slowly growing maximum does not allocate in every batch.
        long room = Math.max(elements, elements == 0 ? wanted : wanted + wanted / 4);
        elements = Math.min(room, Integer.MAX_VALUE / Float.BYTES);
        close();
        Arena fresh = Arena.open("a batch's " + what);
        arena = fresh;
        try (Scope scope = Scope.open()) {
            whole = fresh.keep(Tensors.empty(type, elements));
            bytes = Tensors.bytes(whole).order(ByteOrder.nativeOrder());
        }
        floats = bytes.asFloatBuffer();
        ints = bytes.asIntBuffer();
    }

    FloatBuffer floats() {
        return floats;
    }

    IntBuffer ints() {
        return ints;
    }

    /** The memory's beginning as {@code [rows, columns]}. */
    Tensor matrix(int rows, int columns) {
        return view(((long) rows << Integer.SIZE) + columns, (long) rows * columns, rows, columns);
    }

    /** The memory's beginning as {@code [rows]}. */
    Tensor vector(int rows) {
        return view(-1L - rows, rows, rows);
    }

    @Override
    public void close() {
        views.clear();
        if (arena != null) {
            arena.close();
            arena = null;
        }
    }

    private Tensor view(long key, long used, long... shape) {
        Tensor known = views.get(key);
        if (known != null) {
            return known;
        }
        if (arena == null || whole == null || used > elements) {
            throw new IllegalStateException("no memory was reserved for " + what);
        }
        try (Scope scope = Scope.open()) {
            Tensor made = arena.keep(whole.narrow(0, 0, used).view(shape));
            views.put(key, made);
            return made;
        }
    }
}
