package dev.marquee.model;

import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.ParallelPerceptrons;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Tally;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** One level of {@link Ple}. Its experts stand in the order of the labels, the shared ones last. */
final class ExtractionLevel {
    private final int labels;
    private final int own;
    private final int shared;
    private final ParallelPerceptrons experts;
    private final List<Linear> gates = new ArrayList<>();
    private final @Nullable Linear sharedGate;

    ExtractionLevel(Parameters.Path path, int labels, int inputs, int gateInputs, PleConfig config, boolean last) {
        this.labels = labels;
        this.own = config.labelExperts();
        this.shared = config.sharedExperts();
        int all = labels * own + shared;
        this.experts = ParallelPerceptrons.create(path.child("experts"), all, inputs, config.expert());
        for (int i = 1; i <= labels; i++) {
            gates.add(Linear.create(path.child("gate" + i), gateInputs, own + shared, /* withBias= */ false));
        }
        this.sharedGate =
                last ? null : Linear.create(path.child("shared_gate"), gateInputs, all, /* withBias= */ false);
    }

    /** The size of what each gate lets through. */
    int outputs() {
        return experts.outputs();
    }

    /**
     * The first level, where all see the same.
     *
     * @param x {@code [batch, inputs]}
     * @param gateInput {@code [batch, gate inputs]}
     * @return that of each label, and but for the last level the shared one: {@code [labels or labels + 1, batch,
     *     units]}
     */
    Tensor first(Tensor x, Tensor gateInput, Mode mode) {
        return mixed(experts.forward(x, mode), label -> gateInput);
    }

    /**
     * A later level.
     *
     * @param states what the level before gave for each label, and the shared one: {@code [labels + 1, batch, units]}
     * @return {@code [labels or labels + 1, batch, units]}
     */
    Tensor next(Tensor states, Mode mode) {
        long[] seen = new long[labels * own + shared];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = Math.min(i / own, labels);
        }
        Tensor inputs = states.index_select(0, Device.beside(Tensors.of(seen), states)); // [experts, batch, inputs]
        return mixed(experts.forward(inputs, mode), label -> states.select(0, label));
    }

    /** Mixes the experts, {@code [experts, batch, units]}, by the gates. */
    private Tensor mixed(Tensor expert, IntFunction<Tensor> gateInput) {
        Tensor byRow = expert.transpose(0, 1); // [batch, experts, units]
        Tensor ofAll = byRow.narrow(1, (long) labels * own, shared); // [batch, shared, units]
        TensorVector mixtures = new TensorVector();
        for (int label = 0; label < labels; label++) {
            Tensor gate = weights(gates.get(label), gateInput.apply(label)); // [batch, 1, own + shared]
            Tensor ofLabel = byRow.narrow(1, (long) label * own, own); // [batch, own, units]
            Tally.product(gate, byRow, byRow.size(2));
            mixtures.push_back(torch.bmm(gate.narrow(2, 0, own), ofLabel)
                    .add(torch.bmm(gate.narrow(2, own, shared), ofAll))); // [batch, 1, units]
        }
        if (sharedGate != null) {
            mixtures.push_back(torch.bmm(weights(sharedGate, gateInput.apply(labels)), byRow));
        }
        return torch.cat(mixtures, 1).transpose(0, 1); // [labels or labels + 1, batch, units]
    }

    private static Tensor weights(Linear gate, Tensor input) {
        return torch.softmax(gate.forward(input), 1).unsqueeze(1);
    }
}
