package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.loss.Loss;
import dev.marquee.metric.Accuracy;
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
     * @return metrics by name: {@code loss}, the mean over the samples, and {@code accuracy}, from 0 to 1
     */
    static Map<String, Double> evaluate(Model model, Loss loss, BatchStream batches) {
        Mean meanLoss = new Mean();
        Accuracy accuracy = new Accuracy();
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor output = model.forward(batch, Mode.EVALUATION);
                meanLoss.add(loss.of(output, batch.target()).item_float(), batch.size());
                accuracy.add(output, batch.target());
            }
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("loss", meanLoss.value());
        metrics.put("accuracy", accuracy.value());
        return metrics;
    }
}
