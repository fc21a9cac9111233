package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Progressive layered extraction: experts of each label beside shared ones, level upon level, so that labels that
 * disagree do not spoil each other's experts.
 *
 * <pre>{@code
 * g_k⁰ = g_s⁰ = x = [fields, bags, sequences, numbers]
 * g_kʲ = Σ_i softmax(W_kʲ g_kʲ⁻¹)_i E_i     over the experts E of label k, which see g_kʲ⁻¹, and the shared ones
 * g_sʲ = Σ_i softmax(W_sʲ g_sʲ⁻¹)_i E_i     over all experts; the shared ones see g_sʲ⁻¹
 * logit_k = tower_k(g_kᴺ)
 * }</pre>
 *
 * <p>The last level has no g_s. With one level it is what the paper calls customized gate control. Parameters: {@code
 * embedding.TABLE}, {@code level1.experts.…} (see {@link dev.marquee.nn.ParallelPerceptrons}: those of the first label,
 * of the second, …, the shared ones), {@code level1.gate1.weight}, …, {@code level1.shared_gate.weight}, {@code
 * towers.…}. Source: Tang et al., <em>Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model for
 * Personalized Recommendations</em>, 2020.
 */
public final class Ple implements Model {
    private final RowInput input;
    private final GateInput gateInput;
    private final List<ExtractionLevel> levels = new ArrayList<>();
    private final Towers towers;

    Ple(Parameters.Path path, FeatureLayout layout, PleConfig config) {
        int labels = layout.labels().size();
        this.input = RowInput.of(path, layout, config.embedding(), "ple");
        this.gateInput = new GateInput(input, config.gateFeatures());
        int inputs = input.size();
        int gateInputs = gateInput.size();
        for (int i = 1; i <= config.levels(); i++) {
            ExtractionLevel level = new ExtractionLevel(
                    path.child("level" + i), labels, inputs, gateInputs, config, /* last= */ i == config.levels());
            levels.add(level);
            inputs = level.outputs();
            gateInputs = inputs;
        }
        this.towers = new Towers(path.child("towers"), labels, inputs, config.tower(), BaseRates.logits(layout));
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor x = input.forward(batch, mode); // [batch, inputs]
        Tensor states = levels.get(0).first(x, gateInput.of(x), mode); // [labels + 1, batch, units]
        for (ExtractionLevel level : levels.subList(1, levels.size())) {
            states = level.next(states, mode);
        }
        return towers.forward(states, mode); // [batch, labels]
    }
}
