package dev.marquee.model;

import dev.marquee.nn.Initializer;
import dev.marquee.nn.Linear;
import dev.marquee.nn.MemberLinear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The last linear map of a network: a logit for each label. Several members have a map each.
 *
 * <p>Parameters: {@code weight [labels, inputs]}, {@code bias [labels]}; of several members {@code weight [members, inputs,
 * labels]}, {@code bias [members, labels]}.
 */
final class Logits {
    private final Layer map;

    private Logits(Layer map) {
        this.map = map;
    }

    private interface Layer {
        Tensor forward(Tensor x);
    }

    /** A map whose biases start at the logits of the base rates. */
    static Logits create(Parameters.Path path, int inputs, FeatureLayout layout, int members) {
        return create(path, inputs, layout, members, BaseRates.logits(layout));
    }

    /** A map whose biases start at zero, for a network in which another part has the base rates. */
    static Logits beside(Parameters.Path path, int inputs, FeatureLayout layout, int members) {
        return create(path, inputs, layout, members, Initializer.constant(0));
    }

    private static Logits create(
            Parameters.Path path, int inputs, FeatureLayout layout, int members, Initializer biases) {
        int labels = layout.labels().size();
        if (members > 1) {
            return new Logits(MemberLinear.create(path, members, inputs, labels, biases)::forward);
        }
        return new Logits(Linear.create(path, inputs, labels, biases)::forward);
    }

    /** From {@code [batch, inputs]} to {@code [batch, labels]}; of several members, {@code [batch, members, …]}. */
    Tensor forward(Tensor x) {
        return map.forward(x);
    }

    /** Adds {@code [batch, labels]}, to the logits of each member where there are several. */
    static Tensor add(Tensor logits, Tensor others) {
        return logits.add(logits.dim() == 2 ? others : others.unsqueeze(1));
    }

    /**
     * What a network returns: in training the logits of each member, which then has its own loss; otherwise the logit of
     * the mean of the members' probabilities,
     *
     * <pre>{@code log(Σ_i σ(z_i)) - log(Σ_i σ(-z_i))}</pre>
     *
     * <p>computed from logarithms, so that it stays finite where the probabilities round to 0 or 1.
     *
     * @param logits {@code [batch, labels]} of one member, {@code [batch, members, labels]} of several
     * @return {@code [batch, labels]}, or in training what was given
     */
    static Tensor ofMembers(Tensor logits, Mode mode) {
        if (logits.dim() == 2 || mode.training()) {
            return logits;
        }
        Tensor yes = torch.log_sigmoid(logits).logsumexp(1); // [batch, labels]
        Tensor no = torch.log_sigmoid(logits.neg()).logsumexp(1); // [batch, labels]
        return yes.sub(no);
    }
}
