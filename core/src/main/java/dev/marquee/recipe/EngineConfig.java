package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import dev.marquee.parallel.ReplicaRule;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Processor;
import java.util.Optional;

/**
 * How the engine computes.
 *
 * @param threads threads in all; 0 for as many as there are cores
 * @param replicas copies of the network that share the weights and every batch, each on a thread of its own; 0 for one for
 *     each thread where the network and the size of the batch allow it; 1 for none, but threads inside operators
 * @param replicaUpdates whether replicas change the weights together, or each by itself
 * @param microBatch samples that a replica computes at once, its gradients adding up; 0 for its whole share of the batch
 * @param recompute whether activations within blocks of layers are freed after the forward pass and computed once more for
 *     the backward pass
 * @param precision of matrix products in training
 * @param fused whether layers that can compute their gradients by fused operators of their own do so, on the processor
 * @param device where the dense part of the network computes
 */
public record EngineConfig(
        @About("threads in all; 0 for as many as there are cores") @Range(atLeast = 0, atMost = 1024)
        int threads,

        @About(
                "networks that share the weights and every batch, a thread each; 0 to choose; 1: threads inside operators")
        @Range(atLeast = 0, atMost = 1024)
        int replicas,

        @About(
                "together: replicas share each batch; asynchronous: each learns from batches of its own, and waits for none")
        Updates replicaUpdates,

        @About("samples that a replica computes at once; 0 for its whole share of the batch; fewer take less memory")
        @Range(atLeast = 0)
        int microBatch,

        @About("keep no activations within blocks of layers, but compute them once more going backward: less memory")
        boolean recompute,

        @About("of matrix products in training: float32; bfloat16 with float32 weights and sums, on processors that"
                + " multiply it and on GPUs; or float16 with a scaled loss, on GPUs")
        Precision precision,

        @About("compute perceptrons and attention by fused operators with gradients of their own, on the processor")
        boolean fused,

        @About("where all but embedding tables computes in training: cpu, or a GPU: cuda, or cuda:1 for the second")
        String device)
        implements Section {
    /** The values of absent keys. */
    public static final EngineConfig DEFAULT =
            new EngineConfig(0, 0, Updates.TOGETHER, 0, false, Precision.FLOAT32, true, "cpu");

    /** How replicas change the weights. */
    public enum Updates {
        /** Each has a share of every batch; their gradients are summed, and the weights change once. */
        TOGETHER,
        /**
         * Each has batches of its own and changes the shared weights without waiting for the others (Hogwild!; Recht, Ré,
         * Wright and Niu, 2011): no two trainings are alike.
         */
        ASYNCHRONOUS
    }

    /** What matrix products are computed in. */
    public enum Precision {
        /** Single precision. */
        FLOAT32,
        /** Half of the bits, with the range of float32: fast where the processor multiplies it. */
        BFLOAT16,
        /** Half of the bits, three more of them for the fraction than bfloat16: on GPUs, with a scaled loss. */
        FLOAT16
    }

    /** Checks the values. */
    public EngineConfig {
        Sections.validate(
                EngineConfig.class, threads, replicas, replicaUpdates, microBatch, recompute, precision, fused, device);
    }

    /**
     * Where the dense part of the network computes.
     *
     * @return the device that {@link #device()} names
     * @throws IllegalStateException when it names none, which a checked recipe's does
     */
    public Device place() {
        return Device.named(device)
                .orElseThrow(() -> new IllegalStateException("engine.device=" + device + " is no device"));
    }

    /**
     * Whether the loss is scaled, so that small gradients are not zero in float16.
     *
     * @return true with float16
     */
    public boolean scalesLoss() {
        return precision == Precision.FLOAT16;
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
     * @param apart whether each sample is computed by itself; if not, replicas cannot compute their shares in pieces
     * @return at least 1
     */
    public int effectiveReplicas(int batchSize, int positions, boolean apart) {
        if (replicas > 0) {
            return replicas;
        }
        if ((!apart && microBatch > 0) || !place().isCpu()) {
            return 1;
        }
        return asynchronous() ? effectiveThreads() : ReplicaRule.replicas(effectiveThreads(), batchSize, positions);
    }

    /**
     * Whether several threads compute the large products of a batch that is too small for several replicas.
     *
     * @param processor the machine's
     * @return false where the recipe names the replicas, and where products are not fused
     */
    public boolean sharesProducts(Processor processor) {
        boolean own = precision == Precision.FLOAT32 || multipliesHalves(processor);
        return replicas == 0 && effectiveThreads() > 1 && fused && own && place().isCpu();
    }

    /**
     * Whether layers multiply by copies of the weights in bfloat16 by themselves, rather than through the engine's choice of
     * precisions alone.
     *
     * @param processor the machine's
     * @return true with bfloat16 on the processor where products are fused, it multiplies it, and replicas change weights
     *     together
     */
    public boolean multipliesHalves(Processor processor) {
        return precision == Precision.BFLOAT16
                && fused
                && place().isCpu()
                && !asynchronous()
                && !processor.bfloat16().isEmpty();
    }

    /**
     * Whether replicas learn from batches of their own.
     *
     * @return false where they share each batch
     */
    public boolean asynchronous() {
        return replicaUpdates == Updates.ASYNCHRONOUS;
    }

    @Override
    public void check(Faults faults) {
        Optional<Device> named = Device.named(device);
        if (named.isEmpty()) {
            faults.add("device", "must be cpu, cuda, or cuda:1 for the second GPU, not " + device);
            return;
        }
        boolean elsewhere = !named.get().isCpu();
        if (elsewhere && replicas > 1) {
            faults.add("replicas", "must be 0 or 1 with device=" + device + ", where one network computes each batch");
        }
        if (elsewhere && asynchronous()) {
            faults.add("replica_updates", "must be together with device=" + device + ", where there are no replicas");
        }
        if (!elsewhere && scalesLoss()) {
            faults.add("precision", "float16 is for GPUs (device=cuda): on the processor choose bfloat16 or float32");
        }
        if (asynchronous() && microBatch > 0) {
            faults.add("micro_batch", "must be 0 with replica_updates=asynchronous, where a replica has a whole batch");
        }
    }
}
