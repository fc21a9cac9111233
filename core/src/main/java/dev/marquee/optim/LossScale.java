package dev.marquee.optim;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.DoubleBuffer;
import org.bytedeco.pytorch.Tensor;

/**
 * What a loss is multiplied by before the backward pass, so that small gradients do not become zero in float16, whose
 * smallest number is 6e-8. It begins with 65,536, is halved when a gradient was not finite, and doubled after 2,000 steps
 * in a row whose gradients were. Agrees with {@code torch.amp.GradScaler}. Source: Micikevicius et al., <em>Mixed Precision
 * Training</em>, 2018.
 */
public final class LossScale implements AutoCloseable {
    /** The first scale. */
    public static final double FIRST = 65_536;
    /** So many good steps in a row double the scale. */
    public static final int INTERVAL = 2_000;

    private static final double GROWTH = 2;
    private static final double BACKOFF = 0.5;

    private final Arena arena = Arena.open("the loss's scale");
    private final Tensor state;
    private final DoubleBuffer numbers;

    /** Begins with the first scale. */
    public LossScale() {
        try (Scope scope = Scope.open()) {
            state = arena.keep(Tensors.of(new double[] {FIRST, 0}));
            numbers = Tensors.bytes(state).asDoubleBuffer(); // read and written in place
        }
    }

    /**
     * The scale of the next step.
     *
     * @return a power of 2
     */
    public double value() {
        return numbers.get(0);
    }

    /**
     * Goes on after a step.
     *
     * @param finite whether all its gradients were finite
     */
    public void update(boolean finite) {
        if (!finite) {
            set(value() * BACKOFF, 0);
            return;
        }
        double good = numbers.get(1) + 1;
        if (good < INTERVAL) {
            set(value(), good);
            return;
        }
        double larger = value() * GROWTH;
        set(larger > Float.MAX_VALUE ? value() : larger, 0);
    }

    /**
     * What a checkpoint has of it.
     *
     * @return {@code [2]} float64, live: the scale, and the good steps since it last changed
     */
    public Tensor state() {
        return state;
    }

    private void set(double scale, double good) {
        numbers.put(0, scale).put(1, good);
    }

    /** Frees the state. */
    @Override
    public void close() {
        arena.close();
    }
}
