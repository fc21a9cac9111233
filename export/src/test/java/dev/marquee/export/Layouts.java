package dev.marquee.export;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.FeatureLayout;
import java.util.List;
import java.util.stream.IntStream;

/** Small layouts with features of all kinds. */
final class Layouts {
    private static final List<FeatureLayout.Dense> NUMBERS = List.of(
            new FeatureLayout.Dense("price", 0, 1),
            new FeatureLayout.Dense("age", 1, 3),
            new FeatureLayout.Dense("hour", 4, 2));

    private Layouts() {}

    /** Two histories, one of two sequences, a sequence without a target, and bags of both poolings. */
    static FeatureLayout all(int labels) {
        return new FeatureLayout(
                NUMBERS,
                List.of(
                        new FeatureLayout.Table("user", 12),
                        new FeatureLayout.Table("ad", 20),
                        new FeatureLayout.Table("topic", 9)),
                List.of(
                        new FeatureLayout.Field("user", 0),
                        new FeatureLayout.Field("ad", 1),
                        new FeatureLayout.Field("topic", 2)),
                List.of(
                        new FeatureLayout.Bag("tags", 2, 3, BagFeature.Pooling.MEAN),
                        new FeatureLayout.Bag("words", 2, 4, BagFeature.Pooling.SUM)),
                List.of(
                        new FeatureLayout.Sequence("ads", 1, 5, 1, "clicks"),
                        new FeatureLayout.Sequence("topics", 2, 5, 2, "clicks"),
                        new FeatureLayout.Sequence("seen", 1, 6, 1, "seen"),
                        new FeatureLayout.Sequence("friends", 0, 2, -1, "friends")),
                labels(labels));
    }

    static FeatureLayout withoutNumbers() {
        FeatureLayout all = all(1);
        return new FeatureLayout(List.of(), all.tables(), all.fields(), all.bags(), all.sequences(), all.labels());
    }

    static FeatureLayout withoutIds() {
        return new FeatureLayout(NUMBERS, List.of(), List.of(), List.of(), List.of(), labels(1));
    }

    private static List<FeatureLayout.Label> labels(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new FeatureLayout.Label("label" + i, 0.3 / (i + 1)))
                .toList();
    }
}
