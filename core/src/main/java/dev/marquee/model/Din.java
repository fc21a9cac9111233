package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.LocalActivation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * The deep interest network: what of a user's history bears on this candidate is summed, weight by weight, and a
 * perceptron judges it beside the other features.
 *
 * <pre>{@code
 * v_h    = Σ_j a_h(k_j, q) k_j                                    for each history h: LocalActivation
 * logits = perceptron([fields, bags, other sequences, numbers, v_1, v_2, …])
 * }</pre>
 *
 * <p>k_j joins the embeddings of the history's sequences at position j, q those of the candidate's fields, which are
 * their targets. Neither the order of the events nor padding matters. Sequences without a target are pooled by their
 * mean. Dice ({@link dev.marquee.nn.Dice}) is the activation, in the units and in the perceptron.
 *
 * <p>Parameters: {@code embedding.TABLE}, {@code attention.HISTORY.…}, {@code perceptron.…}. Source: Zhou et al.,
 * <em>Deep Interest Network for Click-Through Rate Prediction</em>, 2018.
 */
public final class Din implements Model {
    private final RowInput input;
    private final List<Interest> interests = new ArrayList<>();
    private final Tower perceptron;
    private final boolean products;

    Din(Parameters.Path path, FeatureLayout layout, DinConfig config) {
        List<History> histories = History.of(layout, "din");
        this.input = RowInput.besideHistories(path, layout, config.embedding());
        int inputs = input.size();
        for (History history : histories) {
            int width = history.width(config.embedding().size());
            interests.add(new Interest(
                    history,
                    LocalActivation.create(path.child("attention").child(history.name()), config.unit(width))));
            inputs += config.products() ? 3 * width : width;
        }
        this.products = config.products();
        this.perceptron = new Tower(path.child("perceptron"), inputs, config.layers(), layout);
    }

    /** A history and what finds the candidate's part in it. */
    private record Interest(History history, LocalActivation unit) {
        void forward(RowInput.Rows rows, Mode mode, boolean products, TensorVector parts) {
            History.Events seen = history.look(rows);
            Tensor interest = unit.forward(seen.events(), seen.candidate(), seen.padding(), mode); // [batch, width]
            parts.push_back(interest);
            if (products) {
                parts.push_back(interest.mul(seen.candidate()));
                parts.push_back(seen.mean().mul(seen.candidate()));
            }
        }
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        RowInput.Rows rows = input.look(batch, mode);
        TensorVector parts = rows.parts();
        for (Interest interest : interests) {
            interest.forward(rows, mode, products, parts);
        }
        return perceptron.forward(RowInput.joined(parts), mode); // [batch, labels]
    }
}
