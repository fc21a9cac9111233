package dev.marquee.metric;

import com.fasterxml.jackson.databind.JsonNode;

/** The rows of a recorded case, generated as {@code parity/record_metrics.py} says. */
final class GeneratedRows {
    final Scale scale;
    final double[] scores;
    final double[] labels;
    final double[] weights;
    final long[] groups;
    final boolean grouped;

    GeneratedRows(JsonNode rows) {
        scale = Scale.valueOf(rows.get("scale").textValue());
        int count = rows.get("rows").intValue();
        long seed = rows.get("seed").longValue();
        double levels = rows.get("levels").doubleValue();
        double low = rows.get("low").doubleValue();
        double high = rows.get("high").doubleValue();
        double base = rows.get("base").doubleValue();
        double slope = rows.get("slope").doubleValue();
        boolean weighted = rows.get("weighted").booleanValue();
        int ids = rows.get("groups").intValue();
        grouped = ids > 0;
        scores = new double[count];
        labels = new double[count];
        weights = new double[count];
        groups = new long[count];
        for (int i = 0; i < count; i++) {
            double u = uniform(seed, 4L * i);
            if (levels > 0) {
                u = Math.floor(u * levels) / levels;
            }
            scores[i] = low + (high - low) * u;
            labels[i] = uniform(seed, 4L * i + 1) < base + slope * u ? 1 : 0;
            double weight = uniform(seed, 4L * i + 2);
            weights[i] = !weighted ? 1 : weight < 0.1 ? 0 : 4 * weight;
            double pick = uniform(seed, 4L * i + 3);
            groups[i] = (long) Math.floor(pick * pick * ids);
        }
    }

    static double uniform(long seed, long number) {
        return (LongIds.mix(seed + (number + 1) * 0x9E3779B97F4A7C15L) >>> 11) * 0x1p-53;
    }

    ClickMetrics addTo(ClickMetrics metrics) {
        return addTo(metrics, 0, scores.length);
    }

    ClickMetrics addTo(ClickMetrics metrics, int from, int to) {
        for (int i = from; i < to; i++) {
            if (grouped) {
                metrics.add(scores[i], labels[i], weights[i], groups[i]);
            } else {
                metrics.add(scores[i], labels[i], weights[i]);
            }
        }
        return metrics;
    }

    <M extends BinaryMetric> M addTo(M metric) {
        for (int i = 0; i < scores.length; i++) {
            metric.add(scores[i], labels[i], weights[i]);
        }
        return metric;
    }
}
