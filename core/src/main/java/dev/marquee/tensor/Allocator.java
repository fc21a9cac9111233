package dev.marquee.tensor;

import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * How the C library keeps memory. Left alone, glibc gives the blocks of a training step's tensors back to the system at
 * the end of the step, and the next step pays for the system clearing every page anew. Told to, it keeps them.
 */
final class Allocator {
    private static final int TRIM_THRESHOLD = -1;
    private static final int TOP_PAD = -2;
    private static final int MMAP_THRESHOLD = -3;
    /** The largest that glibc takes. */
    private static final int LARGEST_MMAP_THRESHOLD = 32 << 20;

    private static final int PAD = 64 << 20;

    private Allocator() {}

    /** Whether the user has decided it. */
    static boolean decided(Map<String, String> environment) {
        return environment.keySet().stream()
                .anyMatch(name -> name.startsWith("MALLOC_") || name.equals("GLIBC_TUNABLES"));
    }

    /**
     * Makes the C library keep freed memory for the next step.
     *
     * @return whether it could be done; not where the C library is another one than glibc
     */
    static boolean keepFreedMemory() {
        Loader.load(openblas.class); // has the only binding of a C function of two arguments that gives an int
        Pointer address = Loader.addressof("mallopt");
        if (address == null || address.isNull()) {
            return false;
        }
        try (PointerPointer<Pointer> function = new PointerPointer<>(2)) {
            function.put(0, address).put(1, (Pointer) null);
            MallOpt option = new MallOpt(function);
            return option.set(MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
                    && option.set(TRIM_THRESHOLD, Integer.MAX_VALUE)
                    && option.set(TOP_PAD, PAD);
        }
    }

    /**
     * {@code int mallopt(int, int)}, through a binding of a function of two pointers: both kinds of arguments travel in
     * the same registers on the processors that there are natives for.
     */
    private static final class MallOpt extends openblas.LAPACK_S_SELECT2 {
        MallOpt(Pointer function) {
            super(function);
        }

        boolean set(int option, int value) {
            return call(new Value(option), new Value(value)) == 1;
        }
    }

    /** A number in the place of an address; nothing is read there. */
    private static final class Value extends FloatPointer {
        Value(int value) {
            super((Pointer) null);
            address = value;
        }
    }
}
