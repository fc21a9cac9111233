package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.Autocast;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.FloatRows;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.OwnGradient;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LocalActivation} of one hidden layer, without softmax and Dice, over the events alone: what fills a history up
 * is left out before the first product, so histories of unequal lengths cost what their events cost. With x the event k
 * beside k ⊙ q, for each event of each row:
 *
 * <pre>{@code
 * h = f(A x + C q + b)      a = w · h + c      v = Σ a k
 * }</pre>
 *
 * <p>where A joins W₁ + W₃ and W₄, and C = W₂ − W₃, whose product is computed once a row. The gradients are those that the
 * engine finds, but for the order of summation.
 */
final class DirectActivation {
    private static final int WORTH_A_THREAD = 1 << 14;

    private final int width;
    private final Activation activation;
    private final Linear map;
    private final Linear out;

    DirectActivation(int width, Activation activation, Linear map, Linear out) {
        this.width = width;
        this.activation = activation;
        this.map = map;
        this.out = out;
    }

    /** Whether this way can be taken: in training, on the processor, in the type of the weights. */
    boolean suits(Tensor keys, Tensor query, Mode mode) {
        byte type = map.weight().scalar_type().value;
        return mode.training()
                && Tape.mayFuse(Math.max(width, map.weight().size(0)))
                && keys.is_cpu()
                && keys.scalar_type().value == type
                && query.scalar_type().value == type;
    }

    /**
     * What {@link LocalActivation#forward} computes.
     *
     * @param keys {@code [batch, time, width]}
     * @param query {@code [batch, width]}
     * @param padding {@code [batch, time]}
     * @return {@code [batch, width]}
     */
    Tensor forward(Tensor keys, Tensor query, Tensor padding) {
        Tensor bias = map.bias();
        Tensor outBias = out.bias();
        if (bias == null || outBias == null) {
            throw new IllegalStateException("the unit's maps have biases");
        }
        try (Autocast.Suspended own = Autocast.suspended()) {
            Pass pass;
            try (Gradients.Guard off = Gradients.off()) {
                pass = new Pass(keys, query, Events.of(padding), bias, outBias);
            }
            OwnGradient.join(
                    List.of(pass.result),
                    List.of(keys, query, map.weight(), bias, out.weight(), outBias),
                    gradients -> pass.backward(gradients.get(0)));
            return pass.result;
        }
    }

    /** Where the events are: the place of each among all places, its row, and where the events of each row begin. */
    @SuppressWarnings("ArrayRecordComponent") // read by loops; events are not compared
    private record Events(Tensor places, Tensor rows, int[] starts) {
        static Events of(Tensor padding) {
            int batch = Math.toIntExact(padding.size(0));
            int time = Math.toIntExact(padding.size(1));
            ByteBuffer hidden = Tensors.bytes(padding.contiguous());
            int[] starts = new int[batch + 1];
            for (int row = 0; row < batch; row++) {
                starts[row + 1] = starts[row];
                for (int at = row * time; at < (row + 1) * time; at++) {
                    starts[row + 1] += hidden.get(at) == 0 ? 1 : 0;
                }
            }
            Tensor places = Tensors.empty(DType.INT64, starts[batch]);
            Tensor rows = Tensors.empty(DType.INT64, starts[batch]);
            LongBuffer ofPlaces = Tensors.bytes(places).asLongBuffer();
            LongBuffer ofRows = Tensors.bytes(rows).asLongBuffer();
            int count = 0;
            for (int row = 0; row < batch; row++) {
                for (int at = row * time; at < (row + 1) * time; at++) {
                    if (hidden.get(at) == 0) {
                        ofPlaces.put(count, at);
                        ofRows.put(count++, row);
                    }
                }
            }
            return new Events(places, rows, starts);
        }

        /** The sum of each row's events: {@code [events, size]} to {@code [batch, size]}. */
        Tensor sum(Tensor values) {
            int size = Math.toIntExact(values.size(1));
            int batch = starts.length - 1;
            Tensor sums = Tensors.zeros(DType.of(values), batch, size);
            try (Scope scope = Scope.open()) {
                Tensor given = values.contiguous();
                if (FloatRows.suits(given)) {
                    sum(FloatRows.of(given), FloatRows.of(sums), batch, size);
                    return sums;
                }
                Numbers from = Numbers.of(given);
                Numbers into = Numbers.of(sums);
                Ranges.split(0, batch, Math.max(1, WORTH_A_THREAD / size), (first, end) -> {
                    for (int row = first; row < end; row++) {
                        long target = (long) row * size;
                        for (int event = starts[row]; event < starts[row + 1]; event++) {
                            long source = (long) event * size;
                            for (int k = 0; k < size; k++) {
                                into.set(target + k, into.get(target + k) + from.get(source + k));
                            }
                        }
                    }
                });
            }
            return sums;
        }

