package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * The behaviour sequence transformer: transformer blocks relate the events of a history and the candidate, its last
 * token, to each other; a perceptron judges the outcome beside the other features.
 *
 * <pre>{@code
 * S      = [k_1 + p_n, k_2 + p_{n−1}, …, k_n + p_1, q + p_0]      F = block(… block(S))
 * logits = perceptron([fields, bags, other sequences, numbers, F_q])
 * }</pre>
 *
 * <p>k_j joins the embeddings of the history's sequences at position j, q those of the candidate's fields, which are
 * their targets; several histories have a transformer each, and sequences without a target are pooled by their mean.
 * The learned positions p count from the candidate backwards: the newest event, which stands at the end, has position 1
 * whatever the length of the history. (The paper makes positions of the time between event and recommendation; a log
 * that has it can declare it, cut into ranges, as a sequence of the same history.) The perceptron sees F at the
 * candidate alone, or at all tokens as in the paper. With an empty history the candidate attends to itself.
 *
 * <p>Parameters: {@code embedding.TABLE}, {@code history.NAME.positions [maximum length + 1, width]}, {@code
 * history.NAME.block1.…}, {@code perceptron.…}. Source: Chen et al., <em>Behavior Sequence Transformer for E-commerce
 * Recommendation in Alibaba</em>, 2019.
 */
public final class Bst implements Model {
    private final RowInput input;
    private final List<HistoryTransformer> transformers = new ArrayList<>();
    private final Tower perceptron;

    Bst(Parameters.Path path, FeatureLayout layout, BstConfig config) {
        List<History> histories = History.of(layout, "bst");
        histories.forEach(history -> requireHeads(history, config));
        this.input = RowInput.besideHistories(path, layout, config.embedding());
        int inputs = input.size();
        for (History history : histories) {
            HistoryTransformer transformer =
                    new HistoryTransformer(path.child("history").child(history.name()), history, config);
            transformers.add(transformer);
            inputs += transformer.outputs();
        }
        this.perceptron = new Tower(path.child("perceptron"), inputs, config.layers(), layout);
    }

    @Override
    public Tensor forward(Batch batch, Mode mode) {
        RowInput.Rows rows = input.look(batch, mode);
        TensorVector parts = rows.parts();
        for (HistoryTransformer transformer : transformers) {
            parts.push_back(transformer.forward(rows, mode));
        }
        return perceptron.forward(RowInput.joined(parts), mode); // [batch, labels]
    }

    private static void requireHeads(History history, BstConfig config) {
        int width = history.width(config.embedding().size());
        if (width % config.heads() != 0) {
            throw new IllegalArgumentException("bst cannot cut the " + width + " values of an event of \""
                    + history.name() + "\" (" + history.sequences().size() + " sequences, embeddings of "
                    + config.embedding().size() + ") into " + config.heads()
                    + " equal heads: change heads or embedding.size");
        }
    }
}
