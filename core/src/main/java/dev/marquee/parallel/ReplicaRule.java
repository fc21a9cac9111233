package dev.marquee.parallel;

/** How many replicas pay, for training and for benchmarks of it alike. */
public final class ReplicaRule {
    /**
     * A share of fewer rows is not worth a replica, which reads all weights for them: perceptron 784-512-128-10 on two
     * cores, two replicas against threads inside operators, 0.94 at shares of 10, 0.98 at 16, 0.88 at 32, 1.16 at 64.
     * Attention sends every place of a sequence through its weights: 32 samples of 50 places are a share of 1,600 rows.
     */
    private static final int SMALLEST_SHARE = 64;

    private ReplicaRule() {}

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
