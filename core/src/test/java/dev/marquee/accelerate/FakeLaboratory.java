package dev.marquee.accelerate;

import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.Processor;
import dev.marquee.recipe.Recipe;
import dev.marquee.train.StepWork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Measures nothing: speeds and changes of the loss are those of functions, noise that of a fixed pattern. */
final class FakeLaboratory implements Laboratory {
    /** Relative noise, drawn turn by turn, the same in every run. */
    double noise = 0.01;

    ToDoubleFunction<Recipe> speed = recipe -> 1;
    ToDoubleFunction<Recipe> firstLoss = recipe -> 0.7;
    /** What a recipe's loss is, relative to the baseline's. */
    ToDoubleFunction<Recipe> change = recipe -> 0;

    double uncertainty = 0.001;
    Function<Recipe, Optional<String>> failure = recipe -> Optional.empty();
    OptionalInt stopAfterCalls = OptionalInt.empty();
    final List<List<String>> timed = new ArrayList<>();
    final List<String> judged = new ArrayList<>();

    static Situation situation(Recipe baseline) {
        Processor processor = new Processor("made up", 2, List.of("AVX-512"), List.of("AVX-512 BF16"));
        return new Situation(baseline, 2, processor, true, true, 1_000_000, 0);
    }

    @Override
    public Situation look(Recipe baseline) {
        return situation(baseline);
    }

    @Override
    public List<Timing> time(String phase, List<Arm> arms, int turns, double seconds) {
        timed.add(arms.stream().map(Arm::name).toList());
        return arms.stream()
                .map(arm -> failure.apply(arm.recipe())
                        .map(Timing::failed)
                        .orElseGet(() -> timing(arm, turns, arms.indexOf(arm))))
                .toList();
    }

    private Timing timing(Arm arm, int turns, int place) {
        SplittableRandom random = new SplittableRandom(place);
        double[] seconds = new double[turns];
        Arrays.setAll(
                seconds,
                turn -> (1 + noise * (random.nextDouble() - 0.5)) / (1000 * speed.applyAsDouble(arm.recipe())));
        return new Timing(
                new Series(arm.name(), seconds), firstLoss.applyAsDouble(arm.recipe()), 4, StepWork.NONE, null);
    }

    @Override
    public Optional<QualityChange> quality(Arm baseline, Arm candidate, long samples, int seeds) {
        judged.add(candidate.name());
        double by = change.applyAsDouble(candidate.recipe());
        return Optional.of(new QualityChange(
                0.5, 0.5 * (1 + by), by, by - uncertainty, by + uncertainty, samples, seeds, 1000, Map.of(), Map.of()));
    }

    @Override
    public boolean stopped() {
        return stopAfterCalls.isPresent() && timed.size() >= stopAfterCalls.getAsInt();
    }

    @Override
    public void close() {}
}
