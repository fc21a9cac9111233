package dev.marquee.accelerate;

import dev.marquee.data.DataConfig;
import dev.marquee.data.Dataset;
import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Processor;
import dev.marquee.train.DivergedException;
import dev.marquee.train.RowLosses;
import dev.marquee.train.StepWork;
import dev.marquee.train.Trial;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Measures trainings of this machine. Data are opened once for all trials that read them alike. */
final class TrialLaboratory implements Laboratory {
    /** The first steps, whose losses are compared; they also warm up. */
    private static final int FIRST_STEPS = 5;

    private static final double LOOKED_AT_SECONDS = 0.5;
    private static final int MOST_VALIDATION_ROWS = 100_000;
    /** Between two looks at whether to stop. */
    private static final double CHUNK_SECONDS = 0.5;

    private final Watcher watcher;
    private final int cores;
    private final Map<Data, Dataset> opened = new HashMap<>();
    private final Map<Trained, Optional<RowLosses>> trained = new HashMap<>();
    private final Map<Arm, String> failures = new HashMap<>();
    private long denseParameters;
    private long embeddingParameters;

    private record Data(DataConfig config, long seed) {}

    private record Trained(Recipe recipe, long samples) {}

    /** An arm at work. */
    private static final class Bench {
        final Arm arm;
        final Trial trial;
        final double firstLoss;
        final long stateBytes;
        final StepWork work;
        int steps = 1;
        String failure = "";

        Bench(Arm arm, Trial trial) {
            this.arm = arm;
            this.trial = trial;
            this.firstLoss = trial.steps(FIRST_STEPS).loss();
            this.stateBytes = trial.stateBytes();
            this.work = trial.work();
        }
    }

    TrialLaboratory(Watcher watcher, int cores) {
        this.watcher = watcher;
        this.cores = cores;
    }

    /** The numbers of the network looked at last. */
    long denseParameters() {
        return denseParameters;
    }

    long embeddingParameters() {
        return embeddingParameters;
    }

    @Override
    public Situation look(Recipe baseline) {
        Dataset data = data(baseline, true);
        try (Trial trial = Trial.open(baseline, data, OptionalLong.empty())) {
            trial.steps(FIRST_STEPS);
            double waiting = 0;
            double seconds = 0;
            while (seconds < LOOKED_AT_SECONDS) {
                Trial.Steps steps = trial.steps(FIRST_STEPS);
                waiting += steps.waiting();
                seconds += steps.seconds();
            }
            denseParameters = trial.denseParameters();
            embeddingParameters = trial.embeddingParameters();
            return new Situation(
                    baseline,
                    cores,
                    Processor.detect(),
                    trial.samplesApart(),
                    embeddingParameters > 0,
                    data.trainingSamples(),
                    waiting / seconds);
        }
    }

    @Override
    public List<Timing> time(String phase, List<Arm> arms, int turns, double seconds) {
        Map<Arm, Timing> timings = new HashMap<>();
        List<Bench> benches = new ArrayList<>();
        watcher.phase(phase, (long) arms.size() * (turns + 1));
        try {
            for (Arm arm : arms) {
                open(arm).ifPresent(benches::add);
            }
            for (Arm arm : arms) {
                if (benches.stream().noneMatch(bench -> bench.arm.equals(arm))) {
                    timings.put(arm, Timing.failed(failures.getOrDefault(arm, "there was no time for it")));
                }
            }
            if (!benches.isEmpty()) {
                timings.putAll(time(benches, turns, seconds / ((turns + 1) * benches.size())));
            }
        } finally {
            benches.forEach(bench -> bench.trial.close());
        }
        return arms.stream().map(timings::get).toList();
    }

    @Override
    public Optional<QualityChange> quality(Arm baseline, Arm candidate, long samples, int seeds) {
        List<RowLosses> before = new ArrayList<>();
        List<RowLosses> after = new ArrayList<>();
        long first = baseline.recipe().seed();
        for (long seed = first; seed < first + seeds; seed++) {
            Optional<RowLosses> one = train(baseline, seed, samples);
            Optional<RowLosses> other = one.isEmpty() ? one : train(candidate, seed, samples);
            if (one.isEmpty() || other.isEmpty() || one.get().losses().length == 0) {
                return Optional.empty();
            }
            before.add(one.get());
            after.add(other.get());
        }
        return Optional.of(QualityChange.of(before, after, samples));
    }

