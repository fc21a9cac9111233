package dev.marquee.collective;

import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.OwnDraws;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Groups whose members are threads of this process, each with operators of one thread and draws of its own. Members see
 * each other's tensors in memory, and sum them in the order of the ranks. A member that fails breaks the group.
 */
public final class ThreadGroups {
    private static final long SECONDS = 60;

    private ThreadGroups() {}

    /**
     * Lets the members of a group do the same, side by side.
     *
     * @param size how many there are
     * @param work what each does
     * @return what they returned, by rank
     * @throws RuntimeException what the first to fail threw, a {@link GroupException} only where nothing else was thrown
     */
    public static <T> List<T> run(int size, Function<Group, T> work) {
        Exchanger exchanger = new Exchanger(size);
        return start(size, rank -> {
            try {
                return work.apply(new Member(exchanger, rank));
            } catch (RuntimeException | Error e) {
                exchanger.lose();
                throw e;
            }
        });
    }

    /**
     * Lets the members of a group that exchange through shared memory, and meet at a rendezvous, as processes do, do the
     * same side by side. Not for Gloo, which mutes the process while it connects.
     *
     * @param size how many there are
     * @param work what each does
     * @return what they returned, by rank
     * @throws RuntimeException as in {@link #run}
     */
    public static <T> List<T> sharingMemory(int size, Function<Group, T> work) {
        try (RendezvousServer server = RendezvousServer.open("127.0.0.1", 0, Optional.empty(), message -> {})) {
            return start(size, rank -> {
                Map<String, String> environment = Map.of(
                        "RANK", String.valueOf(rank),
                        "WORLD_SIZE", String.valueOf(size),
                        "MASTER_PORT", String.valueOf(server.port()),
                        "MARQUEE_HOSTED", "1");
                Rendezvous rendezvous = Rendezvous.from(environment).orElseThrow();
                try (Group group = ProcessGroup.join(rendezvous, Transport.SHARED_MEMORY, Map.of(), message -> {})) {
                    return work.apply(group);
                }
            });
        }
    }

    private static <T> List<T> start(int size, IntFunction<T> work) {
        ExecutorService threads = Executors.newFixedThreadPool(size);
        List<Future<T>> results = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int rank = i;
            results.add(threads.submit(() -> {
                Engine.useThreads(1, 1);
                try (Draws draws = OwnDraws.open()) {
                    return work.apply(rank);
                }
            }));
        }
        threads.shutdown();
        return results(results);
    }

    private static <T> List<T> results(List<Future<T>> futures) {
        List<T> results = new ArrayList<>();
        RuntimeException failure = null;
        for (Future<T> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                RuntimeException thrown = e.getCause() instanceof RuntimeException exception
                        ? exception
                        : new IllegalStateException(e.getCause());
                if (failure == null || failure instanceof GroupException) {
                    failure = thrown;
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    /** Where members lay down what they give. */
    private static final class Exchanger {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final @Nullable Object[] given;
        private int here;
        private int meetings;
        private boolean lost;

        Exchanger(int size) {
            given = new Object[size];
        }

        /** Waits for all. */
        void await() {
            lock.lock();
            try {
                int meeting = meetings;
                if (++here == given.length) {
                    here = 0;
                    meetings++;
                    changed.signalAll();
                }
                long left = TimeUnit.SECONDS.toNanos(SECONDS);
                while (meeting == meetings && !lost && left > 0) {
                    left = changed.awaitNanos(left);
                }
                if (meeting == meetings) {
                    throw new GroupException("a member was lost");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                lock.unlock();
            }
        }

        void lose() {
            lock.lock();
            try {
                lost = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Gives something, and does something with what all gave, while all of them hold still. */
        <T, R> R exchange(int rank, T mine, Function<List<T>, R> use) {
            given[rank] = mine;
            await();
            @SuppressWarnings("unchecked")
            List<T> all = (List<T>) (List<?>) new ArrayList<>(
                    Arrays.asList(given).stream().map(Objects::requireNonNull).toList());
            R result = use.apply(all);
            await();
            return result;
        }
    }

    private record Member(Exchanger exchanger, int rank) implements Group {
        @Override
        public int size() {
            return exchanger.given.length;
        }

        @Override
        public Exchange startSum(Tensor values) {
            // Late: the sum happens when it is awaited, which all members do in the same order.
            return () -> {
                try (Scope scope = Scope.open();
                        Gradients.Guard off = Gradients.off()) {
                    Tensor sum = exchanger.exchange(rank, values, all -> {
                        Tensor total = all.get(0).clone();
                        all.subList(1, all.size()).forEach(total::add_);
                        return total;
                    });
                    values.copy_(sum);
                }
            };
        }

        @Override
        public void broadcast(Tensor values, int root) {
            try (Gradients.Guard off = Gradients.off()) {
                exchanger.exchange(rank, values, all -> rank == root ? values : values.copy_(all.get(root)));
            }
        }

        @Override
        public List<Tensor> gather(Tensor mine) {
            requireContiguous(mine);
            return exchanger.exchange(
                    rank, mine, all -> all.stream().map(Tensor::clone).toList());
        }

        @Override
        public List<byte[]> gather(byte[] mine) {
            return exchanger.exchange(rank, mine, Function.identity());
        }

        @Override
        public List<Tensor> exchange(List<Tensor> parts) {
            return exchanger.exchange(
                    rank,
                    parts,
                    all -> all.stream().map(given -> given.get(rank).clone()).toList());
        }

        @Override
        public void barrier() {
            exchanger.await();
        }

        @Override
        public void close() {}

        private static void requireContiguous(Tensor tensor) {
            if (!tensor.is_contiguous()) {
                throw new IllegalArgumentException(Tensors.describe(tensor) + " is not dense");
            }
        }
    }
}
