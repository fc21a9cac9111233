package dev.marquee.schema;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import java.util.Optional;

/**
 * One of many: a user, an ad, a country. Its ids are those of {@link Ids}.
 *
 * @param name the name by which models and reports know it
 * @param column the column it is read from; the name where absent
 * @param table the table of ids and embeddings that it uses; the name where absent. Features that name the same table
 *     share its ids
 * @param minimumCount how often a value must occur in the training rows to get an id of its own
 * @param maximumIds how many values get an id of their own at most, the most frequent ones
 * @param hash if present, there is no vocabulary: values are hashed to this many ids
 */
@Kind("categorical")
public record CategoricalFeature(
        @About("name by which models and reports know it") String name,

        @About("column it is read from; absent: the name") Optional<String> column,

        @About("table of ids and embeddings, shared by the features that name it; absent: the name")
        Optional<String> table,

        @About("occurrences in the training rows from which a value has an id of its own") @Range(atLeast = 1)
        int minimumCount,

        @About("values with an id of their own, at most: the most frequent ones") @Range(atLeast = 1)
        Optional<Integer> maximumIds,

        @About("hash values to this many ids instead of learning a vocabulary")
        @Range(atLeast = 1, atMost = 2_000_000_000)
        Optional<Integer> hash)
        implements FeatureConfig {
    /** The values of absent keys. */
    public static final CategoricalFeature DEFAULT =
            new CategoricalFeature("", Optional.empty(), Optional.empty(), 2, Optional.empty(), Optional.empty());

    /** Checks the values. */
    public CategoricalFeature {
        Sections.validate(CategoricalFeature.class, name, column, table, minimumCount, maximumIds, hash);
    }
}
