package dev.marquee.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * How OpenMP's threads wait for work. Unless told to be passive they spin, and keep the cores from OpenBLAS's own
 * threads: training steps take 10 to 25 times as long. OpenMP (GCC's libgomp) reads its environment variables when it is
 * loaded, with the engine, and Java cannot set variables of its own process. Native code can: this class calls the C
 * library's {@code putenv} before the engine is loaded.
 */
final class WaitPolicy {
    private static final String NAME = "OMP_WAIT_POLICY";
    /** The files that the process has in memory. */
    private static final Path MAPS = Path.of("/proc/self/maps");

    private static final String PASSIVE = NAME + "=passive";

    private WaitPolicy() {}

    /** Whether the user, or the launcher, has decided how the threads wait. */
    static boolean decided(Map<String, String> environment) {
        return environment.containsKey(NAME) || environment.containsKey("GOMP_SPINCOUNT");
    }

    /**
     * Makes the threads of an OpenMP that is not loaded yet wait passively.
     *
     * @return whether it could be done; not where another library has brought OpenMP already, or the system is not Linux
     */
    static boolean makePassive() {
        if (!mayStillChange()) {
            return false;
        }
        Loader.load(openblas.class); // has the only binding of a C function of one pointer that gives an int
        Pointer address = Loader.addressof("putenv");
        if (address == null || address.isNull()) {
            return false;
        }
        // The C library keeps the text itself, not a copy, so it must stay for as long as the process does.
        BytePointer kept = NativeText.forever(PASSIVE);
        try (PointerPointer<Pointer> function = new PointerPointer<>(2)) {
            function.put(0, address).put(1, (Pointer) null);
            return new PutEnv(function).call(new DoublePointer(kept)) == 0;
        }
    }

    private static boolean mayStillChange() {
        return Files.isReadable(MAPS) && !mapped("libgomp");
    }

    /** Whether this process has loaded a library of that name; false on other systems than Linux. */
    static boolean mapped(String name) {
        try {
            return Files.readString(MAPS, StandardCharsets.ISO_8859_1).contains(name);
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code int putenv(char *)}, through a binding of the same form. JavaCPP expects a pointer to the address. */
    private static final class PutEnv extends openblas.LAPACK_Z_SELECT1 {
        PutEnv(Pointer function) {
            super(function);
        }
    }
}
