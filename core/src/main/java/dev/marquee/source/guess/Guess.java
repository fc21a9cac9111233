package dev.marquee.source.guess;

import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.LabelConfig;
import dev.marquee.source.FileSource;
import dev.marquee.source.SourceConfig;
import dev.marquee.source.SourceException;
import dev.marquee.source.SourceTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A schema proposed for a log that nobody has described. It is a guess, with a reason for each column: to be read before
 * it is used.
 *
 * <p>The rows are read once to draw the sample from which all is found, and once more where a column has so many values
 * that they must be counted in all rows.
 *
 * @param description what was looked at
 * @param format how the files are read
 * @param sampledRows how many rows the guess rests on
 * @param label the label
 * @param labelReason why these values count as 1; empty where the column holds 0 and 1
 * @param rate the share of ones
 * @param decisions what becomes of each column but the label, in the order of the file
 * @param keys columns that identify a row
 * @param time the column that tells when a row happened
 * @param group the column within which rows are ranked against each other
 * @param weight the column of what a row may count for
 */
public record Guess(
        String description,
        SourceConfig format,
        long sampledRows,
        LabelConfig label,
        String labelReason,
        double rate,
        List<Decision> decisions,
        List<String> keys,
        Optional<String> time,
        Optional<String> group,
        Optional<String> weight) {
    private static final int SAMPLE = 100_000;

    /** Copies the lists. */
    public Guess {
        decisions = List.copyOf(decisions);
        keys = List.copyOf(keys);
    }

    /**
     * Looks at a source.
     *
     * @param source the rows
     * @param label the column to predict
     * @return the proposal
     * @throws SourceException when there is no such column, it is no label, or no other column is left to learn from
     */
    public static Guess of(FileSource source, String label) {
        return of(source, label, Chooser.TOO_MANY);
    }

    /** The same, with the number of values from which on a column is hashed. */
    static Guess of(FileSource source, String label, long tooMany) {
        if (!source.columns().contains(label)) {
            throw new SourceException(source.description() + " has no column " + label + " to predict; it has "
                    + String.join(", ", source.columns()));
        }
        try (SourceTable table = source.table()) {
            table.keep(
                    ColumnFacts.SAMPLE,
                    "SELECT * FROM " + table.relation() + " USING SAMPLE reservoir(" + SAMPLE
                            + " ROWS) REPEATABLE (1)");
            Map<String, String> types = table.types();
            LabelGuess ones = LabelGuess.of(table, label);
            long rows = Long.parseLong(String.valueOf(table.rows("SELECT count(*) FROM " + ColumnFacts.SAMPLE)
                    .get(0)
                    .get(0)));
            List<ColumnFacts> facts = ColumnFacts.of(table, types, rows, rows < SAMPLE);
            Chooser chooser = new Chooser(table, facts, ones, tooMany);
            requireFeatures(source, label, chooser.decisions());
            return new Guess(
                    source.description(),
                    source.config(),
                    rows,
                    ones.config(),
                    ones.reason(),
                    ones.rate(),
                    chooser.decisions(),
                    chooser.keys(),
                    chooser.time(),
                    chooser.group(),
                    chooser.weight());
        }
    }

    /**
     * A share for people to read.
     *
     * @param share 0 to 1
     * @return such as {@code 3.1 %}; below a thousandth with two digits that count
     */
    public static String percent(double share) {
        return ColumnFacts.percent(share);
    }

    /**
     * The proposed features.
     *
     * @return in the order of the file
     */
    public List<FeatureConfig> features() {
        return decisions.stream()
                .flatMap(decision -> decision.feature().stream())
                .toList();
    }

    /**
     * What becomes of a column.
     *
     * @param column its name
     * @return the decision; empty for the label
     */
    public Optional<Decision> decision(String column) {
        return decisions.stream()
                .filter(decision -> decision.columns().contains(column))
                .findFirst();
    }

    private static void requireFeatures(FileSource source, String label, List<Decision> decisions) {
        if (decisions.stream().allMatch(decision -> decision.feature().isEmpty())) {
            String reasons = decisions.stream()
                    .limit(5)
                    .map(decision -> String.join(", ", decision.columns()) + " " + decision.reason())
                    .collect(Collectors.joining("; "));
            throw new SourceException(source.description() + ": no column is left to learn " + label + " from"
                    + (reasons.isEmpty() ? "" : ": " + reasons));
        }
    }
}
