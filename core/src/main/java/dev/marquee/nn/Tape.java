package dev.marquee.nn;

import dev.marquee.tensor.Gradients;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.jspecify.annotations.Nullable;

/**
 * Lets layers compute gradients by formulas of their own, with products and fused operators that the engine's automatic
 * differentiation does not know.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
 *     Tensor loss = objective.of(model.forward(batch, Mode.TRAINING), batch);
 *     tape.backward(loss);
 * }
 * }</pre>
 *
 * <p>While a tape is open on a thread, layers that can compute a part of a forward pass in training without recording
 * it in the engine's graph, and hand its output on as a new leaf of that graph. {@link #backward} goes back through the
 * graph to these leaves, lets the parts turn the gradients of their outputs into those of their parameters and inputs,
 * latest part first, and goes on from the inputs. Without a tape a layer is part of the graph as a whole, and
 * {@code loss.backward()} is enough; <em>with</em> a tape it stops at the leaves, so {@link #backward} must be called.
 *
 * <p>The result is the same, since gradients add up: what depends on a tensor is visited before the part that made it. A part
 * whose input is in the graph, and not a leaf, may go back by the graph's own order instead
 * ({@link dev.marquee.tensor.OwnGradient}); where it is recorded all the same, what the input was made from is visited once for
 * the part and once for whatever else depends on it. For that reason the graph is kept until its scope closes, if a part was
 * recorded.
 *
 * <p>A tape belongs to the thread that opened it. All tensors live in the scopes that are open when they are made, so a
 * scope must be open from the forward pass to the end of {@link #backward}. Several passes may follow each other on one
 * tape; their gradients add up as usual.
 */
public final class Tape implements AutoCloseable {
    private static final ThreadLocal<@Nullable Tape> CURRENT = new ThreadLocal<>();
    /** Wider products are faster in bfloat16 by the engine's graph than in float32 without it. */
    private static final long SMALL = 128;

    private final List<Recorded> recorded = new ArrayList<>();

    private final boolean fused;
    private @Nullable GradientListener listener;
    private final boolean recomputing;
    private @Nullable Meeting meeting;
    private int member;
    private @Nullable HalfWeights halves;

    private Tape(boolean fused, boolean recomputing) {
        this.fused = fused;
        this.recomputing = recomputing;
    }

    /** What a layer computed outside the graph. */
    @FunctionalInterface
    interface Part {
        /**
         * Adds the gradients of the part's parameters and inputs, by {@link Tape#give}. Gradients are off.
         *
         * @param gradient of the part's output, of the output's shape; must not be changed
         */
        void backward(Tensor gradient);
    }

    private record Recorded(Tensor output, Part part) {}

    /**
     * Opens a tape on this thread.
     *
     * @return the tape; close it on the same thread
     * @throws IllegalStateException when this thread has an open tape
     */
    public static Tape open() {
        return open(/* fused= */ true);
    }

    /**
     * Opens a tape on this thread, on which nothing may be recorded if so wished.
     *
     * @param fused whether layers may compute gradients by formulas of their own
     * @return the tape; close it on the same thread
     * @throws IllegalStateException when this thread has an open tape
     */
    public static Tape open(boolean fused) {
        return open(fused, /* recomputing= */ false);
    }

    /**
     * Opens a tape on this thread, on which parts of the network may keep their inputs alone, and compute their activations
     * once more when they go backward ({@link Recomputed}).
     *
     * @param fused whether layers may compute gradients by formulas of their own
     * @param recomputing whether parts compute their activations once more
     * @return the tape; close it on the same thread
     * @throws IllegalStateException when this thread has an open tape
     */
    public static Tape open(boolean fused, boolean recomputing) {
        if (CURRENT.get() != null) {
            throw new IllegalStateException(
                    "this thread has an open tape: a training step needs one only, close it before the next");
        }
        Tape tape = new Tape(fused, recomputing);
        CURRENT.set(tape);
        return tape;
    }

    /**
     * Tells of each gradient that a part gives to a parameter, as soon as it has.
     *
     * @param newListener what it makes may be freed soon after
     */
    public void listen(GradientListener newListener) {
        listener = newListener;
    }

    /**
     * Lets layers that look at the whole batch (batch norm, Dice) look at the parts that other replicas have too, in the
     * forward and the backward pass.
     *
     * @param at where the replicas meet
     * @param asMember which of them has this tape, from 0
     */
    public void meet(Meeting at, int asMember) {
        meeting = at;
        member = asMember;
    }

    /**
     * Lets layers compute their products in bfloat16 by themselves, also where the engine chooses the precision of each
     * operator (autocast).
     *
     * @param weights copies of the weights of the network on this tape
     */
    public void useHalves(HalfWeights weights) {
        halves = weights;
    }

    /** What layers multiply by; null where they compute in the type of their weights. */
    @Nullable
    HalfWeights halves() {
        return halves;
    }

    /** The open tape, where other replicas have parts of the batch; null where this thread has all of it. */
    static @Nullable Tape meeting() {
        Tape tape = CURRENT.get();
        return tape == null || tape.meeting == null ? null : tape;
    }

    /** {@link Meeting#exchange}, as the member that has this tape. */
    List<double @Nullable []> exchange(String what, double... numbers) {
        return Objects.requireNonNull(meeting).exchange(member, what, numbers);
    }

