package dev.marquee.tensor;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread's random numbers come from: the engine's default generator, or one of the thread's own, so that threads
 * side by side draw the same numbers in every run.
 */
public final class Draws implements AutoCloseable {
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
        long mixed = Engine.mix(Engine.mix(seed * 0x9E3779B97F4A7C15L + step) + share);
        Draws own = OWN.get();
        if (own == null) {
            Engine.seed(mixed);
        } else {
            own.generator.set_current_seed(mixed);
        }
    }

    @Override
    public void close() {
        OWN.remove();
        given.releaseReference();
        generator.releaseReference();
    }
}
