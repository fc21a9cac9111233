package dev.marquee.nn;

import dev.marquee.tensor.Engine;
import dev.marquee.tensor.OneDnn;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The three matrix products of a linear map, each by whatever is fastest for its shape: oneDNN, the BLAS, or a product
 * with a vector. They have no gradient formulas; call them with gradients off.
 *
 * <p>The BLAS packs the weights anew in each product, which takes about 0.7 ns for each of them, and the input, 0.2 ns;
 * oneDNN packs nothing where a stride suits it, but a call costs some 20 µs. So oneDNN is faster where the layer has
 * many weights, the more the smaller the batch, and never for tiny layers. Where the stride between the rows of an
 * operand that it reads across is a multiple of 2 KiB, rows fall on the same lines of the cache, and it may take twice
 * as long. GFLOP/s on one thread of an AMD EPYC with AVX2, BLAS against oneDNN:
 *
 * <pre>
 * inputs, outputs   rows   forward    input gradient   weight gradient
 * 784, 512            16   34 / 60    35 / 81          40 / 59
 *                    128   76 / 87    76 / 94          79 / 87
 *                   1024   87 / 88    88 / 92          84 / 84
 * 512, 512            32   49 / 68    49 / 55          56 / 56
 *                    512   84 / 86    85 / 62          82 / 58
 * 64, 64             128   49 / 27    51 / 33          49 / 24
 * 256, 256           128   71 / 77    71 / 79          72 / 68
 * </pre>
 */
final class Products {
    private static final byte FLOAT = ScalarType.Float.value;

    private Products() {}

    /**
     * A linear map: {@code y = x Wᵀ + b}.
     *
     * @param x {@code [rows, inputs]}
     * @param weight {@code [outputs, inputs]}
     * @param bias {@code [outputs]}; null for none
     * @return {@code [rows, outputs]}
     */
    static Tensor map(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (weight.size(0) == 1) {
            Tensor y = torch.mv(x, weight.view(-1)).unsqueeze(1); // [rows, 1]
            return bias == null ? y : y.add_(bias);
        }
        if (oneDnn(ProductRule.OUTPUT, x, weight)) {
            return OneDnn.linear(x, weight, bias);
        }
        return bias == null ? torch.mm(x, weight.t()) : torch.addmm(bias, x, weight.t());
    }

    /**
     * The gradient of a linear map's input.
     *
     * @param gradient of the output, {@code [rows, outputs]}
     * @param weight {@code [outputs, inputs]}
     * @return {@code [rows, inputs]}
     */
    static Tensor inputGradient(Tensor gradient, Tensor weight) {
        if (weight.size(0) == 1) {
            return torch.mul(gradient, weight);
        }
        return oneDnn(ProductRule.INPUT_GRADIENT, gradient, weight)
                ? OneDnn.linear(gradient, weight.t(), null)
                : torch.mm(gradient, weight);
    }

    /**
     * Adds to the gradient of a linear map's weight.
     *
     * @param gradient of the output, {@code [rows, outputs]}
     * @param x the input, {@code [rows, inputs]}
     * @param weight {@code [outputs, inputs]}, requires a gradient
     */
    static void addWeightGradient(Tensor gradient, Tensor x, Tensor weight) {
        if (weight.size(0) == 1) {
            Tape.give(weight, torch.mv(x.t(), gradient.view(-1)).unsqueeze(0)); // [1, inputs]
            return;
        }
        Tensor sum = weight.mutable_grad();
        GradientListener.Place place = sum.defined() ? null : Tape.place(weight);
        if (place != null) {
            sum.put(place.gradient());
            for (long row = 0; row < weight.size(0); row += place.rows()) {
                long count = Math.min(place.rows(), weight.size(0) - row);
                weightGradient(
                        gradient.narrow(1, row, count), x, place.gradient().narrow(0, row, count));
                Tape.given(weight, row + count);
            }
            return;
        }
        if (oneDnn(ProductRule.WEIGHT_GRADIENT, gradient, weight)) {
            Tape.give(weight, OneDnn.linear(gradient.t(), x.t(), null));
            return;
        }
        if (sum.defined()) {
            sum.addmm_(gradient.t(), x);
        } else {
            sum.put(torch.mm(gradient.t(), x));
        }
        Tape.given(weight, weight.size(0));
    }

    /**
     * The gradient of some of a linear map's weights.
     *
     * @param gradient of their outputs, {@code [rows, outputs]}
     * @param x the input, {@code [rows, inputs]}
     * @param into {@code [outputs, inputs]}, contiguous
     */
    static void weightGradient(Tensor gradient, Tensor x, Tensor into) {
        if (oneDnn(ProductRule.WEIGHT_GRADIENT, gradient, into)) {
            into.copy_(OneDnn.linear(gradient.t(), x.t(), null));
        } else {
            torch.mm_out(into, gradient.t(), x);
        }
    }

    private static boolean oneDnn(ProductRule product, Tensor rowsFirst, Tensor weight) {
        long rows = rowsFirst.size(0);
        return rows > 0
                && product.oneDnn(rows, weight.size(1), weight.size(0))
                && weight.scalar_type().value == FLOAT
                && rowsFirst.scalar_type().value == FLOAT
                && weight.is_cpu()
                && OneDnn.available()
                && Engine.operatorsHaveAllThreads();
    }
}
