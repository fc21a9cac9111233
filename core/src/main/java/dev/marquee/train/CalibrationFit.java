package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.metric.Isotonic;
import dev.marquee.metric.LabelledScores;
import dev.marquee.metric.Platt;
import dev.marquee.metric.Recalibration;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.recipe.TrainConfig;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import dev.marquee.trained.LabelCalibration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Fits the maps of a run's scores to its validation rows. */
final class CalibrationFit {
    private CalibrationFit() {}

    /**
     * Fits one for each label. A label whose rows are all of one class keeps its scores, with a warning.
     *
     * @param batches rows that the model has not learnt from, and that nothing else is measured on
     * @param capacity how many rows are held; of more, an even part is taken
     */
    static List<LabelCalibration> fit(
            TrainConfig.Calibration method,
            List<String> labels,
            Model model,
            BatchStream batches,
            int capacity,
            Progress progress) {
        List<LabelledScores> scores = new ArrayList<>();
        labels.forEach(label -> scores.add(new LabelledScores(capacity)));
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                add(scores, model.forward(batch, Mode.EVALUATION), batch);
            }
        }
        List<LabelCalibration> fitted = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            fitted.add(fit(method, labels.get(i), scores.get(i), progress));
        }
        return fitted;
    }

    private static void add(List<LabelledScores> scores, Tensor output, Batch batch) {
        float[] logits = Tensors.toFloats(output);
        float[] targets = Tensors.toFloats(batch.target());
        Tensor given = batch.weights();
        float[] weights = given == null ? null : Tensors.toFloats(given.to(DType.FLOAT32.scalarType()));
        int labels = scores.size();
        for (int i = 0; i < logits.length; i++) {
            if (!Float.isNaN(targets[i])) {
                scores.get(i % labels).add(logits[i], targets[i], weights == null ? 1 : weights[i / labels]);
            }
        }
    }

    private static LabelCalibration fit(
            TrainConfig.Calibration method, String label, LabelledScores scores, Progress progress) {
        Optional<String> undefined = scores.undefined();
        if (undefined.isPresent()) {
            progress.warning(
                    "the scores of " + label + " stay as they are: " + undefined.get() + " on the validation samples");
            double error = scores.rows() == 0 ? 0 : scores.expectedError(Platt.IDENTITY);
            return new LabelCalibration(label, Platt.IDENTITY, scores.rows(), error, error);
        }
        Recalibration map = switch (method) {
            case PLATT -> Platt.fit(scores);
            case ISOTONIC -> Isotonic.fit(scores);
            case NONE -> throw new IllegalArgumentException("no calibration was asked for");
        };
        LabelCalibration fitted = new LabelCalibration(
                label, map, scores.rows(), scores.expectedError(Platt.IDENTITY), scores.expectedError(map));
        progress.notice("calibration", fitted.describe());
        return fitted;
    }
}
