package dev.marquee.source.guess;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.SequenceFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds features of several values: lists, texts with separators, and columns that are numbered. */
final class Several {
    private static final Pattern NUMBERED = Pattern.compile("(.*[^0-9])([0-9]{1,3})");
    private static final List<String> SEPARATORS = List.of("|", ";", ",", " ");
    private static final double OFTEN = 2;
    /** How the reason begins where a column holds texts of several values. */
    static final String TEXTS = "texts with \"";

    private final Overlap overlap;
    private final List<ColumnFacts> singles;

    /**
     * Made.
     *
     * @param singles the columns of single values of a kind, among which targets are sought
     */
    Several(Overlap overlap, List<ColumnFacts> singles) {
        this.overlap = overlap;
        this.singles = singles;
    }

    List<Decision> of(List<ColumnFacts> columns) {
        List<Decision> decisions = new ArrayList<>();
        families(columns, decisions);
        List<String> taken =
                decisions.stream().flatMap(d -> d.columns().stream()).toList();
        for (ColumnFacts column : columns) {
            if (taken.contains(column.name())) {
                continue;
            }
            if (column.list()) {
                decisions.add(list(column));
            } else if (!column.numeric()) {
                separated(column).ifPresent(decisions::add);
            }
        }
        return new Parallel(overlap).of(decisions);
    }

    /** Columns such as genre1, genre2, genre3, whose values are of one kind. */
    private void families(List<ColumnFacts> columns, List<Decision> decisions) {
        Map<String, List<ColumnFacts>> stems = new LinkedHashMap<>();
        for (ColumnFacts column : columns) {
            Matcher matcher = NUMBERED.matcher(column.name());
            boolean whole = singles.contains(column) || (column.whole() && Names.history(column.name()));
            if (whole && matcher.matches()) {
                stems.computeIfAbsent(matcher.group(1), stem -> new ArrayList<>())
                        .add(column);
            }
        }
        stems.forEach((stem, family) -> {
            if (family.size() < 2 || family.stream().anyMatch(column -> column.distinct() < 10)) {
                return;
            }
            List<String> names = family.stream().map(ColumnFacts::name).toList();
            boolean shared = names.stream()
                    .allMatch(name -> overlap.share(
                                    Overlap.values(List.of(name)),
                                    names.stream()
                                            .filter(other -> !other.equals(name))
                                            .toList())
                            >= 0.5);
            String values = Overlap.values(names);
            // Numbered counts are a history only where some other column names the same things.
            boolean named =
                    singles.containsAll(family) || target(names, stem, values).isPresent();
            if (shared && named) {
                decisions.add(decision(
                        names, stem.replaceAll("[_.-]+$", ""), values, "numbered columns of the same values", "|"));
            }
        });
    }

    private Decision list(ColumnFacts column) {
        if (column.type().startsWith("DOUBLE")
                || column.type().startsWith("FLOAT")
                || column.type().startsWith("DEC")) {
            return Decision.leaveOut(
                    column,
                    "lists of numbers with fractions are no features: take them apart with" + " data.format.sql");
        }
        return decision(List.of(column.name()), column.name(), Overlap.elements(column.name()), column.words(), "|");
    }

    private Optional<Decision> separated(ColumnFacts column) {
        for (String separator : SEPARATORS) {
            String pieces = Overlap.pieces(column.name(), separator);
            // In "Never married" and "Bachelors degree(BA AB BS)" a blank separates nothing.
            boolean prose = separator.equals(" ") || (separator.equals(",") && !Names.history(column.name()));
            if (prose && !overlap.digits(column.name(), separator)) {
                continue;
            }
            double share = overlap.separated(column.name(), separator);
            if (share > 0.2 && overlap.repetition(pieces) >= OFTEN) {
                String words = TEXTS + separator + "\" between values, " + column.words();
                return Optional.of(decision(List.of(column.name()), column.name(), pieces, words, separator));
            }
        }
        return Optional.empty();
    }

    private Decision decision(List<String> columns, String name, String values, String words, String separator) {
        Optional<String> target = target(columns, name, values);
        List<String> given = columns.size() == 1 ? List.of() : columns;
        // A list of what is also a column by itself is what came before it: ads seen, beside the ad.
        boolean history = Names.history(name) || (columns.size() == 1 && target.isPresent());
        FeatureConfig feature;
        String reason = words;
        if (history) {
            SequenceFeature d = SequenceFeature.DEFAULT;
            feature = new SequenceFeature(
                    name,
                    given,
                    separator,
                    target,
                    Optional.empty(),
                    d.minimumCount(),
                    Optional.empty(),
                    Optional.empty(),
                    d.maximumLength(),
                    d.keep(),
                    name);
            reason += target.map(column -> ", values of " + column + ": a history")
                    .orElse(", named like a history");
        } else {
            BagFeature d = BagFeature.DEFAULT;
            feature = new BagFeature(
                    name,
                    given,
                    separator,
                    target,
                    d.minimumCount(),
                    Optional.empty(),
                    Optional.empty(),
                    d.maximumLength(),
                    d.pooling());
        }
        return new Decision(columns, Optional.of(feature), reason);
    }

    private Optional<String> target(List<String> columns, String name, String values) {
        List<ColumnFacts> others = singles.stream()
                .filter(single -> !columns.contains(single.name())
                        && !NUMBERED.matcher(single.name()).matches())
                .toList();
        return overlap.target(name, values, others);
    }
}
