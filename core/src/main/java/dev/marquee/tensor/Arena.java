package dev.marquee.tensor;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Storage;
import org.bytedeco.pytorch.Tensor;

/**
 * Owns tensors that outlive a {@link Scope}: weights, optimiser states, buffers. Closing it frees them.
 *
 * <p>An arena that is dropped without being closed is a leak of the program. It is freed all the same once the garbage
 * collector finds it, counted in {@link #leaked()}, and reported on the logger {@code dev.marquee.memory} with the
 * place that opened it.
 */
public final class Arena implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.marquee.memory");
    private static final Cleaner CLEANER = Cleaner.create();
    private static final AtomicLong LEAKED = new AtomicLong();
    private static final Set<Holding> OPEN = ConcurrentHashMap.newKeySet();

    private final Holding holding;
    private final Cleaner.Cleanable cleanable;

    private Arena(Holding holding) {
        this.holding = holding;
        this.cleanable = CLEANER.register(this, holding);
    }

    /**
     * Opens an arena.
     *
     * @param name what it holds, for the report of a leak: {@code "weights"}
     * @return the arena; close it
     */
    public static Arena open(String name) {
        Engine.load();
        String site = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(Arena.class.getName()))
                        .findFirst()
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .map(StackTraceElement::toString)
                        .orElse("unknown"));
        Holding holding = new Holding(name, site);
        OPEN.add(holding);
        return new Arena(holding);
    }

    /**
     * Takes a tensor into this arena: it outlives the scope that it was made in.
     *
     * @param tensor made on this thread
     * @return the same tensor
     * @throws IllegalStateException when the arena is closed
     */
    public Tensor keep(Tensor tensor) {
        holding.add(tensor);
        return tensor;
    }

    /**
     * The number of bytes that the kept tensors address.
     *
     * @return bytes
     */
    public long bytes() {
        return holding.bytes();
    }

    /**
     * The memory behind the tensors of all arenas that are open. Views of one piece of memory count once; where arenas share
     * one, it counts for one of them.
     *
     * @return bytes by the name of the arena; of several of one name together
     */
    public static Map<String, Long> bytesByName() {
        Map<String, Long> bytes = new TreeMap<>();
        Set<Long> seen = new HashSet<>();
        OPEN.forEach(holding -> bytes.merge(holding.name, holding.storage(seen), Long::sum));
        return bytes;
    }

    /** Frees the kept tensors. Closing twice is harmless. */
    @Override
    public void close() {
        holding.closed();
        cleanable.clean();
    }

    /**
     * How many arenas were dropped without being closed since the program started.
     *
     * @return 0 in a correct program
     */
    public static long leaked() {
        return LEAKED.get();
    }

    /** What the cleaner may see: it must not reach the arena itself. */
    private static final class Holding implements Runnable {
        private final String name;
        private final String site;
        private final List<Tensor> tensors = new ArrayList<>();
        private boolean closed;

        Holding(String name, String site) {
            this.name = name;
            this.site = site;
        }

        synchronized void add(Tensor tensor) {
            if (closed) {
                throw new IllegalStateException("the arena \"" + name + "\" is closed");
            }
            tensor.retainReference();
            tensors.add(tensor);
        }

        synchronized long bytes() {
            return tensors.stream().mapToLong(Tensor::nbytes).sum();
        }

        /** Counts memory that was not seen before. */
        synchronized long storage(Set<Long> seen) {
            long sum = 0;
            try (Scope scope = Scope.open()) {
                for (Tensor tensor : tensors) {
                    Storage storage = tensor.storage();
                    if (seen.add(storage.data().address())) {
                        sum += storage.nbytes();
                    }
                }
            }
            return sum;
        }

        synchronized void closed() {
            closed = true;
        }

        @Override
        public synchronized void run() {
            if (!closed) {
                LEAKED.incrementAndGet();
                LOG.log(
                        System.Logger.Level.WARNING,
                        "\"{0}\", opened at {1}, was never closed: {2} tensors of {3} bytes are freed only now. Close it,"
                                + " or what holds it, with try (…).",
                        name,
                        site,
                        tensors.size(),
                        bytes());
                closed = true;
            }
            OPEN.remove(this);
            tensors.forEach(Tensor::releaseReference);
            tensors.clear();
        }
    }
}
