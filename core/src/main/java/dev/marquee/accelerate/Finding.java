package dev.marquee.accelerate;

import dev.marquee.measure.Spread;
import dev.marquee.train.StepWork;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was found about one alternative.
 *
 * @param name the technique's, or that of the baseline, the recipe as it is, or the combination
 * @param explanation a sentence
 * @param settings the keys that differ from the baseline, with their values
 * @param verdict in a word
 * @param reason the verdict in words
 * @param batch samples in a step
 * @param samplesPerSecond over the turns; null where it was not measured
 * @param gain over the baseline; null where it was not measured
 * @param stateBytes weights and what the optimiser remembers; 0 where it was not measured
 * @param work of a step, as the profile counts it; nothing where it was not measured
 * @param quality null where it was not measured, as where numbers do not change but for rounding
 */
public record Finding(
        String name,
        String explanation,
        Map<String, Object> settings,
        Verdict verdict,
        String reason,
        int batch,
        @Nullable Spread samplesPerSecond,
        @Nullable Gain gain,
        long stateBytes,
        StepWork work,
        @Nullable QualityChange quality) {
    /** Copies the map. */
    public Finding {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** What to do with an alternative. */
    public enum Verdict {
        /** What all are compared with. */
        BASELINE,
        /** The recipe as it was given. */
        GIVEN,
        /** The best combination. */
        BEST,
        /** Part of what is recommended. */
        RECOMMENDED,
        /** Faster alone, but it adds nothing to the others. */
        NOT_ADDED,
        /** Not faster by more than noise. */
        NO_GAIN,
        /** Slower by more than noise. */
        SLOWER,
        /** Faster, but it costs more quality than is tolerated. */
        COSTS_QUALITY,
        /** Faster, but it was not shown to keep the quality. */
        QUALITY_UNKNOWN,
        /** Not to be had here. */
        REFUSED,
        /** It failed. */
        FAILED,
        /** There was no time for it. */
        NOT_MEASURED
    }
}
