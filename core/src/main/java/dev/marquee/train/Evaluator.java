package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.metric.Mean;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Measures a model on labelled samples. */
final class Evaluator {
    private Evaluator() {}

    /**
     * Runs the model over all batches.
     *
     * @return metrics by name: {@code loss}, the mean over the samples, and those of the evaluation; without a loss where
     *     no sample counts for anything
     */
    static Map<String, Double> evaluate(Model model, Objective objective, BatchStream batches, Evaluation evaluation) {
        Mean meanLoss = new Mean();
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor output = model.forward(batch, Mode.EVALUATION);
                meanLoss.add(objective.of(output, batch).item_float(), Objective.weight(batch));
                evaluation.add(output, batch);
            }
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (meanLoss.weight() > 0) {
            metrics.put("loss", meanLoss.value());
        }
        metrics.putAll(evaluation.metrics());
        return metrics;
    }

    /** Computes what another process measures. */
    static void assist(Model model, BatchStream batches) {
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                model.forward(batch, Mode.EVALUATION);
            }
        }
    }
}
