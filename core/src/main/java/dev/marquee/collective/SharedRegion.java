package dev.marquee.collective;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Kept;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Memory that one member writes and all members of its machine read: how far it has read what others wrote, a directory of
 * its messages, and a ring of bytes where they stand. What it writes before it {@link #publish publishes} a message is seen
 * by who {@link #isReady finds it ready}.
 */
final class SharedRegion {
    /** Bytes of the ring. Large enough for four steps of a small network, small enough for the caches of a processor. */
    static final int RING = 8 << 20;

    /** How many messages stand in the directory. */
    static final int SLOTS = 512;

    /** What two members write must not lie in one line of a cache. */
    static final int LINE = 64;

    /** All of it, a multiple of the size of a page. */
    static final int BYTES = LINE * LINE + SLOTS * LINE + RING;

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final int DIRECTORY = LINE * LINE;
    private static final int OFFSET = Long.BYTES;
    private static final int LENGTH = 2 * Long.BYTES;
    private static final int KIND = 3 * Long.BYTES;

    private final ByteBuffer memory;
    private final Kept<Tensor> ring;

    /** Over memory that is mapped, and zero at first. */
    SharedRegion(ByteBuffer mapped) {
        // A tensor keeps no reference to the buffer, which would be unmapped: this object does.
        memory = mapped.order(ByteOrder.nativeOrder());
        try (Scope scope = Scope.open()) {
            BytePointer bytes = new BytePointer(memory.slice(DIRECTORY + SLOTS * LINE, RING));
            ring = Kept.of(torch.from_blob(bytes, new long[] {RING}, Tensors.options(DType.UINT8)));
        }
    }

    /** How many messages this member has taken from all others. */
    long taken() {
        return (long) LONGS.getAcquire(memory, 0);
    }

    /** Says that memory of others may be written again, up to this message. */
    void taken(long messages) {
        LONGS.setRelease(memory, 0, messages);
    }

    /** Describes a message; its bytes may be written afterwards. */
    void describe(long number, long offset, long length, long kind) {
        int slot = slot(number);
        memory.putLong(slot + OFFSET, offset);
        memory.putLong(slot + LENGTH, length);
        memory.putLong(slot + KIND, kind);
    }

    /** Lets others read a message that has been described and written. */
    void publish(long number) {
        LONGS.setRelease(memory, slot(number), number + 1);
    }

    boolean isReady(long number) {
        return (long) LONGS.getAcquire(memory, slot(number)) == number + 1;
    }

    long length(long number) {
        return memory.getLong(slot(number) + LENGTH);
    }

    long kind(long number) {
        return memory.getLong(slot(number) + KIND);
    }

    /** The bytes of a message, {@code uint8 [length]}, in the open scope. */
    Tensor bytes(long number) {
        return ring.get().narrow(0, memory.getLong(slot(number) + OFFSET), length(number));
    }

    void close() {
        ring.close();
    }

    private static int slot(long number) {
        return DIRECTORY + (int) (number % SLOTS) * LINE;
    }
}
