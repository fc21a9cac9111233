package dev.marquee.nn;

import dev.marquee.profile.Tally;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A {@link LocalActivation} of one hidden layer, without Dice, where one history stands in every row and no gradient is
 * asked for: a user's, of many candidates. What the candidates do to the first layer is taken to its weights, so that all
 * rows share the events as they are:
 *
 * <pre>{@code
 * W [k, q, k − q, k ⊙ q] = (W₁ + W₃ + W₄ diag(q)) k + (W₂ − W₃) q
 * }</pre>
 *
 * <p>The matrix in brackets has {@code hidden × width} numbers for each candidate, where the products {@code k ⊙ q} would
 * have {@code time × width}; one product with the events gives all hidden layers, and one more all sums.
 */
final class SharedHistory {
    private final int width;
    private final Activation activation;
    private final Linear map;
    private final Linear out;

    SharedHistory(int width, Activation activation, Linear map, Linear out) {
        this.width = width;
        this.activation = activation;
        this.map = map;
        this.out = out;
    }

    /**
     * The weights of the events, before padding and softmax.
     *
     * @param events {@code [time, width]}
     * @param query {@code [batch, width]}
     * @return {@code [batch, time]}
     */
    Tensor scores(Tensor events, Tensor query) {
        long batch = query.size(0);
        long time = events.size(0);
        long hidden = map.weight().size(0);
        Tensor difference = part(2);
        // [hidden, batch, width]: the hidden size first, for the last map to be one product
        Tensor own = torch.mul(part(3).unsqueeze(1), query.unsqueeze(0))
                .add_(part(0).add(difference).unsqueeze(1));
        Tensor once = torch.linear(query, part(1).sub(difference), map.bias()).t(); // [hidden, batch]
        Tensor sums = torch.addmm(once.reshape(-1, 1), own.view(-1, width), events.t()); // [hidden * batch, time]
        Tensor seen = activation == Activation.RELU ? sums.relu_() : activation.apply(sums);
        Tensor bias = out.bias();
        Tensor scores =
                torch.mv(seen.view(hidden, batch * time).t(), out.weight().view(-1)); // [batch * time]
        Tally.linear(query, part(1));
        Tally.product(own, events, time);
        Tally.product(2.0 * seen.numel(), 0);
        return (bias == null ? scores : scores.add_(bias)).view(batch, time);
    }

    /**
     * The weighted sums.
     *
     * @param weights {@code [batch, time]}
     * @param events {@code [time, width]}
     * @return {@code [batch, width]}
     */
    static Tensor sums(Tensor weights, Tensor events) {
        Tally.product(weights, events, events.size(1));
        return torch.mm(weights, events);
    }

    private Tensor part(int part) {
        return map.weight().narrow(1, (long) part * width, width); // [hidden, width]
    }
}
