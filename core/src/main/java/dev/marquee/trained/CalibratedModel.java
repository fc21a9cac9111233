package dev.marquee.trained;

import dev.marquee.data.Batch;
import dev.marquee.metric.Recalibration;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A finished model for the rows of a log, with a map after the logits of each label. Not for training: gradients end at
 * the maps.
 *
 * @param model returns logits {@code [batch, labels]}
 * @param maps one for each label
 */
public record CalibratedModel(Model model, List<Recalibration> maps) implements Model {
    /** Copies the list. */
    public CalibratedModel {
        maps = List.copyOf(maps);
    }

    /**
     * A model with its maps.
     *
     * @param model returns logits {@code [batch, labels]}
     * @param labels one for each label, or none
     * @return the model itself where there are no maps
     */
    public static Model of(Model model, List<LabelCalibration> labels) {
        return labels.isEmpty()
                ? model
                : new CalibratedModel(
                        model, labels.stream().map(LabelCalibration::map).toList());
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor output = model.forward(batch, mode);
        int labels = maps.size();
        if (output.dim() != 2 || output.size(1) != labels) {
            throw new IllegalStateException(
                    "the calibration is for " + labels + " labels, and the model gives " + Tensors.describe(output));
        }
        float[] logits = Tensors.toFloats(output);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) maps.get(i % labels).apply(logits[i]);
        }
        return Tensors.of(logits, output.size(0), labels).to(output.scalar_type());
    }
}
