package dev.marquee.accelerate;

import dev.marquee.accelerate.Finding.Verdict;
import dev.marquee.config.ConfigException;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.recipe.Recipe;
import dev.marquee.train.DivergedException;
import dev.marquee.train.StepWork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures the techniques one by one, what those cost that change the numbers, and then greedily the best combination:
 * from the fastest one that keeps the quality, another is added as long as that is faster by more than noise.
 */
final class Search {
    private static final double SINGLES = 0.35;
    private static final double QUALITY = 0.35;
    private static final double ROUND = 0.06;
    private static final double LAST = 0.1;
    /** A training of fewer steps shows nothing. */
    private static final int FEWEST_STEPS = 20;

    private final Laboratory laboratory;
    private final Recipe given;
    private final Recipe baseline;
    private final Situation situation;
    private final AccelerateOptions options;
    private final List<Trialed> trialed = new ArrayList<>();
    private final List<Trialed> combination = new ArrayList<>();
    private @Nullable Timing baselineTiming;
    private @Nullable Timing givenTiming;
    private @Nullable Timing combinationTiming;
    private Map<String, Object> changes = Map.of();
    private boolean change;
    private @Nullable QualityChange combinationQuality;
    private boolean complete;

    /**
     * What came out.
     *
     * @param findings the baseline, the recipe as it is, the techniques, and the combination if there is one
     * @param changes of the recipe as it is, of which the best consists
     * @param change whether that is faster than the recipe as it is by more than noise
     * @param complete whether everything was measured
     */
    record Result(List<Finding> findings, Map<String, Object> changes, boolean change, boolean complete) {}

    Search(
            Laboratory laboratory,
            Recipe given,
            Recipe baseline,
            Situation situation,
            List<Technique> techniques,
            AccelerateOptions options) {
        this.laboratory = laboratory;
        this.given = given;
        this.baseline = baseline;
        this.situation = situation;
        this.options = options;
        techniques.forEach(technique -> trialed.add(new Trialed(technique, proposal(technique))));
    }

    Result run() {
        timeSingles();
        if (!laboratory.stopped()) {
            measureQuality();
        }
        if (!laboratory.stopped()) {
            combine();
        }
        if (!laboratory.stopped()) {
            keepQuality();
        }
        if (!laboratory.stopped()) {
            timeLast();
            complete = !laboratory.stopped();
        }
        return result();
    }

    /** Whether the settings make a recipe is found out at once. */
    private Proposal proposal(Technique technique) {
        Proposal proposal = technique.proposal().apply(situation);
        if (proposal.refusal() == null) {
            try {
                baseline.with(proposal.settings());
            } catch (ConfigException e) {
                return Proposal.refused(String.valueOf(e.getMessage()));
            }
        }
        return proposal;
    }

    private void timeSingles() {
        List<Trialed> possible = trialed.stream().filter(Trialed::possible).toList();
        List<Arm> arms = new ArrayList<>(List.of(new Arm("baseline", baseline), new Arm("the recipe as it is", given)));
        possible.forEach(one -> arms.add(arm(one.technique.name(), one.proposal.settings())));
        List<Timing> timings = laboratory.time("speed", arms, options.turns(), SINGLES * options.seconds());
        Timing base = timings.get(0);
        if (base.failure() != null) {
            throw new IllegalArgumentException("the recipe does not train on one thread: " + base.failure());
        }
        baselineTiming = base;
        givenTiming = timings.get(1);
        for (int i = 0; i < possible.size(); i++) {
            possible.get(i).judgeSpeed(base, timings.get(i + 2));
        }
    }

    private void measureQuality() {
        List<Trialed> asked = trialed.stream()
                .filter(one -> one.verdict == Verdict.QUALITY_UNKNOWN)
                .toList();
        Trialed carrier = carrier();
        Map<String, Object> carried = carrier == null ? Map.of() : carrier.proposal.settings();
        long samples = samples(asked.size(), carrier);
        for (Trialed one : asked) {
            Map<String, Object> with = one.conflictsWith(carried) ? one.proposal.settings() : one.addedTo(carried);
            try {
                judgeQuality(one, quality(carried, one.technique.name(), with, samples));
            } catch (DivergedException e) {
                one.judge(Verdict.FAILED, String.valueOf(e.getMessage()));
            }
        }
    }

    private void judgeQuality(Trialed one, Optional<QualityChange> measured) {
        if (measured.isEmpty()) {
            one.judge(
                    Verdict.QUALITY_UNKNOWN,
                    laboratory.stopped()
                            ? "faster, but there was no time to measure its quality"
                            : "faster, but there are no validation samples to measure its quality on");
            return;
        }
        one.judgeQuality(measured.get(), options.tolerance());
    }

