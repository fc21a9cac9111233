package dev.marquee.measure;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Processor;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How fast this machine computes and copies through the engine: the roof over every training step.
 *
 * <p>Conventions: a product of two {@code [n, n]} matrices counts 2n³ floating-point operations, a multiplication and an
 * addition each. A copy of b bytes counts 2b bytes, those read and those written; the blocks are 128 MiB, larger than
 * processors' caches. The best rate is the roof, the median tells how steady the machine is.
 *
 * @param threads the number of threads of all rates but {@code float32OneThread}
 * @param size the n of the matrices
 * @param float32 GFLOP/s of float32 products
 * @param float32OneThread the same with one thread
 * @param bfloat16 GFLOP/s of bfloat16 products; absent where the processor has no instructions for them
 * @param copy GB/s of copies in main memory
 */
public record Roofline(
        int threads, int size, Spread float32, Spread float32OneThread, Optional<Spread> bfloat16, Spread copy) {
    private static final int[] SIZES = {2048, 1024, 512};
    private static final long COPY_BYTES = 128L << 20;
    private static final double PRODUCT_SECONDS = 0.15;
    private static final double BRIEF = 0.4;

    /**
     * Measures in about three seconds or less. Afterwards the engine uses {@code threads} threads on this thread.
     *
     * @param threads at least 1
     * @return the rates
     * @throws IllegalArgumentException when {@code threads} is not positive
     */
    public static Roofline measure(int threads) {
        return measure(threads, 1, Processor.detect());
    }

    /**
     * As {@link #measure(int)}, in about a second: what is to be seen beside a training that is over.
     *
     * @param threads at least 1
     * @return the rates
     * @throws IllegalArgumentException when {@code threads} is not positive
     */
    public static Roofline brief(int threads) {
        return measure(threads, BRIEF, Processor.detect());
    }

    /**
     * The part of the roof that a rate reaches. Where one thread alone was faster than all together, as on a machine that
     * others use too, its rate is the roof.
     *
     * @param gflops a float32 rate measured with the same number of threads
     * @return per cent of the best measured matrix product
     */
    public double percent(double gflops) {
        return 100 * gflops / peak();
    }

    /**
     * The part of the bfloat16 roof that a rate reaches, of the float32 one where the processor does not multiply bfloat16.
     *
     * @param gflops a rate measured with the same number of threads
     * @return per cent of the best measured matrix product
     */
    public double percentOfBfloat16(double gflops) {
        return bfloat16.map(rates -> 100 * gflops / rates.max()).orElseGet(() -> percent(gflops));
    }

    /**
     * The roof: the best rate of float32 products, with all threads or with one.
     *
     * @return GFLOP/s
     */
    public double peak() {
        return Math.max(float32.max(), float32OneThread.max());
    }

    static Roofline measure(int threads, double scale, Processor processor) {
        Engine.useThreads(threads);
        int size = sizeWithin(PRODUCT_SECONDS * scale);
        Spread all = product(DType.FLOAT32, size, 0.8 * scale);
        Optional<Spread> bfloat16 = processor.bfloat16().isEmpty()
                ? Optional.empty()
                : Optional.of(product(DType.BFLOAT16, size, 0.4 * scale));
        Spread copy = copy(0.4 * scale);
        Engine.useThreads(1);
        Spread one = threads == 1 ? all : product(DType.FLOAT32, size, 0.6 * scale);
        Engine.useThreads(threads);
        return new Roofline(threads, size, all, one, bfloat16, copy);
    }

    /** The largest size whose product takes no longer than that, judged by the smallest. */
    private static int sizeWithin(double seconds) {
        int smallest = SIZES[SIZES.length - 1];
        double rate = product(DType.FLOAT32, smallest, seconds / 2).max() * 1e9;
        for (int size : SIZES) {
            if (flops(size) / rate <= seconds) {
                return size;
            }
        }
        return smallest;
    }

    private static Spread product(DType type, int size, double budget) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor left = random(type, size);
            Tensor right = random(type, size);
            Tensor result = Tensors.empty(type, size, size);
            return rates(flops(size), budget, () -> torch.mm_out(result, left, right));
        }
    }

    private static Spread copy(double budget) {
        try (Scope scope = Scope.open()) {
            Tensor source = Tensors.zeros(DType.FLOAT32, COPY_BYTES / DType.FLOAT32.bytes());
            Tensor target = Tensors.zeros(DType.FLOAT32, COPY_BYTES / DType.FLOAT32.bytes());
            return rates(2.0 * COPY_BYTES, budget, () -> target.copy_(source));
        }
    }

    private static Tensor random(DType type, int size) {
        Tensor matrix = Tensors.empty(DType.FLOAT32, size, size);
        matrix.uniform_(-1, 1, new GeneratorOptional());
        return matrix.to(type.scalarType());
    }

    /** Repeats the work for about the budget, three times at least, after one time that is not counted. */
    private static Spread rates(double units, double budget, Runnable work) {
        List<Double> rates = new ArrayList<>();
        run(work);
        double spent = 0;
        while (spent < budget || rates.size() < 3) {
            double seconds = run(work);
            spent += seconds;
            rates.add(units / seconds / 1e9);
        }
        return Spread.of(rates.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static double run(Runnable work) {
        long start = System.nanoTime();
        try (Scope scope = Scope.open()) {
            work.run();
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static double flops(int size) {
        return 2.0 * size * size * size;
    }
}
