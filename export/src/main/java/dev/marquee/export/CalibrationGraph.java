package dev.marquee.export;

import dev.marquee.metric.Isotonic;
import dev.marquee.metric.Platt;
import dev.marquee.metric.Recalibration;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import dev.marquee.trained.LabelCalibration;
import java.util.ArrayList;
import java.util.List;

/** The maps after the logits, in double precision as {@link dev.marquee.trained.CalibratedModel} computes them. */
final class CalibrationGraph {
    private CalibrationGraph() {}

    /** From {@code [batch, labels]} to the same; nothing where there are no maps. */
    static Value of(Graph graph, Value logits, List<LabelCalibration> maps) {
        if (maps.isEmpty()) {
            return logits;
        }
        Value exact = graph.cast(logits, DType.FLOAT64);
        List<Value> parts = new ArrayList<>();
        for (int i = 0; i < maps.size(); i++) {
            parts.add(one(graph, graph.slice(exact, 1, i, i + 1L), maps.get(i).map()));
        }
        return graph.cast(graph.concat(1, parts), DType.FLOAT32);
    }

    private static Value one(Graph graph, Value logit, Recalibration map) {
        if (map instanceof Platt platt) {
            return graph.add(graph.mul(logit, exact(graph, platt.slope())), exact(graph, platt.intercept()));
        }
        if (map instanceof Isotonic isotonic) {
            return isotonic(graph, logit, isotonic);
        }
        throw new IllegalArgumentException("no graph is known for the calibration " + map);
    }

    /** {@code p = p_0 + Σ_i share_i (p_{i+1} − p_i)}, share_i being how much of the way to the next corner is done, 0 to 1. */
    private static Value isotonic(Graph graph, Value logit, Isotonic map) {
        double[] corners = map.logits();
        double[] values = map.probabilities();
        int count = corners.length - 1;
        Value probability;
        if (count == 0) {
            probability = graph.add(graph.mul(logit, exact(graph, 0)), exact(graph, values[0]));
        } else {
            double[] from = new double[count];
            double[] length = new double[count];
            double[] rise = new double[count];
            for (int i = 0; i < count; i++) {
                from[i] = corners[i];
                length[i] = corners[i + 1] - corners[i];
                rise[i] = values[i + 1] - values[i];
            }
            Value way = graph.div(
                    graph.sub(logit, graph.constant(Tensors.of(from, count))),
                    graph.constant(Tensors.of(length, count))); // [batch, corners - 1]
            Value share = graph.min(graph.max(way, exact(graph, 0)), exact(graph, 1));
            Value risen = graph.sum(graph.mul(share, graph.constant(Tensors.of(rise, count))), 1, true);
            probability = graph.add(risen, exact(graph, values[0]));
        }
        Value not = graph.sub(exact(graph, 1), probability);
        return graph.sub(graph.apply(Operator.LOG, probability), graph.apply(Operator.LOG, not));
    }

    private static Value exact(Graph graph, double value) {
        return graph.constant(Tensors.of(new double[] {value}, 1));
    }
}
