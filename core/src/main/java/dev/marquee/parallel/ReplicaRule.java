package dev.marquee.parallel;

import dev.marquee.tensor.Processor;

/** How many replicas pay, for training and for benchmarks of it alike. */
public final class ReplicaRule {
    /**
     * A share of fewer rows is not worth a replica, which reads all weights for them: perceptron 784-512-128-10 on two
     * cores, two replicas against threads inside operators, 0.94 at shares of 10, 0.98 at 16, 0.88 at 32, 1.16 at 64.
     * Attention sends every place of a sequence through its weights: 32 samples of 50 places are a share of 1,600 rows.
     */
    private static final int SMALLEST_SHARE = 64;

    /**
     * The arithmetic of a step that is worth waking other threads for, where one thread has AVX-512 and makes 150 GFLOP/s of
     * it: perceptron 784-512-128-10, thousands of samples/s on one thread and by two that share products, 37 and 20 at batch
     * 20, 46 and 28 at 32, 58 and 38 at 64, 72 and 63 at 128. A thread that sleeps takes 70 µs to wake, several times a step.
     */
    private static final double WORTH_WAKING = 300e6;

    /**
     * The same where that thread multiplies bfloat16, at 390 GFLOP/s: thousands of samples/s on one thread and by two replicas,
     * 93 and 62 at batch 128, 110 and 66 to 137 at 256, 122 and 156 at 512, 128 and 208 at 1024. What replicas gain at 256
     * depends on how fast the two cores reach each other's memory, which on a virtual machine changes by the hour.
     */
    private static final double WORTH_WAKING_FOR_HALVES = 780e6;

    private static final double OPERATIONS = 6;

    private ReplicaRule() {}

    /**
     * Whether one thread had better make the steps of small batches alone. In float32 it is asked where {@link #replicas} is 1.
     *
     * @param parameters of the network, those of tables left out
     * @param rows of a step: samples, times the places of a sequence that go through the same weights
     * @param processor the machine's
     * @param halves whether layers multiply in bfloat16 by themselves, for which {@link #replicas} gives way to this rule
     * @return true for little arithmetic on a processor with AVX-512
     */
    public static boolean alone(long parameters, long rows, Processor processor, boolean halves) {
        double worth = halves ? WORTH_WAKING_FOR_HALVES : WORTH_WAKING;
        return processor.vectors().contains("AVX-512") && OPERATIONS * parameters * rows < worth;
    }

    /**
     * As many as there are threads, but none whose share of the batch has fewer than 64 rows.
     *
     * @param threads how many there are, at least 1
     * @param batch samples in a batch
     * @param positions rows of a sample, at least 1: places of a sequence that go through the same weights
     * @return at least 1, where operators use all threads
     */
    public static int replicas(int threads, int batch, int positions) {
        long shares = Math.min(batch, (long) batch * positions / SMALLEST_SHARE);
        return (int) Math.max(1, Math.min(threads, shares));
    }
}