        private void sum(FloatRows from, FloatRows into, int batch, int size) {
            Ranges.split(0, batch, Math.max(1, WORTH_A_THREAD / size), (first, end) -> {
                float[] room = new float[size];
                float[] sum = new float[size];
                for (int row = first; row < end; row++) {
                    Arrays.fill(sum, 0);
                    for (int event = starts[row]; event < starts[row + 1]; event++) {
                        from.addTo(event, sum, room);
                    }
                    into.put(row, sum, 0);
                }
            });
        }
    }

    /** What one forward pass leaves for its backward pass. */
    private final class Pass {
        private final Tensor keys;
        private final Tensor query;
        private final Events events;
        private final Tensor own; // [events, width]
        private final Tensor asked; // [events, width]
        private final Tensor input; // [events, 2 width]
        private final Tensor perEvent; // [hidden, 2 width]
        private final Tensor perRow; // [hidden, width]
        private final @Nullable Tensor before;
        private final Tensor hidden; // [events, hidden]
        private final Tensor weights; // [events]
        private final Tensor result;

        Pass(Tensor keys, Tensor query, Events events, Tensor bias, Tensor outBias) {
            this.keys = keys;
            this.query = query;
            this.events = events;
            own = keys.reshape(-1, width).index_select(0, events.places());
            asked = query.index_select(0, events.rows());
            input = torch.cat(new TensorVector(own, own.mul(asked)), 1);
            perEvent = torch.cat(new TensorVector(part(0).add(part(2)), part(3)), 1);
            perRow = part(1).sub(part(2));
            Tensor once = torch.addmm(bias, query, perRow.t()); // [batch, hidden]
            Tensor sum = once.index_select(0, events.rows()).addmm_(input, perEvent.t());
            before = activation.needsInput() ? sum : null;
            hidden = activation == Activation.RELU ? sum.relu_() : activation.apply(sum);
            weights = torch.mv(hidden, out.weight().view(-1)).add_(outBias);
            result = events.sum(own.mul(weights.unsqueeze(1)));
            Tally.product(2.0 * (query.numel() + input.numel() + weights.numel()) * bias.numel(), 2);
            Tally.product(2.0 * own.numel(), 2);
        }

        /** Gradients of keys, query, the first map's weight and bias, and the second one's. */
        List<@Nullable Tensor> backward(@Nullable Tensor given) {
            if (given == null) {
                throw new IllegalStateException("the backward pass comes with a gradient");
            }
            Tensor gradient = given.index_select(0, events.rows()); // [events, width]
            Tensor dWeights = gradient.mul(own).sum(1); // [events]
            Tensor dHidden = torch.outer(dWeights, out.weight().view(-1)); // [events, hidden]
            Tensor dSum = activation.backward(dHidden, before, hidden);
            Tensor dInput = torch.mm(dSum, perEvent); // [events, 2 width]
            Tensor dOnce = events.sum(dSum); // [batch, hidden]
            Tensor dProduct = dInput.narrow(1, width, width);
            Tensor dOwn = gradient.mul_(weights.unsqueeze(1))
                    .add_(dInput.narrow(1, 0, width))
                    .addcmul_(dProduct, asked, new Scalar(1));
            Tensor dQuery = torch.mm(dOnce, perRow).add_(events.sum(dProduct.mul(own)));
            Tensor dKeys = torch.zeros_like(keys.reshape(-1, width)).index_copy_(0, events.places(), dOwn);
            return Arrays.asList(
                    dKeys.view(keys.sizes()),
                    dQuery,
                    map.weight().requires_grad() ? ofMap(dSum, dOnce) : null,
                    dOnce.sum(0),
                    out.weight().requires_grad()
                            ? torch.mv(hidden.t(), dWeights).view(1, -1)
                            : null,
                    dWeights.sum().view(1));
        }

        /** The gradient of the first map's weight. */
        private Tensor ofMap(Tensor dSum, Tensor dOnce) {
            Tensor dPerEvent = torch.mm(dSum.t(), input); // [hidden, 2 width]
            Tensor dPerRow = torch.mm(dOnce.t(), query); // [hidden, width]
            Tensor ofKey = dPerEvent.narrow(1, 0, width);
            TensorVector parts = new TensorVector();
            parts.push_back(ofKey);
            parts.push_back(dPerRow);
            parts.push_back(ofKey.sub(dPerRow));
            parts.push_back(dPerEvent.narrow(1, width, width));
            return torch.cat(parts, 1);
        }

        private Tensor part(int part) {
            return map.weight().narrow(1, (long) part * width, width); // [hidden, width]
        }
    }
}