    private Optional<QualityChange> quality(
            Map<String, Object> carried, String name, Map<String, Object> settings, long samples) {
        return laboratory.quality(arm("baseline", carried), arm(name, settings), samples, options.seeds());
    }

    /** The fastest of those that change nothing but rounding; trainings whose quality is measured use it. */
    private @Nullable Trialed carrier() {
        return trialed.stream()
                .filter(one -> !one.changesNumbers && one.verdict == Verdict.RECOMMENDED)
                .max(Comparator.comparingDouble(Search::times))
                .orElse(null);
    }

    private static double times(Trialed one) {
        Gain gain = one.gain;
        return gain == null ? 0 : gain.times();
    }

    /** How many samples trainings see: as many as there is time for, in whole batches of any of the sizes tried. */
    private long samples(int trainings, @Nullable Trialed carrier) {
        Timing timing = carrier == null ? baselineTiming : carrier.timing;
        Series series = timing == null ? null : timing.series();
        double rate = series == null ? 0 : 1 / series.seconds().median();
        int batch = baseline.data().batchSize();
        // The baseline, and the combination at the end.
        double affordable = QUALITY * options.seconds() * rate / ((trainings + 2.0) * options.seeds());
        double most = (double) situation.trainingSamples() * baseline.train().epochs();
        if (options.rows() > 0) {
            most = Math.min(most, options.rows());
        }
        long unit = 4L * batch;
        long samples = (long) Math.min(affordable, most) / unit * unit;
        return Math.max(samples, Math.min((long) FEWEST_STEPS * batch, (long) most));
    }

    private void combine() {
        List<Trialed> remaining =
                new ArrayList<>(trialed.stream().filter(Trialed::allowed).toList());
        Optional<Trialed> first = remaining.stream()
                .filter(one -> one.verdict == Verdict.RECOMMENDED)
                .max(Comparator.comparingDouble(Search::times));
        if (first.isEmpty()) {
            return;
        }
        combination.add(first.get());
        remaining.remove(first.get());
        while (!laboratory.stopped()) {
            remaining.removeIf(one -> one.conflictsWith(settings()));
            if (remaining.isEmpty()) {
                return;
            }
            Optional<Trialed> best = bestAddition(remaining);
            if (best.isEmpty()) {
                return;
            }
            combination.add(best.get());
            remaining.remove(best.get());
        }
    }

    /** The one that makes the combination fastest; those that make it slower are not tried again. */
    private Optional<Trialed> bestAddition(List<Trialed> remaining) {
        List<Arm> arms = new ArrayList<>(List.of(arm("the best so far", settings())));
        remaining.forEach(one -> arms.add(arm("with " + one.technique.name(), one.addedTo(settings()))));
        double seconds = ROUND * options.seconds();
        List<Timing> timings = laboratory.time("combination", arms, options.turns(), seconds);
        Trialed best = null;
        double bestTimes = 1;
        List<Trialed> slower = new ArrayList<>();
        Series current = timings.get(0).series();
        for (int i = 0; i < remaining.size(); i++) {
            Series with = timings.get(i + 1).series();
            if (current == null || with == null) {
                slower.add(remaining.get(i));
                continue;
            }
            Gain gain = Gain.of(current, with);
            if (gain.faster() && gain.times() > bestTimes) {
                best = remaining.get(i);
                bestTimes = gain.times();
            } else if (gain.slower()) {
                slower.add(remaining.get(i));
            }
        }
        remaining.removeAll(slower);
        return Optional.ofNullable(best);
    }

    /** Techniques that are harmless alone may not be together: what was added last goes first. */
    private void keepQuality() {
        List<Trialed> costly = costly();
        if (costly.size() == 1) {
            combinationQuality = costly.get(0).quality;
        }
        while (costly.size() > 1 && !laboratory.stopped()) {
            Trialed carrier = carrier();
            Map<String, Object> carried = carrier == null ? Map.of() : carrier.proposal.settings();
            Optional<QualityChange> together = quality(
                    carried,
                    "the combination",
                    settings(),
                    Objects.requireNonNull(costly.get(0).quality).samples());
            if (together.isEmpty()) {
                return;
            }
            combinationQuality = together.get();
            if (together.get().within(options.tolerance()) == QualityChange.Answer.WITHIN) {
                return;
            }
            Trialed dropped = costly.get(costly.size() - 1);
            dropped.judge(Verdict.NOT_ADDED, "within the tolerance alone, but not together with the others");
            combination.remove(dropped);
            costly = costly();
            combinationQuality = costly.get(0).quality;
        }
    }

