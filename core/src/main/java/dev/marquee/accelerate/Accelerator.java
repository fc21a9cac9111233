package dev.marquee.accelerate;

import dev.marquee.data.PictureDataConfig;
import dev.marquee.measure.Machine;
import dev.marquee.measure.Roofline;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Engine;

/** Finds the settings that make a recipe train faster on this machine. */
public final class Accelerator {
    /** Held out of pictures that come without validation samples, so that the test samples choose nothing. */
    private static final double HELD_OUT = 0.1;

    private Accelerator() {}

    /**
     * Measures the techniques of {@link Techniques#ALL} on a recipe.
     *
     * @param name the recipe's
     * @param given the recipe
     * @param options how much is measured
     * @param watcher told how far it is; when it asks to stop, what was measured so far is the result
     * @return what was found
     * @throws IllegalArgumentException when the recipe does not train
     * @throws dev.marquee.data.DataException when its data are missing or faulty
     */
    public static Acceleration run(String name, Recipe given, AccelerateOptions options, Watcher watcher) {
        if (given.engine().asynchronous()) {
            throw new IllegalArgumentException("what is compared must give the same numbers in every training: set"
                    + " engine.replica_updates=together, and compare trainings without that by hand");
        }
        int cores = Runtime.getRuntime().availableProcessors();
        Machine machine = Machine.detect(cores);
        try (TrialLaboratory laboratory = new TrialLaboratory(watcher, cores)) {
            Recipe measured = measured(given);
            Recipe baseline = measured.with(Techniques.BASELINE);
            Situation situation = laboratory.look(baseline);
            watcher.notice("roof", "measuring matrix products and copies");
            Roofline roofline = Roofline.measure(cores);
            Search search = new Search(laboratory, measured, baseline, situation, Techniques.ALL, options);
            Search.Result result = search.run();
            Recipe winner = result.change() ? Winner.of(given, result.changes(), situation.apart()) : given;
            return new Acceleration(
                    name,
                    given,
                    winner,
                    result.findings(),
                    result.complete(),
                    options,
                    machine,
                    roofline,
                    laboratory.denseParameters(),
                    laboratory.embeddingParameters());
        } finally {
            Engine.useThreads(cores);
        }
    }

    private static Recipe measured(Recipe given) {
        return given.data() instanceof PictureDataConfig && !given.data().holdsOut()
                ? given.with("data.validation_fraction", HELD_OUT)
                : given;
    }
}