    /** Whether this tape's member is the first one of those that told something. */
    boolean isFirst(List<double @Nullable []> told) {
        return told.subList(0, member).stream().allMatch(Objects::isNull);
    }

    /** Where the gradient of a parameter may be put, some rows after the others; null where nobody wants that. */
    static GradientListener.@Nullable Place place(Tensor parameter) {
        Tape tape = CURRENT.get();
        return tape == null || tape.listener == null ? null : tape.listener.place(parameter);
    }

    /** A part has added to the gradient of a leaf, of which so many rows are there. */
    static void given(Tensor leaf, long rows) {
        Tape tape = CURRENT.get();
        if (tape != null && tape.listener != null) {
            tape.listener.given(leaf, rows);
        }
    }

    /** Whether layers on this thread may compute their gradients by themselves, with an open tape or without. */
    static boolean mayFuse() {
        Tape tape = CURRENT.get();
        return (tape == null || tape.fused) && !torch.is_autocast_enabled(DeviceType.CPU);
    }

    /**
     * As {@link #mayFuse}, for small layers that compute in float32 as a whole: also where products are to be of bfloat16, if
     * large ones are ({@link #useHalves}). They suspend autocast meanwhile.
     *
     * @param width the largest inner size of the layer's products
     */
    static boolean mayFuse(long width) {
        Tape tape = CURRENT.get();
        return mayFuse() || (tape != null && tape.fused && tape.halves != null && width <= SMALL);
    }

    /**
     * The open tape, where a layer may use it.
     *
     * @param mode of the forward pass
     * @return null in evaluation, without an open tape, with gradients off, and where the engine chooses the precision
     *     of each operator (autocast) unless there are weights for that
     */
    static @Nullable Tape recording(Mode mode) {
        Tape tape = mode.training() ? CURRENT.get() : null;
        return tape != null
                        && tape.fused
                        && GradMode.is_enabled()
                        && (tape.halves != null || !torch.is_autocast_enabled(DeviceType.CPU))
                ? tape
                : null;
    }

    /** The open tape, where parts compute their activations once more; null where they keep them. */
    static @Nullable Tape recomputing(Mode mode) {
        Tape tape = mode.training() ? CURRENT.get() : null;
        return tape != null && tape.recomputing && GradMode.is_enabled() ? tape : null;
    }

    /** The open tape of this thread. */
    static Tape current() {
        Tape tape = CURRENT.get();
        if (tape == null) {
            throw new IllegalStateException("this thread has no open tape");
        }
        return tape;
    }

    /** A tape in this one's place until it is closed, on which parts keep their activations. */
    Tape inner() {
        Tape inner = new Tape(fused, /* recomputing= */ false);
        inner.halves = halves;
        CURRENT.set(inner);
        return inner;
    }

    /** Takes its place again. */
    void resume() {
        CURRENT.set(this);
    }

    /**
     * Records a part.
     *
     * @param output computed with gradients off
     * @param part how its gradient goes on
     * @return the output, now a leaf that requires a gradient
     */
    Tensor record(Tensor output, Part part) {
        recorded.add(new Recorded(output.set_requires_grad(true), part));
        return output;
    }

    /**
     * Adds the gradients of a loss to all parameters that it depends on, through the engine's graph and through the
     * parts recorded since the last call: {@code loss.backward()} for a forward pass under this tape.
     *
     * @param loss a single number that depends on something with a gradient
     * @throws IllegalStateException when the tape is closed or belongs to another thread
     */
    public void backward(Tensor loss) {
        backward(loss, new Tensor());
    }

    /**
     * As {@link #backward(Tensor)}, from any tensor: {@code output.backward(gradient)}.
     *
     * @param output what depends on something with a gradient
     * @param gradient of the output's shape; undefined for that of a single number, which is 1
     * @throws IllegalStateException when the tape is closed or belongs to another thread
     */
    public void backward(Tensor output, Tensor gradient) {
        if (CURRENT.get() != this) {
            throw new IllegalStateException("the tape is closed, or another thread opened it:"
                    + " go backward on the thread of the forward pass, before closing its tape");
        }
        try (Gradients.Guard off = Gradients.off()) {
            backward(output, gradient, !recorded.isEmpty());
            for (int i = recorded.size() - 1; i >= 0; i--) {
                Tensor arrived = recorded.get(i).output().grad();
                if (arrived.defined()) {
                    recorded.get(i).part().backward(arrived);
                }
            }
        } finally {
            recorded.clear();
        }
    }

    /**
     * Adds a gradient to a tensor and to what it was computed from.
     *
     * @param to what requires a gradient
     * @param gradient of its shape; nobody else's, it may be kept and changed
     */
    static void give(Tensor to, Tensor gradient) {
        if (!to.is_leaf()) {
            backward(to, gradient, /* retain= */ true);
            return;
        }
        Tensor sum = to.mutable_grad();
        if (sum.defined()) {
            sum.add_(gradient);
        } else {
            sum.put(gradient);
        }
        given(to, to.dim() == 0 ? 1 : to.size(0));
    }

    private static void backward(Tensor from, Tensor gradient, boolean retain) {
        from.backward(gradient, new BoolOptional(retain), /* create_graph= */ false, new TensorArrayRefOptional());
    }

    /** Forgets what was recorded. Closing twice is harmless. */
    @Override
    public void close() {
        recorded.clear();
        if (CURRENT.get() == this) {
            CURRENT.remove();
        }
    }
}