    private List<Trialed> costly() {
        return combination.stream().filter(one -> one.changesNumbers).toList();
    }

    /** What would be recommended against what was given. */
    private void timeLast() {
        changes = Winner.changes(given, trialed, settings(), situation.apart());
        Recipe winner = Winner.of(given, changes, situation.apart());
        List<Arm> arms = new ArrayList<>(List.of(new Arm("baseline", baseline), new Arm("the recipe as it is", given)));
        if (!winner.equals(given)) {
            arms.add(new Arm("the combination", winner));
        }
        List<Timing> timings = laboratory.time("the best", arms, options.turns(), LAST * options.seconds());
        Series asGiven = timings.get(1).series();
        Series best = arms.size() < 3 ? null : timings.get(2).series();
        if (timings.get(0).series() != null) {
            baselineTiming = timings.get(0);
            givenTiming = timings.get(1);
            combinationTiming = best == null ? null : timings.get(2);
        }
        // Where the given recipe cannot be trained at all, whatever can be is better.
        boolean failed = timings.get(1).failure() != null;
        change = best != null
                && (asGiven == null ? failed : Gain.of(asGiven, best).faster());
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        combination.forEach(one -> settings.putAll(one.proposal.settings()));
        return settings;
    }

    private Arm arm(String name, Map<String, Object> settings) {
        return new Arm(name, baseline.with(settings));
    }

    private Result result() {
        Timing base = baselineTiming;
        List<Finding> findings = new ArrayList<>();
        findings.add(finding("baseline", "One thread, float32, nothing fused.", Map.of(), Verdict.BASELINE, "", base));
        findings.add(finding(
                "the recipe as it is", "The settings that were given.", Map.of(), Verdict.GIVEN, "", givenTiming));
        for (Trialed one : trialed) {
            if (one.verdict == Verdict.RECOMMENDED && complete && !combination.contains(one)) {
                one.judge(Verdict.NOT_ADDED, one.reason + "; adds nothing to the combination");
            } else if (one.verdict != Verdict.RECOMMENDED && combination.contains(one)) {
                one.judge(Verdict.RECOMMENDED, "faster together with the others");
            }
            findings.add(new Finding(
                    one.technique.name(),
                    one.technique.explanation(),
                    one.proposal.settings(),
                    one.verdict,
                    one.reason,
                    batch(one.proposal.settings()),
                    one.timing == null ? null : Trialed.rate(one.timing.series()),
                    one.gain,
                    one.timing == null ? 0 : one.timing.stateBytes(),
                    one.timing == null ? StepWork.NONE : one.timing.work(),
                    one.quality));
        }
        if (combinationTiming != null) {
            String names = String.join(
                    " + ", combination.stream().map(one -> one.technique.name()).toList());
            Finding of = finding(
                    combination.isEmpty() ? "best: without what harms" : "best: " + names,
                    "The best combination.",
                    settings(),
                    !complete ? Verdict.NOT_MEASURED : change ? Verdict.BEST : Verdict.NO_GAIN,
                    !complete ? "stopped before its end" : change ? "" : "not faster than the recipe as it is",
                    combinationTiming);
            findings.add(new Finding(
                    of.name(),
                    of.explanation(),
                    of.settings(),
                    of.verdict(),
                    of.reason(),
                    of.batch(),
                    of.samplesPerSecond(),
                    of.gain(),
                    of.stateBytes(),
                    of.work(),
                    combinationQuality));
        }
        return new Result(findings, changes, change, complete);
    }

    private Finding finding(
            String name,
            String explanation,
            Map<String, Object> settings,
            Verdict verdict,
            String words,
            @Nullable Timing timing) {
        Timing base = baselineTiming;
        Series baseSeries = base == null ? null : base.series();
        Series own = timing == null ? null : timing.series();
        boolean comparable = baseSeries != null && own != null;
        boolean failed = timing != null && timing.failure() != null;
        return new Finding(
                name,
                explanation,
                settings,
                failed ? Verdict.FAILED : verdict,
                failed ? String.valueOf(timing.failure()) : words,
                batch(settings),
                Trialed.rate(own),
                comparable ? Gain.of(baseSeries, own) : null,
                timing == null ? 0 : timing.stateBytes(),
                timing == null ? StepWork.NONE : timing.work(),
                null);
    }

    private int batch(Map<String, Object> settings) {
        return (Integer)
                settings.getOrDefault("data.batch_size", baseline.data().batchSize());
    }
}
