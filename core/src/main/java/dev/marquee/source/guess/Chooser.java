package dev.marquee.source.guess;

import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseEncoding;
import dev.marquee.schema.DenseFeature;
import dev.marquee.source.SourceTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Decides what becomes of each column. */
final class Chooser {
    /** From so many values on a vocabulary takes too much memory. */
    static final long TOO_MANY = 1_000_000;

    private static final int FEW = 50;
    private static final int LARGEST_HASH = 50_000_000;
    private static final double NEARLY_ALL = 0.95;

    private final LabelGuess label;
    private final long tooMany;
    private final Map<String, Decision> decided = new LinkedHashMap<>();
    private final List<String> keys = new ArrayList<>();
    private Optional<String> time = Optional.empty();
    private Optional<String> group = Optional.empty();
    private Optional<String> weight = Optional.empty();

    Chooser(SourceTable table, List<ColumnFacts> facts, LabelGuess label, long tooMany) {
        this.label = label;
        this.tooMany = tooMany;
        List<ColumnFacts> open = new ArrayList<>(facts);
        open.removeIf(column -> column.name().equals(label.config().source()));
        times(open);
        open.forEach(this::leaveOut);
        open.removeIf(column -> decided.containsKey(column.name()));
        leaks(new Leak(table, label), open);
        open.removeIf(column -> decided.containsKey(column.name()));
        List<ColumnFacts> singles = new ArrayList<>(open);
        singles.removeIf(column -> column.list() || (column.numeric() && !categorical(column)));
        Several several = new Several(new Overlap(table), singles);
        List<Decision> taken = several.of(open);
        taken.forEach(decision -> decision.columns().forEach(column -> decided.put(column, decision)));
        open.removeIf(column -> decided.containsKey(column.name()));
        open.forEach(column -> decided.put(column.name(), single(column)));
        group = open.stream()
                .filter(column -> Names.user(column.name()) && categorical(column) && column.distinct() > 10)
                .map(ColumnFacts::name)
                .findFirst();
        Map<String, Decision> ordered = new LinkedHashMap<>();
        facts.stream()
                .map(ColumnFacts::name)
                .filter(decided::containsKey)
                .forEach(name -> ordered.put(name, decided.get(name)));
        decided.clear();
        decided.putAll(ordered);
    }

    List<Decision> decisions() {
        return decided.values().stream().distinct().toList();
    }

    List<String> keys() {
        return keys;
    }

    Optional<String> time() {
        return time;
    }

    Optional<String> group() {
        return group;
    }

    Optional<String> weight() {
        return weight;
    }

    private void times(List<ColumnFacts> columns) {
        List<ColumnFacts> times = columns.stream().filter(Chooser::pointInTime).toList();
        long most = times.stream().mapToLong(ColumnFacts::distinct).max().orElse(0);
        for (ColumnFacts column : times) {
            if (column.distinct() < 2) {
                continue;
            }
            if (time.isEmpty() && column.distinct() == most) {
                time = Optional.of(column.name());
                decided.put(
                        column.name(),
                        Decision.leaveOut(
                                column,
                                "tells when a row happened: the split is by it, and later rows lie beyond"
                                        + " all times seen in training"));
            } else {
                decided.put(
                        column.name(),
                        Decision.leaveOut(
                                column,
                                "a point in time: make features such as the hour of the day with"
                                        + " data.format.sql"));
            }
        }
    }

    /** By type or looks, or a number that a column of such a name can mean: seconds to microseconds since 1970. */
    private static boolean pointInTime(ColumnFacts column) {
        if (column.time()) {
            return true;
        }
        return Names.time(column.name())
                && column.whole()
                && column.least() >= 3e8
                && column.most() < 4e18
                && column.most() / column.least() < 10;
    }

    private void leaveOut(ColumnFacts column) {
        if (decided.containsKey(column.name())) {
            return;
        }
        String reason = null;
        if (column.present() == 0) {
            reason = "has no values";
        } else if (column.distinct() == 1 && column.present() == column.rows()) {
            reason = "is the same in all rows";
        } else if (Names.label(column.name(), label.config().source())) {
            reason = "is named like the label: probably known only afterwards";
        } else if (Names.weight(column.name()) && column.numeric() && column.least() >= 0) {
            weight = weight.isEmpty() ? Optional.of(column.name()) : weight;
            reason = "looks like the weight of a row: see weight";
        } else if (key(column)) {
            keys.add(column.name());
            reason = "identifies a row: " + column.distinct() + " distinct values in " + column.present() + " rows";
        } else if (freeText(column)) {
            reason = "free text, " + Math.round(column.length()) + " characters on average";
        } else if (column.type().startsWith("STRUCT") || column.type().startsWith("MAP")) {
            reason = "is a " + column.type() + ": take it apart with data.format.sql";
        }
        if (reason != null) {
            decided.put(column.name(), Decision.leaveOut(column, reason));
        }
    }

    private static boolean key(ColumnFacts column) {
        if (column.list() || column.present() < 20 || (column.numeric() && !column.whole())) {
            return false;
        }
        boolean all = column.distinct() == column.present();
        boolean nearly = column.distinct() >= NEARLY_ALL * column.present();
        return all || (nearly && (!column.numeric() || Names.key(column.name())) && !freeText(column));
    }

    private static boolean freeText(ColumnFacts column) {
        return !column.list()
                && !column.numeric()
                && column.length() > 40
                && column.distinct() > 0.5 * column.present();
    }

    private void leaks(Leak leak, List<ColumnFacts> columns) {
        for (ColumnFacts column : columns) {
            double auc = leak.auc(column);
            if (auc > Leak.SUSPICIOUS) {
                decided.put(
                        column.name(),
                        Decision.leaveOut(
                                column,
                                String.format(
                                        Locale.ROOT,
                                        "tells the label by itself (AUC %.3f): probably known only afterwards",
                                        auc)));
            }
        }
    }

    private static boolean categorical(ColumnFacts column) {
        if (!column.numeric()) {
            return true;
        }
        boolean wide = column.most() - column.least() > 1e9;
        return column.whole() && (column.distinct() <= FEW || Names.id(column.name()) || wide);
    }

    private Decision single(ColumnFacts column) {
        String name = column.name();
        if (!categorical(column)) {
            DenseFeature d = DenseFeature.DEFAULT;
            return Decision.take(
                    column,
                    new DenseFeature(name, d.column(), DenseEncoding.PIECEWISE_LINEAR, d.bins(), d.missing()),
                    column.words());
        }
        CategoricalFeature feature = new CategoricalFeature(
                name, Optional.empty(), Optional.empty(), 2, Optional.empty(), hash(column.allDistinct()));
        String words = column.words();
        if (feature.hash().isPresent()) {
            words = "about " + words + ": too many for a vocabulary";
        } else if (column.numeric()) {
            words += Names.id(name) || column.distinct() > FEW ? ", numbers that name things" : ", few whole numbers";
        }
        return Decision.take(column, feature, words);
    }

    private Optional<Integer> hash(long distinct) {
        return distinct <= tooMany ? Optional.empty() : Optional.of((int) Math.min(2 * distinct, LARGEST_HASH));
    }
}
