package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.metric.Accuracy;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The accuracy of a classifier: {@code accuracy}, from 0 to 1. */
final class PictureEvaluation implements Evaluation {
    private final Accuracy accuracy = new Accuracy();
    private long rows;

    @Override
    public void add(Tensor output, Batch batch) {
        accuracy.add(output, batch.target());
        rows += batch.size();
    }

    @Override
    public Map<String, Double> metrics() {
        return rows == 0 ? Map.of() : Map.of("accuracy", accuracy.value());
    }

    @Override
    public Measured measured(Map<String, Double> metrics) {
        return new Measured(rows, metrics, Map.of(), Map.of(), List.of(), List.of());
    }
}
