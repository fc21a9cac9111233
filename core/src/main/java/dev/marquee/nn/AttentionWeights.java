package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Operators;
import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * From the products of queries and keys to the weights of the values, and back, without the engine's graph.
 *
 * @param scores the softmax over the keys: zero for hidden ones, and for all where all are hidden
 * @param noise what dropout multiplies the scores by; null where nothing is dropped
 * @param kept the scores after dropout
 */
record AttentionWeights(Tensor scores, @Nullable Tensor noise, Tensor kept) {
    private static final String BACKWARD =
            "aten::_softmax_backward_data(Tensor grad_output, Tensor output, int dim, ScalarType input_dtype) -> Tensor";

    /**
     * Where the products are to be written, so that only the windows' need to be.
     *
     * @param sizes of the products: the batch, queries and heads in any order, and the keys
     */
    static Tensor productsFor(AttentionProblem problem, long... sizes) {
        DType type = DType.of(problem.query());
        return problem.windows().full()
                ? Tensors.empty(type, sizes)
                : Tensors.full(Double.NEGATIVE_INFINITY, type, sizes);
    }

    /**
     * Turns products into weights.
     *
     * @param products the batch in front, the keys at the end; not used afterwards
     * @param headsAt which dimension of the products the heads are
     */
    static AttentionWeights of(AttentionProblem problem, Tensor products, int headsAt) {
        HiddenKeys hidden = problem.hidden();
        if (hidden != null) {
            products.masked_fill_(hidden.filled().unsqueeze(headsAt), new Scalar(Double.NEGATIVE_INFINITY));
        }
        Tensor scores = torch.softmax(products, -1);
        if (hidden != null && hidden.blind() != null) {
            scores.masked_fill_(hidden.blind().unsqueeze(headsAt), new Scalar(0));
        } else {
            for (int n = 0; n < problem.samples(); n++) {
                if (problem.windows().count(n) == 0) {
                    scores.select(0, n).zero_();
                }
            }
        }
        double dropped = problem.dropout().probability();
        if (!problem.mode().training() || dropped == 0) {
            return new AttentionWeights(scores, null, scores);
        }
        Tensor noise = torch.empty_like(scores);
        noise.bernoulli_(1 - dropped, new GeneratorOptional()).div_(new Scalar(1 - dropped));
        return new AttentionWeights(scores, noise, scores.mul(noise));
    }

    /**
     * The gradient of the products, zero where keys are hidden.
     *
     * @param ofKept the gradient of the scores after dropout, finite everywhere; changed
     * @param ofScores what else is known of the gradient of the scores; null for nothing
     */
    Tensor backward(Tensor ofKept, @Nullable Tensor ofScores) {
        if (noise != null) {
            ofKept.mul_(noise);
        }
        if (ofScores != null) {
            ofKept.add_(ofScores);
        }
        return Operators.call(BACKWARD, new IValue(ofKept), new IValue(scores), new IValue(-1L), new IValue((long)
                        scores.scalar_type().value))
                .get(0)
                .toTensor();
    }
}