    @Override
    public boolean stopped() {
        return watcher.stopRequested();
    }

    @Override
    public void close() {
        opened.values().forEach(Dataset::close);
        opened.clear();
    }

    private Optional<Bench> open(Arm arm) {
        if (stopped()) {
            return Optional.empty();
        }
        Trial trial = null;
        try {
            trial = Trial.open(arm.recipe(), data(arm.recipe(), false), OptionalLong.empty());
            return Optional.of(new Bench(arm, trial));
        } catch (IllegalArgumentException | IllegalStateException | DivergedException e) {
            if (trial != null) {
                trial.close();
            }
            failures.put(arm, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private Map<Arm, Timing> time(List<Bench> benches, int turns, double turn) {
        long[] done = {0};
        for (Bench bench : benches) {
            if (!stopped()) {
                bench.steps = stepsIn(turn, bench.trial);
            }
            watcher.advanced(++done[0]);
        }
        List<Alternative<RuntimeException>> alternatives = new ArrayList<>();
        for (Bench bench : benches) {
            alternatives.add(new Alternative<>(bench.arm.name(), () -> {
                double seconds = secondsPerSample(bench);
                watcher.advanced(++done[0]);
                return seconds;
            }));
        }
        List<Series> series;
        try {
            series = Interleaved.run(alternatives, 0, turns, 0, () -> !stopped());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        Map<Arm, Timing> timings = new HashMap<>();
        for (int i = 0; i < benches.size(); i++) {
            Bench bench = benches.get(i);
            timings.put(
                    bench.arm,
                    bench.failure.isEmpty()
                            ? new Timing(
                                    series.isEmpty() ? null : series.get(i),
                                    bench.firstLoss,
                                    bench.stateBytes,
                                    bench.work,
                                    null)
                            : Timing.failed(bench.failure));
        }
        return timings;
    }

    /** How many steps take about that long. */
    private static int stepsIn(double seconds, Trial trial) {
        int steps = 2;
        double taken = trial.steps(steps).seconds();
        while (taken < seconds / 4) {
            steps *= 2;
            taken = trial.steps(steps).seconds();
        }
        return Math.max(1, (int) Math.round(steps * seconds / taken));
    }

    private static double secondsPerSample(Bench bench) {
        if (!bench.failure.isEmpty()) {
            return 1;
        }
        try {
            bench.trial.steps(1); // wakes the threads; not counted
            Trial.Steps steps = bench.trial.steps(bench.steps);
            return steps.seconds() / steps.samples();
        } catch (DivergedException e) {
            bench.failure = String.valueOf(e.getMessage());
            return 1;
        }
    }

    /** Trains one seed; empty where it was stopped. A training that diverges loses everything. */
    private Optional<RowLosses> train(Arm arm, long seed, long samples) {
        Recipe recipe = arm.recipe().with("seed", seed);
        Trained key = new Trained(recipe, samples);
        Optional<RowLosses> known = trained.getOrDefault(key, Optional.empty());
        if (known.isPresent()) {
            return known;
        }
        watcher.phase("quality of " + arm.name(), samples);
        try (Trial trial = Trial.open(recipe, data(recipe, false), OptionalLong.of(samples))) {
            int batch = recipe.data().batchSize();
            int steps = 1;
            while (trial.samples() < samples) {
                if (stopped()) {
                    return Optional.empty();
                }
                long left = (samples - trial.samples() + batch - 1) / batch;
                Trial.Steps made = trial.steps((int) Math.min(steps, left));
                steps = made.seconds() < CHUNK_SECONDS / 2 ? 2 * steps : steps;
                watcher.advanced(trial.samples());
            }
            Optional<RowLosses> measured = Optional.of(trial.evaluate(MOST_VALIDATION_ROWS));
            trained.put(key, measured);
            return measured;
        }
    }

    private Dataset data(Recipe recipe, boolean tell) {
        return opened.computeIfAbsent(
                new Data(recipe.data(), recipe.seed()),
                key -> recipe.data().open(recipe.seed(), message -> {
                    if (tell) {
                        watcher.notice("data", message);
                    }
                }));
    }
}
