package dev.marquee.measure;

import dev.marquee.collective.Group;
import dev.marquee.parallel.Traffic;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import java.util.Map;

/** A whole training step to be timed, with its data. It owns native memory: close it. */
public interface Workload extends AutoCloseable {
    /**
     * The default recipe's step: a perceptron 784-512-128-10 with ReLU, cross-entropy and plain SGD, on random pictures.
     *
     * @param batch pictures in a step, at least 1
     * @return the workload
     */
    static Workload perceptron(int batch) {
        return new PerceptronStep(batch);
    }

    /**
     * A step of multi-head attention with random padding, from a fixed gradient at the output, with plain SGD. Queries
     * and keys get gradients too, as inside a network.
     *
     * @param shape the sizes
     * @param fused whether the output alone is asked for, not the scores
     * @return the workload
     */
    static Workload attention(AttentionShape shape, boolean fused) {
        return new AttentionStep(shape, fused);
    }

    /**
     * A DeepFM step on click data: 26 fields with Zipf-distributed ids and embeddings of 16, 13 numbers, a perceptron of
     * three layers of 400, binary cross-entropy, Adam for all.
     *
     * @param batch samples in a step, at least 1
     * @param rows of all embedding tables together, at least 52
     * @param peerIsSparse whether another program is to use sparse gradients, rather than dense ones
     * @return the workload
     */
    static Workload ranking(int batch, int rows, boolean peerIsSparse) {
        return new RankingStep(batch, rows, peerIsSparse);
    }

    /**
     * What {@link #ranking} does, without doing it.
     *
     * @param batch as above
     * @param rows as above
     * @param peerIsSparse as above
     * @return its {@link #description}
     */
    static Map<String, Object> rankingDescription(int batch, int rows, boolean peerIsSparse) {
        return RankingStep.description(batch, rows, peerIsSparse);
    }

    /**
     * A step of a network that reads a user's history: five fields with Zipf-distributed ids in tables of 100,000 rows of
     * width 16, and a history of ids of the first field, of 1 to {@code time} events; binary cross-entropy, Adam for all.
     *
     * @param kind {@code din}, with ReLU in place of Dice, or {@code bst} as its defaults have it
     * @param batch samples in a step, at least 1
     * @param time the longest history, at least 1
     * @return the workload
     * @throws IllegalArgumentException when there is no such network
     */
    static Workload history(String kind, int batch, int time) {
        return new HistoryStep(kind, batch, time);
    }

    /**
     * What a step does for one embedding table of width 16 alone: 26 Zipf-distributed ids a sample made distinct, rows
     * gathered and shown, a fixed gradient summed by row, and lazy Adam.
     *
     * @param batch samples in a step, at least 1
     * @param rows of the table, at least 2
     * @return the workload; it has no matrix products
     */
    static Workload embeddings(int batch, int rows) {
        return new EmbeddingStep(batch, rows);
    }

    /**
     * A sum over the members of a group, and nothing else.
     *
     * @param bytes of each member
     * @return the workload; it has no matrix products
     */
    static Workload exchange(long bytes) {
        return new ExchangeStep(bytes);
    }

    /**
     * The row's name.
     *
     * @return such as {@code perceptron batch 32}
     */
    String name();

    /**
     * What a step learns from.
     *
     * @return the number of samples
     */
    long samples();

    /**
     * The arithmetic of a step's matrix products, two operations for a multiplication and an addition.
     *
     * @return floating-point operations
     */
    double flops();

    /**
     * The work in plain values, from which another program can do the same.
     *
     * @return numbers, texts and lists by name; {@code work} is the kind
     */
    Map<String, Object> description();

    /**
     * Sets the engine's threads, and makes as many replicas of the network as training does by default.
     *
     * @param threads how many there are, at least 1
     */
    default void useThreads(int threads) {
        useThreads(threads, 0);
    }

    /**
     * Sets the engine's threads and the number of replicas. Several workloads of one process that take turns call it before
     * each turn, since matrix products have one number of threads for all.
     *
     * @param threads how many there are, at least 1
     * @param replicas of the network, a thread each, at most one a sample; 1 for none, but threads inside operators; 0 for
     *     as many as training makes by default
     */
    default void useThreads(int threads, int replicas) {
        Engine.useThreads(threads);
    }

    /**
     * Sets what products are computed in, as {@code engine.precision} does in training; threads are set afterwards.
     *
     * @param type float32, which it is at first, or bfloat16
     * @throws IllegalArgumentException when it is another type, or the work has no products
     */
    default void usePrecision(DType type) {
        if (type != DType.FLOAT32) {
            throw new IllegalArgumentException(name() + " is computed in FLOAT32, not in " + type);
        }
    }

    /**
     * How many replicas of the network share a step.
     *
     * @return at least 1
     */
    default int replicas() {
        return 1;
    }

    /**
     * From now on every step is one of all members of a group, each with its own samples: gradients are summed over them.
     * All members must make the same steps.
     *
     * @param group the members; left open
     * @param overlap whether gradients travel while others are computed
     * @throws UnsupportedOperationException when this workload is of one process
     */
    default void join(Group group, boolean overlap) {
        throw new UnsupportedOperationException(name() + " is a workload of one process");
    }

    /**
     * What the steps have given to exchanges with other members.
     *
     * @return nothing for a process that is alone
     */
    default Traffic traffic() {
        return Traffic.NONE;
    }

    /** Does one step: forward, loss, backward, update. */
    void step();

    @Override
    void close();
}
