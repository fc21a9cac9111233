package dev.marquee.train;

import dev.marquee.data.Truth;
import dev.marquee.metric.ClickMetrics;
import dev.marquee.metric.Scale;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the true probabilities score: no model can be expected to do better. */
final class Reachable {
    private Reachable() {}

    /** The metrics of the truth, named as those of a model. */
    static Map<String, Double> of(Truth truth, List<String> labels) {
        List<ClickMetrics> metrics = new ArrayList<>();
        labels.forEach(label -> metrics.add(ClickMetrics.exact(Scale.PROBABILITY)));
        truth.each((probabilities, outcomes, group) -> {
            for (int i = 0; i < labels.size(); i++) {
                metrics.get(i).add(probabilities[i], outcomes[i], 1, group);
            }
        });
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            String prefix = labels.size() == 1 ? "" : labels.get(i) + ".";
            metrics.get(i).values().forEach((name, value) -> values.put(prefix + name, value));
        }
        return values;
    }
}
