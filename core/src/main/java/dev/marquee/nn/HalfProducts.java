package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.OneDnn;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The three products of a linear map in bfloat16, summed in float32 and rounded to bfloat16 once: what autocast computes.
 * Gradients of weights are float32 from there on. All are oneDNN's; with a bias it is called as it is, else through the
 * engine's product, which costs less a call where an operand is transposed. GFLOP/s on one thread of an AMD EPYC with
 * AVX-512 BF16, float32 (the faster library) against bfloat16:
 *
 * <pre>
 * inputs, outputs   rows   forward      input gradient   weight gradient
 * 784, 512            32   112 / 185    – / 188          – / 205
 *                    128   157 / 307    – / 316          – / 314
 *                    512   166 / 368    – / 374          – / 361
 * 400, 400           512   181 / 349    – / 361          – / 347
 * </pre>
 */
final class HalfProducts {
    private HalfProducts() {}

    /** As {@link Products#map}, of bfloat16. */
    static Tensor map(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (!SharedProducts.worthSharing(x, weight)) {
            return plainMap(x, weight, bias);
        }
        Tensor y = Tensors.empty(DType.BFLOAT16, x.size(0), weight.size(0)); // [rows, outputs]
        SharedProducts.each(weight.size(0), (from, size) -> {
            Tensor some = bias == null ? null : bias.narrow(0, from, size);
            y.narrow(1, from, size).copy_(plainMap(x, weight.narrow(0, from, size), some));
        });
        return y;
    }

    private static Tensor plainMap(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (bias != null && x.size(0) > 0 && OneDnn.available()) {
            return OneDnn.linear(x, weight, bias);
        }
        return bias == null ? torch.mm(x, weight.t()) : torch.addmm(bias, x, weight.t());
    }

    /** As {@link Products#inputGradient}, of bfloat16. */
    static Tensor inputGradient(Tensor gradient, Tensor weight) {
        if (!SharedProducts.worthSharing(gradient, weight)) {
            return torch.mm(gradient, weight);
        }
        Tensor sum = Tensors.empty(DType.BFLOAT16, gradient.size(0), weight.size(1)); // [rows, inputs]
        SharedProducts.each(
                weight.size(1),
                (from, size) -> sum.narrow(1, from, size).copy_(torch.mm(gradient, weight.narrow(1, from, size))));
        return sum;
    }

    /**
     * Adds to the gradient of a linear map's weight.
     *
     * @param gradient of the output, {@code [rows, outputs]} bfloat16
     * @param x the input, {@code [rows, inputs]} bfloat16
     * @param weight {@code [outputs, inputs]} float32, requires a gradient
     */
    static void addWeightGradient(Tensor gradient, Tensor x, Tensor weight) {
        GradientListener.Place place = weight.mutable_grad().defined() ? null : Tape.place(weight);
        if (place != null) {
            weight.mutable_grad().put(place.gradient());
            for (long row = 0; row < weight.size(0); row += place.rows()) {
                long count = Math.min(place.rows(), weight.size(0) - row);
                place.gradient()
                        .narrow(0, row, count)
                        .copy_(torch.mm(gradient.narrow(1, row, count).t(), x));
                Tape.given(weight, row + count);
            }
            return;
        }
        if (!SharedProducts.worthSharing(x, weight)) {
            Tape.give(weight, torch.mm(gradient.t(), x).to(DType.FLOAT32.scalarType()));
            return;
        }
        Tensor sum = Tensors.empty(DType.FLOAT32, weight.size(0), weight.size(1)); // [outputs, inputs]
        SharedProducts.each(
                weight.size(0),
                (from, size) -> sum.narrow(0, from, size)
                        .copy_(torch.mm(gradient.narrow(1, from, size).t(), x)));
        Tape.give(weight, sum);
    }
}
