package dev.marquee.cli;

import dev.marquee.schema.BagFeature;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.source.guess.Decision;
import dev.marquee.source.guess.Guess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a guess decided, in a few lines. */
final class InitSummary {
    /** More would push the rest off the screen; the recipe has them all. */
    private static final int SHOWN = 12;

    private InitSummary() {}

    static List<String> lines(Guess guess) {
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(Locale.ROOT, "rows     %,d looked at, of %s", guess.sampledRows(), guess.description()));
        String reason = guess.labelReason().isEmpty() ? "" : " (" + guess.labelReason() + ")";
        lines.add("label    " + guess.label().name() + ": " + Guess.percent(guess.rate()) + " are 1" + reason);
        lines.add("features " + guess.features().size() + ": "
                + kinds(guess).entrySet().stream()
                        .map(kind -> kind.getValue() + " " + kind.getKey())
                        .collect(Collectors.joining(", ")));
        List<Decision> left = left(guess);
        for (Decision decision : left.subList(0, Math.min(SHOWN, left.size()))) {
            lines.add("left out " + String.join(", ", decision.columns()) + ": " + decision.reason());
        }
        if (left.size() > SHOWN) {
            lines.add("left out " + (left.size() - SHOWN) + " more: the recipe says which and why");
        }
        lines.add("split    "
                + guess.time()
                        .map(time -> "by time (" + time + "): 10 % for validation, the latest 10 % for the test")
                        .orElse("random: 10 % for validation, 10 % for the test; no column tells when a row happened"));
        guess.group().ifPresent(group -> lines.add("group    " + group + ": gAUC ranks the rows within each"));
        guess.weight()
                .ifPresent(weight -> lines.add("weight   " + weight
                        + " is named like what a row counts for: if it is, uncomment data.weight in the recipe"));
        return lines;
    }

    static Map<String, Object> json(Guess guess) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rows", guess.sampledRows());
        json.put("label", guess.label().name());
        json.put("positive", guess.label().positive());
        json.put("rate", guess.rate());
        json.put("features", kinds(guess));
        Map<String, String> left = new LinkedHashMap<>();
        left(guess).forEach(decision -> decision.columns().forEach(column -> left.put(column, decision.reason())));
        json.put("left_out", left);
        json.put("split", guess.time().isPresent() ? "time" : "random");
        guess.time().ifPresent(time -> json.put("time", time));
        guess.group().ifPresent(group -> json.put("group", group));
        guess.weight().ifPresent(weight -> json.put("weight", weight));
        json.put("keys", guess.keys());
        return json;
    }

    private static List<Decision> left(Guess guess) {
        return guess.decisions().stream()
                .filter(decision -> decision.feature().isEmpty())
                .toList();
    }

    private static Map<String, Integer> kinds(Guess guess) {
        Map<String, Integer> kinds = new TreeMap<>();
        guess.features().forEach(feature -> kinds.merge(kind(feature), 1, Integer::sum));
        return kinds;
    }

    private static String kind(FeatureConfig feature) {
        if (feature instanceof DenseFeature) {
            return "dense";
        }
        if (feature instanceof CategoricalFeature) {
            return "categorical";
        }
        if (feature instanceof BagFeature) {
            return "bag";
        }
        if (feature instanceof SequenceFeature) {
            return "sequence";
        }
        return "other";
    }
}
