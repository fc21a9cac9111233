package dev.marquee.source.guess;

import dev.marquee.schema.LabelConfig;
import dev.marquee.source.SourceException;
import dev.marquee.source.SourceTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which values of the label count as 1.
 *
 * @param config the label
 * @param rate the share of ones in the sample
 * @param reason in words
 */
record LabelGuess(LabelConfig config, double rate, String reason) {
    private static final int MANY = 20;
    private static final Set<String> READY = Set.of("0", "1", "true", "false", "0.0", "1.0");

    static LabelGuess of(SourceTable table, String label) {
        String column = ColumnFacts.quoted(label);
        List<List<@Nullable String>> values = table.rows("SELECT CAST(" + column + " AS VARCHAR) v, count(*) FROM "
                + ColumnFacts.SAMPLE + " WHERE v IS NOT NULL GROUP BY v ORDER BY count(*), v LIMIT " + (MANY + 1));
        List<String> names =
                values.stream().map(row -> String.valueOf(row.get(0))).toList();
        if (names.size() < 2) {
            throw new SourceException(
                    "the label " + label + " is " + (names.isEmpty() ? "always missing" : "always " + names.get(0))
                            + ": nothing can be learnt from it; choose another column, or more rows");
        }
        if (names.size() > MANY) {
            throw new SourceException("the label " + label + " has more than " + MANY + " values, such as "
                    + String.join(", ", names.subList(0, 5)) + ": a label is yes or no; choose another column, or make"
                    + " one with data.format.sql");
        }
        long all = values.stream()
                .mapToLong(row -> Long.parseLong(String.valueOf(row.get(1))))
                .sum();
        boolean ready = names.stream().allMatch(name -> READY.contains(name.toLowerCase(Locale.ROOT)));
        List<String> positive = ready ? List.of() : positive(names);
        long ones = values.stream()
                .filter(row -> ready ? one(String.valueOf(row.get(0))) : positive.contains(String.valueOf(row.get(0))))
                .mapToLong(row -> Long.parseLong(String.valueOf(row.get(1))))
                .sum();
        String reason = ready
                ? ""
                : "the rarer of " + names.size() + " values, " + names.stream().collect(Collectors.joining(" / "));
        if (!ready && (names.size() > 2 || numeric(names))) {
            reason = "the upper ones of " + names.stream().sorted().collect(Collectors.joining(" / ")) + ": check this";
        }
        return new LabelGuess(new LabelConfig(label, Optional.empty(), positive), ones / (double) all, reason);
    }

    /** An expression that is 1, 0, or null where the label is missing. */
    String sql() {
        String text = "CAST(" + ColumnFacts.quoted(config.source()) + " AS VARCHAR)";
        List<String> ones =
                config.positive().isEmpty() ? List.of("1", "1.0", "true", "True", "TRUE") : config.positive();
        String list = ones.stream()
                .map(one -> "'" + one.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "(", ")"));
        return "CAST(" + text + " IN " + list + " AS INTEGER)";
    }

    private static boolean one(String text) {
        return text.startsWith("1") || text.equalsIgnoreCase("true");
    }

    /** Of numbers the upper half, of other values the rarest. */
    private static List<String> positive(List<String> byCount) {
        if (!numeric(byCount)) {
            return List.of(byCount.get(0));
        }
        List<String> ordered = new ArrayList<>(byCount);
        ordered.sort(Comparator.comparingDouble(Double::parseDouble));
        return List.copyOf(ordered.subList((ordered.size() + 1) / 2, ordered.size()));
    }

    private static boolean numeric(List<String> names) {
        return names.stream().allMatch(name -> name.matches("[-+]?\\d+(\\.\\d+)?"));
    }
}
