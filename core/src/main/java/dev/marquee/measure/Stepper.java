package dev.marquee.measure;

import dev.marquee.collective.Group;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Tape;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.parallel.GradientExchange;
import dev.marquee.parallel.ReplicaRule;
import dev.marquee.parallel.Replicas;
import dev.marquee.parallel.Traffic;
import dev.marquee.profile.Track;
import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Processor;
import dev.marquee.tensor.Scope;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Makes the steps of a benchmark as training makes them: by replicas that share a batch.
 *
 * @param <N> the network
 */
final class Stepper<N> implements AutoCloseable {
    private final Parameters parameters = Parameters.create(DType.FLOAT32);
    private final Function<Parameters.Path, N> maker;
    private final N network;
    private final Optimizer optimizer;
    private final double rate;
    private final int batch;
    private final int positions;
    private Replicas<N> replicas;
    private @Nullable GradientExchange exchange;
    private int world = 1;
    private boolean half;

    /** A forward pass. */
    @FunctionalInterface
    interface Forward {
        /** What the network makes of its input. */
        Tensor output();
    }

    /** A replica's part of the batch. */
    @FunctionalInterface
    interface Part<N> {
        /**
         * Goes forward and backward, such that gradients and losses of all parts add up to those of the batch.
         *
         * @param network the replica's
         * @param tape the thread's
         * @param from the first sample
         * @param size the number of samples
         * @return the loss
         */
        double run(N network, Tape tape, int from, int size);
    }

    /**
     * @param batch samples in a step
     * @param positions rows of a sample that go through the weights
     * @param config of the optimiser
     * @param maker of the network
     */
    Stepper(int batch, int positions, OptimizerConfig config, Function<Parameters.Path, N> maker) {
        this.batch = batch;
        this.positions = positions;
        this.maker = maker;
        this.network = maker.apply(parameters.root());
        this.rate = config.learningRate();
        this.optimizer = config.create(parameters);
        this.replicas = Replicas.create(1, parameters, network, maker);
    }

    /**
     * Sets what products are computed in; the threads are shared out afterwards.
     *
     * @param type float32 or bfloat16
     */
    void usePrecision(DType type) {
        if (type != DType.FLOAT32 && type != DType.BFLOAT16) {
            throw new IllegalArgumentException("products are computed in FLOAT32 or BFLOAT16, not in " + type);
        }
        half = type == DType.BFLOAT16;
    }

    /** The output of a forward pass in the precision that was set, as float32; autocast ends with it, as in training. */
    Tensor output(Forward forward) {
        if (!half) {
            return forward.output();
        }
        Tensor output;
        try (Autocast.Guard guard = Autocast.bfloat16()) {
            output = forward.output();
        }
        return output.to(DType.FLOAT32.scalarType());
    }

    /**
     * Shares the threads out as training does.
     *
     * @param threads how many there are, at least 1
     * @param wanted how many replicas, at most one a sample; 0 for as many as training would make
     * @param operators how many threads operators other than products get where there is one replica
     */
    void useThreads(int threads, int wanted, int operators) {
        Processor processor = Processor.detect();
        boolean halves = half && !processor.bfloat16().isEmpty();
        boolean alone = ReplicaRule.alone(parameters.count(), (long) batch * positions, processor, halves);
        int ruled = halves && alone ? 1 : ReplicaRule.replicas(threads, batch, positions);
        int count = wanted == 0 ? ruled : Math.min(wanted, batch);
        replicas.close();
        boolean products = wanted == 0 && count == 1 && threads > 1 && (halves || !half);
        replicas = Replicas.create(products ? threads : count, parameters, network, maker);
        replicas.shareProducts(products, alone);
        replicas.useHalves(halves);
        if (count == 1 && !products) {
            Engine.useThreads(operators, threads);
        }
    }

    /**
     * From now on every step is one of all members of a group, each with a batch of its own.
     *
     * @param group left open
     * @param overlap whether gradients travel while others are computed
     */
    void join(Group group, boolean overlap) {
        world = group.size();
        if (world > 1) {
            exchange = new GradientExchange(group, parameters, /* compressed= */ false, overlap);
        }
    }

    /** What the steps have given to exchanges. */
    Traffic traffic() {
        return exchange == null ? Traffic.NONE : exchange.traffic();
    }

    /**
     * What a part of this member's batch adds to the loss of all.
     *
     * @param mean its loss
     * @param size its samples
     */
    Tensor share(Tensor mean, int size) {
        return size == batch && world == 1 ? mean : mean.mul(new Scalar((double) size / batch / world));
    }

    /** How many there are. */
    int replicas() {
        return replicas.shares();
    }

    void step(Part<N> part) {
        try (Scope scope = Scope.open()) {
            GradientExchange others = exchange;
            if (others != null) {
                others.begin(batch);
            }
            double loss = replicas.gradients((replica, own, tape) -> {
                if (others != null && replicas.shares() == 1) {
                    tape.listen(others);
                }
                int from = start(replica);
                return part.run(own, tape, from, start(replica + 1) - from);
            });
            if (others != null) {
                others.finish(Track.off(0), loss, /* stop= */ false);
            }
            optimizer.step(rate);
        }
    }

    @Override
    public void close() {
        replicas.close();
        if (exchange != null) {
            exchange.close();
        }
        optimizer.close();
        parameters.close();
    }

    private int start(int replica) {
        return (int) ((long) batch * replica / replicas.shares());
    }
}
