package dev.marquee.tensor;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * What native code prints to standard output by itself. Gloo tells there with how many others it is connected, amid a
 * program's results, and cannot be asked not to.
 */
public final class NativeOutput {
    private static final int OUTPUT = 1;
    private static final int WRITE_ONLY = 1;

    private NativeOutput() {}

    /**
     * Runs something while nothing that the process writes to standard output arrives, Java's own output too. Only on
     * Linux; elsewhere it just runs.
     *
     * @param work what to run
     * @param <T> the result's type
     * @return its result
     */
    public static synchronized <T> T muted(Supplier<T> work) {
        Engine.load();
        if (!System.getProperty("os.name").startsWith("Linux")) {
            return work.get();
        }
        System.out.flush();
        int saved = new OfOne("dup").call(number(OUTPUT));
        int nothing = openNothing();
        if (saved < 0 || nothing < 0) {
            return work.get();
        }
        try {
            new OfTwo("dup2").call(number(nothing), number(OUTPUT));
            return work.get();
        } finally {
            new OfTwo("dup2").call(number(saved), number(OUTPUT));
            new OfOne("close").call(number(saved));
            new OfOne("close").call(number(nothing));
        }
    }

    private static int openNothing() {
        byte[] path = "/dev/null\0".getBytes(StandardCharsets.US_ASCII);
        try (BytePointer text = new BytePointer(path)) {
            return new OfTwo("open").call(new DoublePointer(text), number(WRITE_ONLY));
        }
    }

    /** An integer where the binding has a pointer: both arrive in the same register. */
    private static DoublePointer number(int value) {
        return new DoublePointer(new Address(value));
    }

    private static Pointer function(String name) {
        Loader.load(openblas.class); // has bindings of functions of one and two pointers that give an int
        return new PointerPointer<>(2).put(0, Loader.addressof(name)).put(1, (Pointer) null);
    }

    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }

    /** {@code int f(int)}. */
    private static final class OfOne extends openblas.LAPACK_Z_SELECT1 {
        OfOne(String name) {
            super(function(name));
        }
    }

    /** {@code int f(int, int)} or {@code int f(char *, int)}. */
    private static final class OfTwo extends openblas.LAPACK_D_SELECT2 {
        OfTwo(String name) {
            super(function(name));
        }
    }
}
