package dev.marquee.collective;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** A process that the tests start: joins the group that its environment names, and plays a part. */
final class GroupWorker {
    static final int LOST = 75;
    static final int REFUSED = 3;

    private GroupWorker() {}

    public static void main(String[] arguments) {
        try {
            Rendezvous rendezvous = Rendezvous.from(System.getenv()).orElseThrow();
            Map<String, String> facts = Map.of("recipe", arguments.length > 1 ? arguments[1] : "same");
            try (Group group = ProcessGroup.join(
                    rendezvous, transport(), facts, message -> System.out.println("warning " + message))) {
                Engine.useThreads(1);
                System.out.println("joined");
                switch (arguments[0]) {
                    case "all" -> {
                        all(group).forEach(System.out::println);
                        System.out.println("memory " + leak(group));
                        loop(group);
                    }
                    case "loop" -> loop(group);
                    case "join" -> group.barrier();
                    case "late" -> late(group);
                    default -> throw new IllegalArgumentException(arguments[0]);
                }
            }
        } catch (GroupException e) {
            System.out.println((e.isLoss() ? "lost " : "refused ") + e.getMessage());
            System.exit(e.isLoss() ? LOST : REFUSED);
        }
        System.exit(0);
    }

    private static Transport transport() {
        return Transport.valueOf(System.getenv().getOrDefault("TRANSPORT", "AUTO"));
    }

    /** Sums until somebody is lost. */
    private static void loop(Group group) {
        for (long step = 1; ; step++) {
            try (Scope scope = Scope.open()) {
                group.sum(Tensors.full(1, DType.FLOAT32, 1000));
            }
            System.out.println("step " + step);
        }
    }

    /** Rank 0 is alive, but does not come. */
    private static void late(Group group) throws IllegalStateException {
        if (group.rank() == 0) {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        group.barrier();
    }

    /**
     * Every kind of exchange, checked against what must come out.
     *
     * @return the bits of the sums, which all members must have in every run
     */
    static List<String> all(Group group) {
        List<String> bits = new ArrayList<>();
        int rank = group.rank();
        int size = group.size();
        try (Scope scope = Scope.open()) {
            for (int elements : new int[] {1, 3, 1000, 1_200_001}) {
                double[] expected = new double[elements];
                for (int other = 0; other < size; other++) {
                    float[] values = random(other, elements);
                    for (int i = 0; i < elements; i++) {
                        expected[i] += values[i];
                    }
                }
                Tensor sum = Tensors.of(random(rank, elements));
                Group.Exchange exchange = group.startSum(sum);
                Tensor second = Tensors.full(rank + 1, DType.FLOAT64, 7);
                Group.Exchange other = group.startSum(second);
                other.await();
                exchange.await();
                float[] got = Tensors.toFloats(sum);
                for (int i = 0; i < elements; i++) {
                    require(Math.abs(got[i] - expected[i]) < 1e-5, "sum of " + elements);
                }
                require(Tensors.toDoubles(second)[6] == size * (size + 1) / 2.0, "float64 sum");
                bits.add("bits " + elements + " " + Arrays.hashCode(got));
                for (int again = 0; again < 3; again++) {
                    Tensor repeated = Tensors.of(random(rank, elements));
                    arriveAtAnyTime();
                    group.sum(repeated);
                    require(Arrays.equals(Tensors.toFloats(repeated), got), "the same sum again");
                }
            }
            Tensor longs = Tensors.of(new long[] {1L << 60, rank});
            group.sum(longs);
            require(Tensors.toLongs(longs)[1] == (long) size * (size - 1) / 2, "int64 sum");
            Tensor columns = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t();
            group.sum(columns);
            require(
                    Arrays.equals(
                            Tensors.toFloats(columns),
                            new float[] {size, 4f * size, 2f * size, 5f * size, 3f * size, 6f * size}),
                    "sum of columns");
            group.sum(Tensors.empty(DType.FLOAT32, 0));

            Tensor told = Tensors.of(new long[] {rank, 10 + rank});
            group.broadcast(told, size - 1);
            require(Arrays.equals(Tensors.toLongs(told), new long[] {size - 1, 9 + size}), "broadcast");

            List<Tensor> rows = group.gather(Tensors.full(rank, DType.FLOAT32, rank, 3));
            for (int other = 0; other < size; other++) {
                require(Arrays.equals(Tensors.shape(rows.get(other)), new long[] {other, 3}), "gathered shape");
                for (float value : Tensors.toFloats(rows.get(other))) {
                    require(value == other, "gathered rows");
                }
            }
            List<Tensor> none = group.gather(Tensors.empty(DType.BOOL, 0));
            require(none.size() == size && none.get(0).numel() == 0, "gather of nothing");
            // More than a message of shared memory holds, and another number on each member.
            int many = 1_000_000 + 700_000 * (rank % 2);
            List<Tensor> large = group.gather(Tensors.of(random(rank, many)));
            List<Tensor> toAll = group.exchange(Collections.nCopies(size, Tensors.of(random(rank, many))));
            for (int other = 0; other < size; other++) {
                float[] expected = random(other, 1_000_000 + 700_000 * (other % 2));
                require(Arrays.equals(Tensors.toFloats(large.get(other)), expected), "gathered many");
                require(Arrays.equals(Tensors.toFloats(toAll.get(other)), expected), "exchanged many");
            }
            Tensor wide = Tensors.of(random(rank, 1_500_000), 2, 750_000).t();
            group.broadcast(wide, 0);
            require(Arrays.equals(Tensors.toFloats(wide.t()), random(0, 1_500_000)), "broadcast of many");
            List<byte[]> texts = group.gather("x".repeat(rank * 5).getBytes(StandardCharsets.UTF_8));
            require(IntStream.range(0, size).allMatch(i -> texts.get(i).length == i * 5), "gathered bytes");

            List<Tensor> parts = new ArrayList<>();
            for (int other = 0; other < size; other++) {
                parts.add(Tensors.full(10 * rank + other, DType.INT64, (rank + other) % 3, 2));
            }
            List<Tensor> received = group.exchange(parts);
            for (int other = 0; other < size; other++) {
                require(Tensors.shape(received.get(other))[0] == (rank + other) % 3, "exchanged rows");
                for (long value : Tensors.toLongs(received.get(other))) {
                    require(value == 10L * other + rank, "exchanged values");
                }
            }
            group.agree(Map.of("data", "same"));
            group.barrier();
        }
        return bits;
    }

    /** How much memory some hundred exchanges leave behind, in megabytes. */
    private static long leak(Group group) {
        long before = 0;
        for (int step = 0; step < 400; step++) {
            if (step == 100) {
                before = Engine.residentBytes();
            }
            try (Scope scope = Scope.open()) {
                group.sum(Tensors.full(1, DType.FLOAT32, 4000));
                group.gather(Tensors.full(1, DType.FLOAT32, 100, 10));
            }
        }
        return (Engine.residentBytes() - before) >> 20;
    }

    /** Members come to an exchange in any order. */
    private static void arriveAtAnyTime() {
        long end = System.nanoTime() + new Random().nextInt(3_000_000);
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static float[] random(int seed, int elements) {
        Random random = new Random(seed);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    private static void require(boolean fulfilled, String what) {
        if (!fulfilled) {
            throw new AssertionError(what);
        }
    }
}
