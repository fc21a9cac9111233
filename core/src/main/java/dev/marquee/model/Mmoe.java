package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.ParallelPerceptrons;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Tally;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The multi-gate mixture of experts: the labels share experts, and each label has a gate that mixes them for this row,
 * and a tower.
 *
 * <pre>{@code
 * x       = [fields, bags, sequences, numbers]
 * g_k(x)  = softmax(W_k x)                                for each label k
 * logit_k = tower_k(Σ_i g_k(x)_i expert_i(x))
 * }</pre>
 *
 * <p>Experts are perceptrons with an activation behind each layer. With one label it is the plain mixture of experts.
 * Parameters: {@code embedding.TABLE}, {@code experts.…} (see {@link ParallelPerceptrons}), {@code gates.weight [labels ·
 * experts, inputs]}, {@code towers.…}. Source: Ma et al., <em>Modeling Task Relationships in Multi-task Learning with
 * Multi-gate Mixture-of-Experts</em>, 2018.
 */
public final class Mmoe implements Model {
    private final int labels;
    private final int count;
    private final RowInput input;
    private final ParallelPerceptrons experts;
    private final GateInput gateInput;
    private final Linear gates;
    private final Towers towers;

    Mmoe(Parameters.Path path, FeatureLayout layout, MmoeConfig config) {
        this.labels = layout.labels().size();
        this.count = config.experts();
        this.input = RowInput.of(path, layout, config.embedding(), "mmoe");
        this.experts = ParallelPerceptrons.create(path.child("experts"), count, input.size(), config.expert());
        this.gateInput = new GateInput(input, config.gateFeatures());
        this.gates = Linear.create(path.child("gates"), gateInput.size(), (long) labels * count, /* withBias= */ false);
        this.towers =
                new Towers(path.child("towers"), labels, experts.outputs(), config.tower(), BaseRates.logits(layout));
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        Tensor x = input.forward(batch, mode); // [batch, inputs]
        Tensor expert = experts.forward(x, mode).transpose(0, 1); // [batch, experts, units]
        Tensor gate = torch.softmax(gates.forward(gateInput.of(x)).view(batch.size(), labels, count), 2);
        Tally.product(gate, expert, expert.size(2));
        Tensor mixture = torch.bmm(gate, expert); // [batch, labels, units]
        return towers.forward(mixture.transpose(0, 1), mode); // [batch, labels]
    }
}
