package dev.marquee.nn;

import dev.marquee.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The second-order term of a factorisation machine: every pair of fields adds the product of their embeddings,
 *
 * <pre>{@code Σ_{i<j} <e_i, e_j> = ½ Σ_d ((Σ_i e_id)² - Σ_i e_id²)}</pre>
 *
 * <p>where {@code e_i = x_i v_i}. The right-hand side takes time linear in the number of fields. For two fields of (1, 2)
 * and (3, 4) it is 11. Source: Rendle, <em>Factorization Machines</em>, 2010, equation 1 and lemma 3.1.
 */
public final class FactorizationMachine {
    private FactorizationMachine() {}

    /**
     * The sum over all pairs of fields.
     *
     * @param fields {@code [batch, fields, width]}, floating-point
     * @return {@code [batch, 1]}
     * @throws IllegalArgumentException when the fields have another number of dimensions
     */
    public static Tensor pairs(Tensor fields) {
        if (fields.dim() != 3) {
            throw new IllegalArgumentException(
                    "a factorization machine's fields must be [batch, fields, width], not " + Tensors.describe(fields));
        }
        Tensor squareOfSum = fields.sum(1).square(); // [batch, width]
        Tensor sumOfSquares = fields.square().sum(1); // [batch, width]
        return squareOfSum.sub(sumOfSquares).sum(1).mul(new Scalar(0.5)).unsqueeze(1);
    }
}
