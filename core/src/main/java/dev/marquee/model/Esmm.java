package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The entire space multi-task model: whether an impression is clicked, and whether it is clicked and leads to a
 * conversion, both learnt from all impressions. A conversion rate given a click, which no loss sees alone, stands
 * between them.
 *
 * <pre>{@code
 * x      = [fields, bags, sequences, numbers]
 * a      = click tower(x)                 b        = conversion tower(x)
 * P(click) = pCTR = σ(a)                  P(conversion given click) = pCVR = σ(b)
 * P(click and conversion) = pCTCVR = pCTR · pCVR
 * }</pre>
 *
 * <p>Its outputs are logits as those of all networks: a, and the logit of the product of the two probabilities, which is
 * computed from a and b alone, without a probability that could round to 0 or 1:
 *
 * <pre>{@code logit(σ(a) σ(b)) = −log(exp(−a) + exp(−b) + exp(−a − b))}</pre>
 *
 * <p>There must be two labels: the click, and the conversion after a click, which is 0 (not unknown) where there was no
 * click. The biases of the towers start at the logits of the click rate, and of the conversion rate divided by it.
 *
 * <p>Parameters: {@code embedding.TABLE}, {@code towers.…}, the first of each pair the click's. Source: Ma et al.,
 * <em>Entire Space Multi-Task Model: An Effective Approach for Estimating Post-Click Conversion Rate</em>, 2018.
 */
public final class Esmm implements Model {
    private final RowInput input;
    private final Towers towers;

    Esmm(Parameters.Path path, FeatureLayout layout, EsmmConfig config) {
        requireClickAndConversion(layout.labels());
        this.input = RowInput.of(path, layout, config.embedding(), "esmm");
        this.towers = new Towers(path.child("towers"), 2, input.size(), config.tower(), firstLogits(layout));
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor logits = towers.forward(input.forward(batch, mode), mode); // [batch, 2]
        Tensor click = logits.select(1, 0); // [batch]
        TensorVector outputs = new TensorVector();
        outputs.push_back(click);
        outputs.push_back(logitOfProduct(click, logits.select(1, 1)));
        return torch.stack(outputs, 1); // [batch, 2]
    }

    /** The logit of the product of the probabilities that two logits stand for. */
    static Tensor logitOfProduct(Tensor a, Tensor b) {
        Tensor eitherFails = torch.logaddexp(a.neg(), b.neg());
        return torch.logaddexp(eitherFails, a.add(b).neg()).neg();
    }

    private static Initializer firstLogits(FeatureLayout layout) {
        double click = layout.labels().get(0).baseRate();
        double conversion = layout.labels().get(1).baseRate();
        double afterClick = click > 0 ? Math.min(1, conversion / click) : 0;
        float[] logits = {(float) BaseRates.logit(click), (float) BaseRates.logit(afterClick)};
        return tensor -> tensor.copy_(Tensors.of(logits));
    }

    private static void requireClickAndConversion(List<FeatureLayout.Label> labels) {
        List<String> names = labels.stream().map(FeatureLayout.Label::name).toList();
        if (labels.size() != 2) {
            throw new IllegalArgumentException("esmm needs two labels, the click and the conversion after a click, in"
                    + " this order, not " + labels.size() + ": " + names);
        }
        if (labels.get(1).baseRate() > labels.get(0).baseRate()) {
            throw new IllegalArgumentException("esmm needs two labels, the click and the conversion after a click, in"
                    + " this order, but \"" + names.get(1) + "\" ("
                    + labels.get(1).baseRate()
                    + " of the rows) is more frequent than \"" + names.get(0) + "\" ("
                    + labels.get(0).baseRate() + "): change their order, and see to it that the conversion is 0, not"
                    + " unknown, where there was no click");
        }
    }
}
