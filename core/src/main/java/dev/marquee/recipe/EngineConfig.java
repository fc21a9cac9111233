package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import dev.marquee.parallel.ReplicaRule;

/**
 * How the engine computes.
 *
 * @param threads threads in all; 0 for as many as there are cores
 * @param replicas copies of the network that share the weights and every batch, each on a thread of its own; 0 for one for
 *     each thread where the network and the size of the batch allow it; 1 for none, but threads inside operators
 * @param microBatch samples that a replica computes at once, its gradients adding up; 0 for its whole share of the batch
 * @param precision of matrix products in training
 * @param fused whether layers that can compute their gradients by fused operators of their own do so
 */
public record EngineConfig(
        @About("threads in all; 0 for as many as there are cores") @Range(atLeast = 0, atMost = 1024)
        int threads,

        @About(
                "networks that share the weights and every batch, a thread each; 0 to choose; 1: threads inside operators")
        @Range(atLeast = 0, atMost = 1024)
        int replicas,

        @About("samples that a replica computes at once; 0 for its whole share of the batch; fewer take less memory")
        @Range(atLeast = 0)
        int microBatch,

        @About("of matrix products in training: float32, or bfloat16 with float32 weights and sums, on processors that"
                + " multiply it")
        Precision precision,

        @About("compute perceptrons and attention by fused operators with gradients of their own")
        boolean fused)
        implements Section {
    /** The values of absent keys. */
    public static final EngineConfig DEFAULT = new EngineConfig(0, 0, 0, Precision.FLOAT32, true);

    /** What matrix products are computed in. */
    public enum Precision {
        /** Single precision. */
        FLOAT32,
        /** Half of the bits, with the range of float32: fast where the processor multiplies it. */
        BFLOAT16
    }

    /** Checks the values. */
    public EngineConfig {
        Sections.validate(EngineConfig.class, threads, replicas, microBatch, precision, fused);
    }

    /**
     * The number of threads to use on this machine.
     *
     * @return at least 1
     */
    public int effectiveThreads() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    /**
     * The number of replicas to use on this machine.
     *
     * @param batchSize samples in a batch
     * @param positions rows of a sample, at least 1: places of a sequence that go through the same weights
     * @param possible whether the network may have several
     * @return at least 1
     */
    public int effectiveReplicas(int batchSize, int positions, boolean possible) {
        if (replicas > 0) {
            return replicas;
        }
        return possible ? ReplicaRule.replicas(effectiveThreads(), batchSize, positions) : 1;
    }
}
