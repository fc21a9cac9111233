package dev.marquee.tensor;

import java.nio.FloatBuffer;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread's random numbers come from: the engine's default generator, or one of the thread's own, so that threads
 * side by side draw the same numbers in every run.
 */
public final class Draws implements AutoCloseable {
    static final long GAMMA = 0x9E3779B97F4A7C15L;
    static final int DRAWS_A_NUMBER = 4;

    private static final ThreadLocal<@Nullable Draws> OWN = new ThreadLocal<>();

    private final Generator generator;
    private final GeneratorOptional given;

    private Draws() {
        generator = torch.createCPUGenerator();
        generator.retainReference();
        given = new GeneratorOptional(generator);
        given.retainReference();
    }

    /** Gives this thread a generator of its own until it is closed. */
    static Draws ofThisThread() {
        try (Scope scope = Scope.open()) {
            Draws draws = new Draws();
            OWN.set(draws);
            return draws;
        }
    }

    /**
     * What operators that draw are given on this thread.
     *
     * @return a generator, or none for the engine's default one
     */
    public static GeneratorOptional generator() {
        Draws own = OWN.get();
        return own == null ? new GeneratorOptional() : own.given;
    }

    /**
     * Seeds what this thread draws from, so that what a step draws depends on the run's seed, the step's number and the
     * share of the batch alone: a resumed run needs no generator state.
     *
     * @param seed the run's seed
     * @param step the step's number
     * @param share which part of the batch this thread works on, from 0
     */
    public static void seed(long seed, long step, int share) {
        long mixed = Engine.mix(Engine.mix(seed * GAMMA + step) + share);
        Draws own = OWN.get();
        if (own == null) {
            Engine.seed(mixed);
        } else {
            own.generator.set_current_seed(mixed);
        }
    }

    /**
     * Bits that depend on three numbers alone.
     *
     * @param seed a run's seed, or another number
     * @param step a step's number
     * @param row the number of a row, or of anything else within the step
     * @return as good as random
     */
    public static long bits(long seed, long step, long row) {
        return Engine.mix(Engine.mix(Engine.mix(seed * GAMMA + step)) + row * GAMMA);
    }

    /**
     * Where this thread's draws stand, so that the same numbers can be drawn once more.
     *
     * @return a tensor in the open scope, for {@link #goTo}
     */
    public static Tensor state() {
        return source().get_state();
    }

    /**
     * Lets this thread's draws go on from where they stood.
     *
     * @param state what {@link #state()} gave on this thread
     */
    public static void goTo(Tensor state) {
        source().set_state(state);
    }

    private static Generator source() {
        Draws own = OWN.get();
        Engine.load();
        return own == null ? torch.getDefaultCPUGenerator() : own.generator;
    }

    /**
     * Draws what values are multiplied with where each stays with a probability: its reciprocal, or 0. Of float32 the
     * probability is rounded to 16 bits, and drawn by SplitMix64 from one number of this thread's generator, which takes two fifths
     * of the time of the engine's own operator. Where a tensor lies elsewhere than in main memory, operators there draw the
     * same numbers, which are a function of that one number and of the place.
     *
     * @param like of which shape and type count
     * @param stays the probability of not being 0, above 0, below 1
     * @return the same shape and type, without gradient, in the open scope
     */
    public static Tensor factors(Tensor like, double stays) {
        try (Gradients.Guard off = Gradients.off()) {
            long size = like.numel();
            if (!like.is_cpu()) {
                return byOperators(Device.of(like), start(), stays, Tensors.shape(like))
                        .to(like.scalar_type());
            }
            if (DType.of(like) == DType.BFLOAT16 || DType.of(like) == DType.FLOAT16) {
                // What float32 draws.
                return factors(Tensors.empty(DType.FLOAT32, Tensors.shape(like)), stays)
                        .to(like.scalar_type());
            }
            if (DType.of(like) != DType.FLOAT32 || size > Integer.MAX_VALUE / Float.BYTES) {
                return torch.empty_like(like).bernoulli_(stays, generator()).div_(new Scalar(stays));
            }
            Tensor drawn = Tensors.empty(DType.FLOAT32, Tensors.shape(like));
            fill(Tensors.bytes(drawn).asFloatBuffer(), start(), stays);
            return drawn;
        }
    }

    /** The number of this thread's generator that all others of a call follow from. */
    private static long start() {
        try (Scope scope = Scope.open()) {
            return Tensors.toLongs(Tensors.empty(DType.INT64, 1).random_(generator()))[0];
        }
    }

    private static int threshold(double stays) {
        return (int) Math.max(1, Math.min(0xFFFF, Math.round(stays * 0x10000)));
    }

    private static float factor(int threshold) {
        return (float) ((double) 0x10000 / threshold);
    }

    /** What {@link #fill} puts, float32, computed on a device; arithmetic on int64 wraps around there as here. */
    static Tensor byOperators(Device device, long start, double stays, long... shape) {
        try (Scope scope = Scope.open()) {
            long size = 1;
            for (long length : shape) {
                size *= length;
            }
            long numbers = (size + DRAWS_A_NUMBER - 1) / DRAWS_A_NUMBER;
            Tensor bits = torch.arange(new Scalar(1L), new Scalar(numbers + 1), device.options(DType.INT64))
                    .mul_(new Scalar(GAMMA))
                    .add_(new Scalar(start));
            bits = Engine.mix(bits).unsqueeze(1); // [numbers, 1]
            Tensor shifts = torch.arange(
                    new Scalar(0L),
                    new Scalar((long) Long.SIZE),
                    new Scalar((long) Short.SIZE),
                    device.options(DType.INT64));
            int threshold = threshold(stays);
            Tensor stay = bits.bitwise_right_shift(shifts)
                    .bitwise_and_(new Scalar(0xFFFFL))
                    .lt(new Scalar((long) threshold)); // [numbers, draws a number]
            return scope.promote(stay.view(-1)
                    .narrow(0, 0, size)
                    .view(shape)
                    .to(DType.FLOAT32.scalarType())
                    .mul_(new Scalar((double) factor(threshold))));
        }
    }

    private static void fill(FloatBuffer into, long start, double stays) {
        int threshold = threshold(stays);
        float factor = factor(threshold);
        int size = into.limit();
        long state = start;
        for (int i = 0; i < size; i += DRAWS_A_NUMBER) {
            state += GAMMA;
            long bits = Engine.mix(state);
            int end = Math.min(size, i + DRAWS_A_NUMBER);
            for (int k = i; k < end; k++) {
                into.put(k, (bits & 0xFFFF) < threshold ? factor : 0);
                bits >>>= Short.SIZE;
            }
        }
    }

    @Override
    public void close() {
        OWN.remove();
        given.releaseReference();
        generator.releaseReference();
    }
}
