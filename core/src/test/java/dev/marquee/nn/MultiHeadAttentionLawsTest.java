package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

class MultiHeadAttentionLawsTest {
    private static final String SEED = "20240229";
    private static final Offset<Double> EXACT = within(1e-12);

    @Property(tries = 60, seed = SEED, shrinking = ShrinkingMode.OFF)
    void forward_keysPermutedWithTheirMask_leavesTheOutput(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 6) int keys,
            @ForAll @IntRange(min = 1, max = 3) int heads) {
        try (Scope scope = Scope.open();
                AttentionSample sample = new AttentionSample(seed, batch, 4, keys, heads, false)) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < keys; i++) {
                order.add(i);
            }
            Collections.shuffle(order, sample.random);
            Tensor index =
                    Tensors.of(order.stream().mapToLong(Integer::longValue).toArray());
            Tensor permuted = sample.attention
                    .forward(
                            sample.query(),
                            sample.key().index_select(1, index),
                            sample.mask().index_select(1, index),
                            Mode.EVALUATION)
                    .output();
            assertEqual(permuted, sample.run().output());
        }
    }

    @Property(tries = 60, seed = SEED, shrinking = ShrinkingMode.OFF)
    void forward_otherValuesInHiddenKeys_changeNothing(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 6) int keys,
            @ForAll boolean causal) {
        try (Scope scope = Scope.open();
                AttentionSample sample = new AttentionSample(seed, batch, 4, keys, 2, causal)) {
            double[] other = sample.key.clone();
            for (int i = 0; i < other.length; i++) {
                other[i] = sample.mask[i / 5] ? sample.random.nextGaussian() * 100 : other[i];
            }
            MultiHeadAttention.Attention changed =
                    sample.attention.forward(sample.query(), sample.key(other), sample.mask(), Mode.EVALUATION);
            assertEqual(changed.output(), sample.run().output());
            assertEqual(changed.scores(), sample.run().scores());
        }
    }

    @Property(tries = 60, seed = SEED, shrinking = ShrinkingMode.OFF)
    void forward_scoresOfAQuery_sumToOneOrToZeroWhereAllKeysAreHidden(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 3) int keys,
            @ForAll boolean causal) {
        try (Scope scope = Scope.open();
                AttentionSample sample = new AttentionSample(seed, batch, 4, keys, 2, causal)) {
            double[] sums = Tensors.toDoubles(sample.run().scores().sum(3)); // [heads, batch, queries]
            for (int i = 0; i < sums.length; i++) {
                int row = i / 4 % batch;
                int seen = causal ? Math.min(i % 4 + 1, keys) : keys;
                boolean blind = true;
                for (int k = 0; k < seen; k++) {
                    blind &= sample.mask[row * keys + k];
                }
                assertThat(sums[i]).isEqualTo(blind ? 0 : 1, EXACT);
            }
        }
    }

    @Property(tries = 40, seed = SEED, shrinking = ShrinkingMode.OFF)
    void output_fused_agreesWithForwardInValuesAndGradients(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 5) int keys,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll boolean causal,
            @ForAll boolean masked) {
        try (Scope scope = Scope.open();
                AttentionSample sample = new AttentionSample(seed, batch, 4, keys, heads, causal)) {
            Tensor mask = masked ? sample.mask() : null;
            Tensor cotangent = Tensors.of(sample.gaussians(batch * 4 * 2 * heads), batch, 4, 2L * heads);
            List<Tensor> plain = new ArrayList<>();
            List<Tensor> fused = new ArrayList<>();
            for (List<Tensor> into : List.of(plain, fused)) {
                Tensor query = sample.query().set_requires_grad(true);
                Tensor key = sample.key().set_requires_grad(true);
                sample.parameters.zeroGradients();
                Tensor output = into == plain
                        ? sample.attention
                                .forward(query, key, mask, Mode.TRAINING)
                                .output()
                        : sample.attention.output(query, key, mask, Mode.TRAINING);
                output.mul(cotangent).sum().backward();
                into.add(output);
                into.add(query.grad());
                into.add(key.grad());
                sample.parameters
                        .trainable()
                        .values()
                        .forEach(parameter -> into.add(parameter.grad().clone()));
            }
            for (int i = 0; i < plain.size(); i++) {
                assertEqual(fused.get(i), plain.get(i));
            }
        }
    }

    @Property(tries = 12, seed = SEED, shrinking = ShrinkingMode.OFF)
    void forward_gradients_agreeWithFiniteDifferences(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int keys, @ForAll boolean causal) {
        try (Scope scope = Scope.open();
                AttentionSample sample = new AttentionSample(seed, 2, 3, keys, 2, causal)) {
            Tensor query = sample.query().set_requires_grad(true);
            Tensor key = sample.key().set_requires_grad(true);
            Tensor mask = sample.mask();
            Tensor outputs = Tensors.of(sample.gaussians(2 * 3 * 4), 2, 3, 4);
            Tensor scores = Tensors.of(sample.gaussians(2 * 2 * 3 * keys), 2, 2, 3, keys);
            objective(sample.attention, query, key, mask, outputs, scores).backward();
            List<Tensor> leaves = new ArrayList<>(sample.parameters.trainable().values());
            leaves.add(query);
            leaves.add(key);
            double step = 1e-5;
            try (Gradients.Guard off = Gradients.off()) {
                for (Tensor leaf : leaves) {
                    double[] gradient = Tensors.toDoubles(leaf.grad());
                    for (int i = 0; i < gradient.length; i++) {
                        Tensor entry = leaf.view(-1).select(0, i);
                        entry.add_(new Scalar(step));
                        double up = objective(sample.attention, query, key, mask, outputs, scores)
                                .item_double();
                        entry.add_(new Scalar(-2 * step));
                        double down = objective(sample.attention, query, key, mask, outputs, scores)
                                .item_double();
                        entry.add_(new Scalar(step));
                        assertThat(gradient[i]).isEqualTo((up - down) / (2 * step), within(1e-7));
                    }
                }
            }
        }
    }

    private static Tensor objective(
            MultiHeadAttention attention, Tensor query, Tensor key, Tensor mask, Tensor outputs, Tensor scores) {
        MultiHeadAttention.Attention result = attention.forward(query, key, mask, Mode.EVALUATION);
        return torch.add(
                result.output().mul(outputs).sum(), result.scores().mul(scores).sum());
    }

    private static void assertEqual(Tensor actual, Tensor expected) {
        assertThat(Tensors.describe(actual)).isEqualTo(Tensors.describe(expected));
        assertThat(Tensors.toDoubles(actual)).containsExactly(Tensors.toDoubles(expected), EXACT);
    }
}
