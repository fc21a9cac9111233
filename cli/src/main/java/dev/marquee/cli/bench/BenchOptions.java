package dev.marquee.cli.bench;

import dev.marquee.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How to measure.
 *
 * @param threads for this side and the other, at least 1
 * @param seconds of measuring for each row and side, above 0
 * @param peer another program to compare with
 * @param compile whether a peer that can compile its networks is measured that way too
 * @param replicas of the network here; 0 for as many as training makes by default
 * @param precision what products are computed in here, float32 or bfloat16
 * @param peerPrecision the same on the other side
 * @param batches samples in a step, where the benchmark lets one choose; empty for its own
 */
public record BenchOptions(
        int threads,
        double seconds,
        Optional<PeerCommand> peer,
        boolean compile,
        int replicas,
        DType precision,
        DType peerPrecision,
        List<Integer> batches) {
    /**
     * Checks the numbers, and copies the batches.
     *
     * @throws IllegalArgumentException when one is out of range
     */
    public BenchOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException("seconds must be above 0 and at most 3600, not " + seconds);
        }
        if (replicas < 0 || replicas > threads) {
            throw new IllegalArgumentException("replicas must be at most as many as the " + threads
                    + " threads, or 0 for as many as training makes, not " + replicas);
        }
        batches = List.copyOf(batches);
        for (int batch : batches) {
            if (batch < 1) {
                throw new IllegalArgumentException("a batch has at least 1 sample, not " + batch);
            }
        }
    }

    /** Says in a row's name what was not computed in float32. */
    String named(String name) {
        String here = precision == DType.FLOAT32 ? "" : " " + text(precision);
        return precision == peerPrecision || peer.isEmpty() ? name + here : name + here + " to " + text(peerPrecision);
    }

    /** In the words of the other side. */
    static String text(DType precision) {
        return precision.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Alone, with as many replicas as training makes.
     *
     * @param threads at least 1
     * @param seconds of measuring for each row, above 0
     * @return the options
     */
    public static BenchOptions alone(int threads, double seconds) {
        return new BenchOptions(
                threads, seconds, Optional.empty(), /* compile= */ false, 0, DType.FLOAT32, DType.FLOAT32, List.of());
    }
}
