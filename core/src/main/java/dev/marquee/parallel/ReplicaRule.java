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

    private static final double OPERATIONS = 6;

    private ReplicaRule() {}

    /**
     * Whether one thread had better make the steps of small batches alone, where {@link #replicas} is 1.
     *
     * @param parameters of the network, those of tables left out
     * @param rows of a step: samples, times the places of a sequence that go through the same weights
     * @param processor the machine's
     * @return true for little arithmetic on a processor with AVX-512
     */
    public static boolean alone(long parameters, long rows, Processor processor) {
        return processor.vectors().contains("AVX-512") && OPERATIONS * parameters * rows < WORTH_WAKING;
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
