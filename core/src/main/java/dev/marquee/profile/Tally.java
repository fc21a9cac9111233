package dev.marquee.profile;

import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work of the phase that the calling thread is in. Whatever does the work tells it; where nothing is profiled
 * that costs a look at a number.
 *
 * <p>A product of {@code [n, k]} and {@code [k, m]} counts {@code 2 n k m} operations. Its backward pass, counted as soon
 * as the forward pass runs, counts as much for each factor that needs a gradient. All else (activations, softmax, losses)
 * counts nothing, as is usual for rooflines. Bytes are those that must be read and written at least, each once.
 */
public final class Tally {
    private static final AtomicInteger PROFILERS = new AtomicInteger();
    private static final ThreadLocal<@Nullable Track> CURRENT = new ThreadLocal<>();

    private Tally() {}

    /**
     * A linear map: {@code x Wᵀ}.
     *
     * @param input {@code [..., inputs]}
     * @param weight {@code [outputs, inputs]}
     */
    public static void linear(Tensor input, Tensor weight) {
        if (current() != null) {
            // With gradients off, a view may still say that it needs one; who computes it counts it.
            linear(input, weight, GradMode.is_enabled() && input.requires_grad());
        }
    }

    /**
     * A linear map computed outside the engine's graph, where its input does not tell whether it needs a gradient.
     *
     * @param input {@code [..., inputs]}
     * @param weight {@code [outputs, inputs]}
     * @param inputLearns whether the input needs a gradient
     */
    public static void linear(Tensor input, Tensor weight, boolean inputLearns) {
        if (current() != null) {
            int gradients = (inputLearns ? 1 : 0) + (weight.requires_grad() ? 1 : 0);
            product(2.0 * input.numel() * weight.size(0), gradients);
        }
    }

    /**
     * A matrix product, or a batch of them.
     *
     * @param left {@code [..., n, k]}
     * @param right the other factor, laid out in any way
     * @param columns how many sums of products each row of the left factor takes part in: m, times the number of right
     *     factors where there are several for one left
     */
    public static void product(Tensor left, Tensor right, long columns) {
        if (current() != null) {
            int gradients = (left.requires_grad() ? 1 : 0) + (right.requires_grad() ? 1 : 0);
            product(2.0 * left.numel() * columns, gradients);
        }
    }

    /**
     * Products of a layer that has its own way of computing them.
     *
     * @param forward operations of the forward pass
     * @param gradients how many passes of that size go backward, from 0 to 2
     */
    public static void product(double forward, int gradients) {
        Track track = current();
        if (track != null) {
            track.addFlop(forward, gradients * forward);
        }
    }

    /**
     * Products of the backward pass that the forward pass did not tell of.
     *
     * @param count operations
     */
    public static void backward(double count) {
        Track track = current();
        if (track != null) {
            track.addFlop(0, count);
        }
    }

    /**
     * What must be moved.
     *
     * @param count bytes read and bytes written
     */
    public static void bytes(double count) {
        Track track = current();
        if (track != null) {
            track.addBytes(count);
        }
    }

    /**
     * What must be moved when tensors of one size are read, or written.
     *
     * @param tensor any of them
     * @param times how many are read, plus how many are written
     */
    public static void bytes(Tensor tensor, int times) {
        Track track = current();
        if (track != null) {
            track.addBytes((double) tensor.nbytes() * times);
        }
    }

    /** Work on this thread counts for a track from now on. */
    static void begin(Track track) {
        CURRENT.set(track);
    }

    /** A profiler begins its work. */
    static void opened() {
        PROFILERS.incrementAndGet();
    }

    /** A profiler has ended; the calling thread's work counts for nothing any more. */
    static void closed() {
        PROFILERS.decrementAndGet();
        CURRENT.remove();
    }

    private static @Nullable Track current() {
        return PROFILERS.get() == 0 ? null : CURRENT.get();
    }
}
