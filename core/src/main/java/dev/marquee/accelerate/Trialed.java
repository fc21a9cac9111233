package dev.marquee.accelerate;

import dev.marquee.accelerate.Finding.Verdict;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.Spread;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A technique in the course of a {@link Search}. */
final class Trialed {
    /** The first losses of trainings that differ by rounding differ by less. */
    private static final double ROUNDING = 1e-3;

    final Technique technique;
    final Proposal proposal;
    /** Whether its quality must be measured. */
    boolean changesNumbers;

    @Nullable
    Timing timing;

    @Nullable
    Gain gain;

    @Nullable
    QualityChange quality;

    Verdict verdict = Verdict.NOT_MEASURED;
    String reason = "there was no time for it";

    Trialed(Technique technique, Proposal proposal) {
        this.technique = technique;
        this.proposal = proposal;
        this.changesNumbers = technique.effect() == Technique.Effect.QUALITY;
        if (proposal.refusal() != null) {
            judge(Verdict.REFUSED, proposal.refusal());
        }
    }

    void judge(Verdict given, String words) {
        verdict = given;
        reason = words;
    }

    /** The verdict on the time; what is faster and changes numbers has to wait for that on its quality. */
    void judgeSpeed(Timing base, Timing measured) {
        timing = measured;
        if (measured.failure() != null) {
            judge(Verdict.FAILED, measured.failure());
            return;
        }
        Series baseSeries = base.series();
        Series own = measured.series();
        if (baseSeries == null || own == null) {
            return;
        }
        Gain over = Gain.of(baseSeries, own);
        gain = over;
        double deviation = Math.abs(measured.firstLoss() / base.firstLoss() - 1);
        String checked = "";
        if (!changesNumbers && !(deviation <= ROUNDING)) {
            changesNumbers = true;
            checked = String.format(
                    Locale.ROOT,
                    "; its first losses differ by %.1g %%, as with dropout, so its quality is measured too",
                    100 * deviation);
        }
        if (over.faster()) {
            judge(changesNumbers ? Verdict.QUALITY_UNKNOWN : Verdict.RECOMMENDED, "faster" + checked);
        } else if (over.slower()) {
            judge(Verdict.SLOWER, "by more than noise");
        } else {
            judge(Verdict.NO_GAIN, "");
        }
    }

    /** The verdict on the quality of what is faster. */
    void judgeQuality(QualityChange change, double most) {
        quality = change;
        String words = "loss " + percent(change.change()) + " (" + percent(change.low(), change.high()) + ")";
        String tolerance = String.format(Locale.ROOT, "%.2f %%", 100 * most);
        switch (change.within(most)) {
            case WITHIN -> judge(Verdict.RECOMMENDED, "faster, within the tolerance: " + words);
            case BEYOND -> judge(Verdict.COSTS_QUALITY, words + ": more than the " + tolerance + " that are tolerated");
            case UNDECIDED ->
                judge(
                        Verdict.QUALITY_UNKNOWN,
                        words + ": not shown to stay within " + tolerance
                                + "; more time, more validation samples or --seeds may tell");
        }
    }

    boolean possible() {
        return verdict != Verdict.REFUSED && verdict != Verdict.FAILED;
    }

    /** May be part of a combination: it costs no quality, and alone it is not slower. */
    boolean allowed() {
        Gain own = gain;
        return possible() && own != null && !own.slower() && (!changesNumbers || verdict == Verdict.RECOMMENDED);
    }

    boolean conflictsWith(Map<String, Object> settings) {
        return Techniques.exclude(proposal.settings(), settings)
                || proposal.settings().entrySet().stream()
                        .anyMatch(own -> settings.containsKey(own.getKey())
                                && !settings.get(own.getKey()).equals(own.getValue()));
    }

    Map<String, Object> addedTo(Map<String, Object> settings) {
        Map<String, Object> all = new LinkedHashMap<>(settings);
        all.putAll(proposal.settings());
        return all;
    }

    /** Samples per second from seconds per sample. */
    static @Nullable Spread rate(@Nullable Series series) {
        if (series == null) {
            return null;
        }
        Spread seconds = series.seconds();
        return new Spread(1 / seconds.median(), 1 / seconds.max(), 1 / seconds.min(), seconds.count());
    }

    static String percent(double... shares) {
        return String.join(
                " to ",
                Arrays.stream(shares)
                        .mapToObj(share -> String.format(Locale.ROOT, "%+.2f %%", 100 * share))
                        .toList());
    }
}
