package dev.marquee.optim;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.TableShard;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Keeps gradients from becoming too large. */
public final class GradientClipping {
    /** Keeps the division defined when all gradients are zero; PyTorch's number. */
    private static final double GUARD = 1e-6;

    private GradientClipping() {}

    /**
     * Scales all gradients alike, in place, when their norm, that of all of them as one vector, is above the limit. The
     * rows of embedding tables count with the gradient summed over all their places, each row once, padding left out:
     * the norm is that of the dense gradients of the tables, without making them. Where several processes share tables, it is
     * that of all of them, and all must call this.
     * Agrees with {@code torch.nn.utils.clip_grad_norm_}: gradients that are not finite stay so, for the training loop
     * to see.
     *
     * @param parameters those whose gradients to clip
     * @param maxNorm the limit, above 0
     * @return the norm before clipping; 0 when there are no gradients
     * @throws IllegalArgumentException when the limit is not a finite number above 0
     */
    public static double byNorm(Parameters parameters, double maxNorm) {
        Checks.above(maxNorm, 0, "the largest norm");
        // In the caller's scope: the optimiser steps by the same tensors.
        Map<EmbeddingTable, EmbeddingTable.RowGradient> rows = new LinkedHashMap<>();
        parameters.tables().forEach(table -> table.gradient().ifPresent(gradient -> rows.put(table, gradient)));
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor[] gradients = gradients(parameters);
            double norm = norm(gradients);
            double squares = norm * norm;
            double own = 0;
            for (Map.Entry<EmbeddingTable, EmbeddingTable.RowGradient> entry : rows.entrySet()) {
                TableShard shard = entry.getKey().shard().orElse(null);
                squares += squares(entry.getValue(), row -> shard == null || !shard.isOwn(row));
                own += shard == null ? 0 : squares(entry.getValue(), shard::isOwn);
            }
            // Rows that one process keeps have their gradients there: each counts once. All processes must call this.
            Optional<TableShard> shared = parameters.tables().stream()
                    .flatMap(table -> table.shard().stream())
                    .findFirst();
            if (shared.isPresent()) {
                squares += shared.get().sharding().sum().applyAsDouble(own);
            }
            if (!rows.isEmpty() || shared.isPresent()) {
                norm = Math.sqrt(squares);
            }
            double coefficient = Math.min(1, maxNorm / (norm + GUARD));
            // Not "below 1": a norm that is not a number has to pass.
            if (!(coefficient >= 1)) {
                Scalar factor = new Scalar(coefficient);
                for (Tensor gradient : gradients) {
                    gradient.mul_(factor);
                }
                rows.values().forEach(gradient -> gradient.values().mul_(factor));
            }
            return norm;
        }
    }

    /** All in one piece where every parameter has one. */
    static Tensor[] gradients(Parameters parameters) {
        Tensor[] each = parameters.trainable().values().stream()
                .map(Tensor::mutable_grad)
                .filter(Tensor::defined)
                .toArray(Tensor[]::new);
        if (each.length < 2 || each.length < parameters.trainable().size()) {
            return each;
        }
        parameters.flat().collect();
        return new Tensor[] {parameters.flat().gradients()};
    }

    private static double norm(Tensor... gradients) {
        if (gradients.length == 0) {
            return 0;
        }
        TensorVector norms = new TensorVector(gradients.length);
        for (int i = 0; i < gradients.length; i++) {
            norms.put(i, torch.linalg_vector_norm(gradients[i]));
        }
        return torch.linalg_vector_norm(torch.stack(norms)).item_double();
    }

    /** The sum of squares, which the engine's own operator would add up in as many parts as there are threads. */
    private static double squares(EmbeddingTable.RowGradient gradient, IntPredicate counts) {
        Numbers numbers = Numbers.of(gradient.values());
        IntBuffer rows = Tensors.bytes(gradient.ids().rows()).asIntBuffer();
        long width = gradient.values().size(1);
        double sum = 0;
        for (int position = 1; position < rows.limit(); position++) {
            if (!counts.test(rows.get(position))) {
                continue;
            }
            double row = 0;
            for (long i = position * width; i < (position + 1) * width; i++) {
                row += numbers.get(i) * numbers.get(i);
            }
            sum += row;
        }
        return sum;
    }
}
