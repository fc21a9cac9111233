package dev.marquee.nn;

import dev.marquee.profile.Tally;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The local activation unit of the deep interest network: a small perceptron weighs every event of a history by how it
 * bears on the candidate, and the events are summed with these weights.
 *
 * <pre>{@code
 * v(q) = Σ_j a(k_j, q) k_j      a(k, q) = perceptron([k, q, k − q, k ⊙ q])
 * }</pre>
 *
 * <p>The weights are not normalised, so that the sum also tells how much of the history bears on the candidate (section
 * 4.3 of the paper); with {@code softmax} they are made to sum to 1. Padding has no weight, and an empty history gives
 * zeros.
 *
 * <p>The first layer never sees its input of four parts: {@code W [k, q, k − q, k ⊙ q] = (W₁ + W₃) k + W₄ (k ⊙ q) + (W₂
 * − W₃) q}, the last term once for each row.
 *
 * <p>Parameters: {@code fc1.weight [size, 4 width]}, {@code fc1.bias}, …, {@code dice1.alpha}, …, {@code out.weight [1,
 * size]}, {@code out.bias [1]}. Source: Zhou et al., <em>Deep Interest Network for Click-Through Rate Prediction</em>,
 * 2018; of the inputs, the paper's figure shows k, q and their outer product, and the authors' published program has
 * those given here.
 */
public final class LocalActivation {
    private final Config config;
    private final List<Linear> maps = new ArrayList<>();
    private final List<Nonlinearity> nonlinearities = new ArrayList<>();
    private final Linear out;
    private final @Nullable DirectActivation direct;
    private final @Nullable SharedHistory shared;

    private LocalActivation(Parameters.Path path, Config config) {
        this.config = config;
        int inputs = 4 * config.width();
        for (int i = 1; i <= config.hidden().size(); i++) {
            int outputs = config.hidden().get(i - 1);
            maps.add(Linear.create(path.child("fc" + i), inputs, outputs, /* withBias= */ true));
            nonlinearities.add(Nonlinearity.create(path, i, outputs, config.dice(), config.activation()));
            inputs = outputs;
        }
        this.out = Linear.create(path.child("out"), inputs, 1, /* withBias= */ true);
        this.direct = config.hidden().size() == 1 && !config.dice() && !config.softmax()
                ? new DirectActivation(config.width(), config.activation(), maps.get(0), out)
                : null;
        this.shared = config.hidden().size() == 1 && !config.dice()
                ? new SharedHistory(config.width(), config.activation(), maps.get(0), out)
                : null;
    }

    /**
     * Sizes and options.
     *
     * @param width the size of an event and of a candidate, at least 1
     * @param hidden the sizes of the perceptron's hidden layers, at least one
     * @param dice whether {@link Dice} follows each of them
     * @param activation what follows each of them otherwise
     * @param softmax whether the weights of a history are made to sum to 1
     */
    public record Config(int width, List<Integer> hidden, boolean dice, Activation activation, boolean softmax) {
        /** Copies and checks. */
        public Config {
            hidden = List.copyOf(hidden);
            if (width < 1 || hidden.isEmpty() || hidden.stream().anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException("a local activation unit needs a positive width and at least one"
                        + " hidden size, each at least 1, not a width of " + width + " and " + hidden);
            }
        }
    }

    /**
     * Makes the unit with new parameters.
     *
     * @param path where its parameters live
     * @param config its sizes and options
     * @return the unit
     */
    public static LocalActivation create(Parameters.Path path, Config config) {
        return new LocalActivation(path, config);
    }

    /**
     * The weighted sum of the events.
     *
     * @param keys the events, {@code [batch, time, width]}
     * @param query the candidates, {@code [batch, width]}
     * @param padding {@code [batch, time]}, boolean: true where there is no event
     * @param mode whether this is training
     * @return {@code [batch, width]}
     * @throws IllegalArgumentException when keys or candidates have another width
     */
    public Tensor forward(Tensor keys, Tensor query, Tensor padding, Mode mode) {
        Shapes.requireLast(keys, config.width(), "the events");
        Shapes.requireLast(query, config.width(), "the candidates");
        if (direct != null && direct.suits(keys, query, mode)) {
            return direct.forward(keys, query, padding);
        }
        if (shared != null && !GradMode.is_enabled() && sharedByAll(keys)) {
            Tensor events = keys.select(0, 0); // [time, width]
            Tensor weights = weights(shared.scores(events, query), padding);
            return SharedHistory.sums(weights, events);
        }
        Tensor x = nonlinearities.get(0).forward(first(keys, query), padding, mode); // [batch, time, hidden]
        for (int i = 1; i < maps.size(); i++) {
            x = nonlinearities.get(i).forward(maps.get(i).forward(x), padding, mode);
        }
        Tensor weights = weights(out.forward(x).squeeze(2), padding); // [batch, time]
        Tally.product(weights, keys, keys.size(2));
        return torch.bmm(weights.unsqueeze(1), keys).squeeze(1); // [batch, width]
    }

    /** The first map of {@code [k, q, k − q, k ⊙ q]}, part by part: {@code [batch, time, hidden]}. */
    private Tensor first(Tensor keys, Tensor query) {
        Linear map = maps.get(0);
        Tensor ofKey = part(map, 0);
        Tensor ofQuery = part(map, 1);
        Tensor ofDifference = part(map, 2);
        Tensor ofProduct = part(map, 3);
        Tensor once = torch.linear(query, ofQuery.sub(ofDifference), map.bias()); // [batch, hidden]
        Tally.linear(query, ofQuery);
        Tally.linear(keys, ofKey);
        Tally.linear(keys, ofProduct);
        Tensor distinct = sharedByAll(keys) ? keys.narrow(0, 0, 1) : keys;
        return torch.linear(keys.mul(query.unsqueeze(1)), ofProduct)
                .add_(torch.linear(distinct, ofKey.add(ofDifference)))
                .add_(once.unsqueeze(1));
    }

    /** Whether one history stands in every row: a user's, of many candidates. */
    private static boolean sharedByAll(Tensor keys) {
        return keys.size(0) > 1 && keys.stride(0) == 0;
    }

    private Tensor part(Linear map, int part) {
        return map.weight().narrow(1, (long) part * config.width(), config.width()); // [hidden, width]
    }

    private Tensor weights(Tensor scores, Tensor padding) {
        if (!config.softmax()) {
            return scores.masked_fill(padding, new Scalar(0));
        }
        // Finite, so that an empty history has equal weights, cleared below, and not 0/0.
        Tensor weights = torch.softmax(scores.masked_fill(padding, new Scalar(-1e30)), 1);
        return weights.masked_fill(padding, new Scalar(0));
    }
}
