package dev.marquee.source.guess;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.source.SourceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes a guess as a recipe with comments. */
public final class InitRecipe {
    private InitRecipe() {}

    /**
     * Writes.
     *
     * @param guess what was found
     * @param path what data.path shall be; empty where the query names its own files
     * @return YAML
     */
    public static String write(Guess guess, Optional<String> path) {
        List<String> lines = new ArrayList<>();
        lines.add("# Guessed from " + guess.sampledRows() + " rows of " + oneLine(guess.description())
                + ": read it before you use it.");
        lines.add("# Every key that is not here has a default: `marquee recipes --keys` lists them all.");
        lines.add("description: predict " + scalar(guess.label().name(), true));
        lines.add("seed: 1");
        lines.add("data:");
        lines.add("  kind: click_log");
        path.ifPresent(text -> lines.add("  path: " + scalar(text, false)));
        format(guess.format(), lines);
        columns(guess, lines);
        lines.add("  labels:");
        labels(guess, lines);
        lines.add("  features:");
        features(guess, lines);
        lines.add("  batch_size: 1024");
        lines.add("model: {kind: " + model(guess) + "}");
        lines.add("loss: {kind: binary_cross_entropy}");
        lines.add("optimizer: {name: adam, learning_rate: 0.001}");
        lines.add("train: {epochs: 3}  # click models often overfit after the first epoch");
        lines.add("checkpoint: {select: best}  # the weights of the best validation are kept");
        return String.join("\n", lines) + "\n";
    }

    private static void format(SourceConfig format, List<String> lines) {
        if (format.equals(SourceConfig.DEFAULT)) {
            return;
        }
        lines.add("  format:");
        if (format.kind() != SourceConfig.Kind.AUTO) {
            lines.add("    kind: " + format.kind().name().toLowerCase(Locale.ROOT));
        }
        format.delimiter().ifPresent(text -> lines.add("    delimiter: " + quoted(text)));
        format.header().ifPresent(header -> lines.add("    header: " + header));
        if (!format.columns().isEmpty()) {
            lines.add("    columns: " + list(format.columns()));
        }
        if (!format.nulls().isEmpty()) {
            lines.add("    nulls: " + list(format.nulls()));
        }
        format.sql().ifPresent(sql -> lines.add("    sql: " + quoted(sql)));
    }

    private static void columns(Guess guess, List<String> lines) {
        if (guess.time().isPresent()) {
            lines.add("  time: " + scalar(guess.time().get(), false));
            lines.add("  split: {by: time, validation: 0.1, test: 0.1}  # the latest rows are the test");
        } else {
            lines.add("  split: {by: random, validation: 0.1, test: 0.1}  # no column tells when a row happened");
        }
        guess.group()
                .ifPresent(
                        group -> lines.add("  group: " + scalar(group, false) + "  # for gauc: ranking within each"));
        guess.weight()
                .ifPresent(weight -> lines.add("  # weight: " + scalar(weight, false)
                        + "  # what a row counts for, if that is what the column says"));
        if (!guess.keys().isEmpty()) {
            lines.add("  keys: " + list(guess.keys()) + "  # repeated in predictions");
        }
    }

    private static void labels(Guess guess, List<String> lines) {
        String positive = guess.label().positive().isEmpty()
                ? ""
                : ", positive: "
                        + guess.label().positive().stream()
                                .map(InitRecipe::quoted)
                                .collect(Collectors.joining(", ", "[", "]"));
        String reason = guess.labelReason().isEmpty() ? "" : ": " + oneLine(guess.labelReason());
        lines.add("    - {name: " + scalar(guess.label().name(), true) + positive + "}  # "
                + ColumnFacts.percent(guess.rate()) + " are 1" + reason);
    }

    private static void features(Guess guess, List<String> lines) {
        for (Decision decision : guess.decisions()) {
            String reason = "  # " + oneLine(decision.reason());
            lines.add(decision.feature()
                    .map(feature -> "    - " + flow(feature) + reason)
                    .orElse("    # " + oneLine(String.join(", ", decision.columns())) + ": left out, "
                            + oneLine(decision.reason())));
        }
    }

    private static String flow(FeatureConfig feature) {
        List<String> entries = new ArrayList<>();
        if (feature instanceof DenseFeature dense) {
            entries.add("kind: dense");
            entries.add("name: " + scalar(dense.name(), true));
            entries.add("encoding: " + dense.encoding().name().toLowerCase(Locale.ROOT));
        } else if (feature instanceof CategoricalFeature categorical) {
            entries.add("kind: categorical");
            entries.add("name: " + scalar(categorical.name(), true));
            categorical.hash().ifPresent(hash -> entries.add("hash: " + hash));
        } else if (feature instanceof BagFeature bag) {
            entries.add("kind: bag");
            entries.add("name: " + scalar(bag.name(), true));
            several(bag.columns(), bag.separator(), entries);
            bag.table().ifPresent(table -> entries.add("table: " + scalar(table, true)));
        } else if (feature instanceof SequenceFeature sequence) {
            entries.add("kind: sequence");
            entries.add("name: " + scalar(sequence.name(), true));
            several(sequence.columns(), sequence.separator(), entries);
            sequence.target().ifPresent(target -> entries.add("target: " + scalar(target, true)));
            entries.add("history: " + scalar(sequence.history(), true));
        }
        return entries.stream().collect(Collectors.joining(", ", "{", "}"));
    }

    private static void several(List<String> columns, String separator, List<String> entries) {
        if (!columns.isEmpty()) {
            entries.add("columns: " + list(columns));
        } else if (!separator.equals("|")) {
            entries.add("separator: " + quoted(separator));
        }
    }

    /** Attention where a history meets its target; crosses where there is none. */
    private static String model(Guess guess) {
        boolean history = guess.features().stream()
                .anyMatch(feature -> feature instanceof SequenceFeature sequence
                        && sequence.target().isPresent());
        return history ? "din" : "deepfm";
    }

    private static String list(List<String> texts) {
        return texts.stream().map(text -> scalar(text, true)).collect(Collectors.joining(", ", "[", "]"));
    }

    /** A text that YAML reads back as itself, quoted where it must be. */
    private static String scalar(String text, boolean flow) {
        boolean plain = text.matches(flow ? "[A-Za-z_][A-Za-z0-9_.-]*" : "[A-Za-z_./][A-Za-z0-9_./ -]*[A-Za-z0-9]")
                && !text.matches("(?i)true|false|null|yes|no|on|off|y|n");
        return plain ? text : quoted(text);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append((char) c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ') {
                        quoted.append(String.format(Locale.ROOT, "\\x%02x", c));
                    } else {
                        quoted.append((char) c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    /** A comment ends with its line. */
    private static String oneLine(String text) {
        return text.replaceAll("\\R", " ").strip();
    }
}
