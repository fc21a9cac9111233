package dev.marquee.schema;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which columns of a log are features, labels, weight, group and time.
 *
 * @param features what a model sees
 * @param labels what it predicts, at least one
 * @param growing the tables whose rows appear when their ids do
 * @param weight the column of what each row counts for; all count the same where absent
 * @param group the column within which rows are ranked against each other, for grouped AUC: a user, a session
 * @param time the column that tells when a row happened: a number, a date or a point in time
 * @param strict whether a value that cannot be read as its feature needs is refused, naming file, row and column,
 *     instead of counting as missing
 */
public record SchemaConfig(
        @About("what the model sees") List<FeatureConfig> features,
        @About("what it predicts, at least one") List<LabelConfig> labels,

        @About("tables whose rows appear when their ids do, instead of a vocabulary")
        List<GrowingTableConfig> growing,

        @About("column of what each row counts for; absent: all the same")
        Optional<String> weight,

        @About("column within which rows are ranked against each other, for gauc")
        Optional<String> group,

        @About("column that tells when a row happened") Optional<String> time,

        @About("whether a value that cannot be read is refused instead of counting as missing")
        boolean strict)
        implements Section {
    /** The values of absent keys. */
    public static final SchemaConfig DEFAULT =
            new SchemaConfig(List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(), false);

    /** Checks the values. */
    public SchemaConfig {
        features = List.copyOf(features);
        labels = List.copyOf(labels);
        growing = List.copyOf(growing);
        Sections.validate(SchemaConfig.class, features, labels, growing, weight, group, time, strict);
    }

    /**
     * Without growing tables.
     *
     * @param features what a model sees
     * @param labels what it predicts, at least one
     * @param weight the column of what each row counts for
     * @param group the column within which rows are ranked against each other
     * @param time the column that tells when a row happened
     * @param strict whether a value that cannot be read is refused
     */
    public SchemaConfig(
            List<FeatureConfig> features,
            List<LabelConfig> labels,
            Optional<String> weight,
            Optional<String> group,
            Optional<String> time,
            boolean strict) {
        this(features, labels, List.of(), weight, group, time, strict);
    }

    /**
     * The columns that are read.
     *
     * @return names, each once
     */
    public Set<String> columns() {
        return Plan.columns(this);
    }

    /**
     * The columns of the features, without which no row can be encoded. The others of {@link #columns()} are of labels,
     * weight, group and time: rows without them can still be scored.
     *
     * @return names, each once
     */
    public Set<String> featureColumns() {
        return Plan.columns(features);
    }

    /**
     * The columns that a feature reads.
     *
     * @param feature one of the features
     * @return names, at least one
     */
    public List<String> columnsOf(FeatureConfig feature) {
        return Plan.columns(feature);
    }

    @Override
    public void check(Faults faults) {
        SchemaCheck.check(this, faults);
    }
}
