package dev.marquee.schema;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import java.util.List;
import java.util.Optional;

/**
 * Values in their order: what a user clicked before. Models with attention relate it to the feature that it names as its
 * target, whose table it shares; the others pool it.
 *
 * @param name the name by which models and reports know it
 * @param columns the column it is read from, a list or a text with separators; or several columns of one value each;
 *     the name where empty
 * @param separator what separates the values of a text
 * @param target the categorical feature of the candidate that the values are compared with, such as the ad's id: the
 *     sequence shares its table
 * @param table the table of ids and embeddings where there is no target; the name where absent
 * @param minimumCount how often a value must occur in the training rows to get an id of its own; not with a target
 * @param maximumIds how many values get an id of their own at most; not with a target
 * @param hash if present, there is no vocabulary: values are hashed to this many ids; not with a target
 * @param maximumLength how many values count
 * @param keep which end of a longer sequence counts
 * @param history sequences of the same history stand side by side, element by element: the topic of the ad at the same
 *     position; their embeddings are joined
 */
@Kind("sequence")
public record SequenceFeature(
        @About("name by which models and reports know it") String name,

        @About("a column of lists or of texts with separators, or several columns of one value each; empty: the name")
        List<String> columns,

        @About("separates the values of a text") String separator,

        @About("categorical feature of the candidate that the values are compared with, whose table it shares")
        Optional<String> target,

        @About("table of ids and embeddings where there is no target; absent: the name")
        Optional<String> table,

        @About("occurrences in the training rows from which a value has an id of its own; not with a target")
        @Range(atLeast = 1)
        int minimumCount,

        @About("values with an id of their own, at most: the most frequent ones; not with a target") @Range(atLeast = 1)
        Optional<Integer> maximumIds,

        @About("hash values to this many ids instead of learning a vocabulary; not with a target")
        @Range(atLeast = 1, atMost = 2_000_000_000)
        Optional<Integer> hash,

        @About("values that count") @Range(atLeast = 1) int maximumLength,

        @About("which end of a longer sequence counts: first or last")
        Keep keep,

        @About("sequences of the same history stand side by side, element by element")
        String history)
        implements FeatureConfig {
    /** The values of absent keys. */
    public static final SequenceFeature DEFAULT = new SequenceFeature(
            "",
            List.of(),
            "|",
            Optional.empty(),
            Optional.empty(),
            2,
            Optional.empty(),
            Optional.empty(),
            50,
            Keep.LAST,
            "history");

    /** Which end of a longer sequence counts. */
    public enum Keep {
        /** The beginning. */
        FIRST,
        /** The end: the newest, where sequences grow at the end. */
        LAST
    }

    /** Checks the values. */
    public SequenceFeature {
        columns = List.copyOf(columns);
        Sections.validate(
                SequenceFeature.class,
                name,
                columns,
                separator,
                target,
                table,
                minimumCount,
                maximumIds,
                hash,
                maximumLength,
                keep,
                history);
    }
}
