package dev.marquee.tensor;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The native engine (libtorch through JavaCPP): loading, threads, seeds.
 *
 * <p>Every entry point of this package calls {@link #load()} first, so a program need not. Loading turns JavaCPP's
 * garbage collection of native objects off, which costs two microseconds an operator: native objects live in a
 * {@link Scope} or an {@link Arena} instead.
 */
public final class Engine {
    private static final AtomicBoolean LOADED = new AtomicBoolean();
    private static final AtomicBoolean WARNED = new AtomicBoolean();
    private static final System.Logger LOGGER = System.getLogger("dev.marquee.engine");
    private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([0-9.]+)");

    private static volatile boolean passive;
    private static volatile boolean mkl;
    private static volatile int blasThreads;

    private Engine() {}

    /**
     * Loads the engine, once; later calls return at once. The first load on a machine unpacks about 360 MB into
     * JavaCPP's cache folder, which {@link #unpacked()} tells beforehand.
     *
     * @throws UnsatisfiedLinkError when there are no natives for this operating system and processor
     */
    public static void load() {
        if (LOADED.get()) {
            return;
        }
        synchronized (LOADED) {
            if (LOADED.get()) {
                return;
            }
            defaultProperty("org.bytedeco.javacpp.nopointergc", "true");
            defaultProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
            defaultProperty("org.bytedeco.javacpp.maxBytes", "0");
            if (!WaitPolicy.decided(System.getenv())) {
                passive = WaitPolicy.makePassive();
            }
            if (!Allocator.decided(System.getenv())) {
                Allocator.keepFreedMemory();
            }
            Loader.load(torch.class);
            mkl = WaitPolicy.mapped("libmkl_rt");
            LOADED.set(true);
        }
    }

    /**
     * Tells whether loading made OpenMP's threads wait passively, because the environment did not say how they wait.
     *
     * @return false also when {@code OMP_WAIT_POLICY} or {@code GOMP_SPINCOUNT} is set, which is left as it is
     */
    public static boolean madePassive() {
        load();
        return passive;
    }

    /**
     * Tells whether MKL computes matrix products in place of OpenBLAS, because it was loaded before the engine
     * ({@code LD_PRELOAD}, as the launcher does it). Its threads are OpenMP's, as those of all operators.
     *
     * @return false on other systems than Linux
     */
    public static boolean mklPreloaded() {
        load();
        return mkl;
    }

    /**
     * Tells whether the natives have been unpacked on this machine before.
     *
     * @return false when the first {@link #load()} will take some seconds
     */
    public static boolean unpacked() {
        try {
            String[] entries = Loader.getCacheDir().list((folder, name) -> name.startsWith("pytorch-"));
            return entries != null && entries.length > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The engine's version, such as {@code 2.10.0}.
     *
     * @return libtorch's version
     */
    public static String version() {
        load();
        Matcher version = VERSION.matcher(buildDescription());
        return version.find() ? version.group(1) : "unknown";
    }

    /**
     * How the engine was built: BLAS, oneDNN and compiler, as it describes itself ({@code torch.__config__.show()}).
     *
     * @return several lines of text
     */
    public static String buildDescription() {
        load();
        try (BytePointer text = torch.show_config()) {
            return text.getString();
        }
    }

    /**
     * How the engine runs threads, as it describes itself ({@code torch.__config__.parallel_info()}).
     *
     * @return several lines of text
     */
    public static String threadDescription() {
        load();
        try (BytePointer text = torch.get_parallel_info()) {
            return text.getString();
        }
    }

    /**
     * The vector instructions that the engine's own operators use here, such as {@code AVX2} or {@code AVX512}.
     *
     * @return the engine's name for them
     */
    public static String vectorCapability() {
        load();
        try (BytePointer text = torch.get_cpu_capability()) {
            return text.getString();
        }
    }

    /**
     * Sets the number of threads that operators called <em>from this thread</em> use, and the threads of the BLAS. The
     * engine keeps the number per calling thread, so every thread that computes calls this itself; the BLAS has one
     * number for the process, the one set last.
     *
     * <p>OpenMP's threads must wait passively ({@code OMP_WAIT_POLICY=passive}) for both to get along. {@link #load()}
     * sees to it; where it cannot, because another library loaded OpenMP before, the BLAS is kept to one thread and a
     * warning is logged once, by the name {@code dev.marquee.engine}.
     *
     * @param threads at least 1
     * @throws IllegalArgumentException when {@code threads} is not positive
     */
    public static void useThreads(int threads) {
        useThreads(threads, threads);
    }

    /**
     * Sets the numbers of threads apart: of matrix products, which the BLAS computes with threads of its own, and of all
     * other operators. Waking a thread takes some tens of microseconds, which an activation of a small layer does not
     * take by itself.
     *
     * @param operators threads of operators called from this thread, at least 1
     * @param products threads of matrix products, of the whole process, at least 1
     * @throws IllegalArgumentException when a number is not positive
     */
    public static void useThreads(int operators, int products) {
        if (operators < 1 || products < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + Math.min(operators, products));
        }
        load();
        // A thread takes over what any thread set last when it first asks. Asked now, it does not do so later.
        torch.get_num_threads();
        torch.set_num_threads(operators);
        // Threads of one pool only do not get in each other's way, however they wait.
        blasThreads = operators > 1 && products > 1 && spins() ? 1 : products;
        openblas_nolapack.blas_set_num_threads(blasThreads);
    }

    private static boolean spins() {
        if (passive || WaitPolicy.decided(System.getenv())) {
            return false;
        }
        if (System.getProperty("os.name").startsWith("Linux") && !WARNED.getAndSet(true)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "OpenMP was loaded before Marquee's engine and its waiting threads keep the cores busy, so matrix"
                            + " products use one thread only: set OMP_WAIT_POLICY=passive before Java starts, or let"
                            + " Marquee load the engine first");
        }
        return System.getProperty("os.name").startsWith("Linux");
    }

    /**
     * The number of threads that operators called from this thread use.
     *
     * @return at least 1
     */
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /**
     * Tells whether the operators of this thread have at least as many threads as the BLAS, so that a product loses
     * nothing by being computed as an operator.
     *
     * @return true also while nobody has set a number
     */
    public static boolean operatorsHaveAllThreads() {
        load();
        return blasThreads <= 1 || torch.get_num_threads() >= blasThreads;
    }

    /**
     * Seeds the engine's default generators ({@code torch.manual_seed}). Dropout and initial weights draw from them.
     *
     * @param seed any number
     */
    public static void seed(long seed) {
        load();
        torch.manual_seed(seed);
    }

    /**
     * The process's resident memory in bytes, native memory and heap together.
     *
     * @return bytes
     */
    public static long residentBytes() {
        load();
        return Pointer.physicalBytes();
    }

    /** SplitMix64's finaliser: neighbouring inputs give unrelated outputs. */
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The same of each element of an int64 tensor, anywhere; in the open scope. */
    static Tensor mix(Tensor z) {
        Tensor first = xorShifted(z, 30).mul_(new Scalar(0xBF58476D1CE4E5B9L));
        return xorShifted(xorShifted(first, 27).mul_(new Scalar(0x94D049BB133111EBL)), 31);
    }

    private static Tensor xorShifted(Tensor z, int bits) {
        // The engine's shift repeats the sign.
        Tensor shifted = z.bitwise_right_shift(new Scalar((long) bits)).bitwise_and_(new Scalar(-1L >>> bits));
        return shifted.bitwise_xor_(z);
    }

    private static void defaultProperty(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
