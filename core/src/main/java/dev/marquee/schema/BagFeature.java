package dev.marquee.schema;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import java.util.List;
import java.util.Optional;

/**
 * Any number of values without an order: genres, interests. Their embeddings are averaged or added.
 *
 * @param name the name by which models and reports know it
 * @param columns the column it is read from, a list or a text with separators; or several columns of one value each;
 *     the name where empty
 * @param separator what separates the values of a text
 * @param table the table of ids and embeddings that it uses; the name where absent
 * @param minimumCount how often a value must occur in the training rows to get an id of its own
 * @param maximumIds how many values get an id of their own at most, the most frequent ones
 * @param hash if present, there is no vocabulary: values are hashed to this many ids
 * @param maximumLength how many values count; further ones are left out
 * @param pooling how the embeddings become one
 */
@Kind("bag")
public record BagFeature(
        @About("name by which models and reports know it") String name,

        @About("a column of lists or of texts with separators, or several columns of one value each; empty: the name")
        List<String> columns,

        @About("separates the values of a text") String separator,

        @About("table of ids and embeddings, shared by the features that name it; absent: the name")
        Optional<String> table,

        @About("occurrences in the training rows from which a value has an id of its own") @Range(atLeast = 1)
        int minimumCount,

        @About("values with an id of their own, at most: the most frequent ones") @Range(atLeast = 1)
        Optional<Integer> maximumIds,

        @About("hash values to this many ids instead of learning a vocabulary")
        @Range(atLeast = 1, atMost = 2_000_000_000)
        Optional<Integer> hash,

        @About("values that count; further ones are left out") @Range(atLeast = 1)
        int maximumLength,

        @About("how the embeddings become one: mean or sum") Pooling pooling)
        implements FeatureConfig {
    /** The values of absent keys. */
    public static final BagFeature DEFAULT = new BagFeature(
            "", List.of(), "|", Optional.empty(), 2, Optional.empty(), Optional.empty(), 32, Pooling.MEAN);

    /** How the embeddings of a bag become one. */
    public enum Pooling {
        /** Their mean; zeros for an empty bag. */
        MEAN,
        /** Their sum. */
        SUM
    }

    /** Checks the values. */
    public BagFeature {
        columns = List.copyOf(columns);
        Sections.validate(
                BagFeature.class,
                name,
                columns,
                separator,
                table,
                minimumCount,
                maximumIds,
                hash,
                maximumLength,
                pooling);
    }
}
