package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A query alone must get what it gets beside a second one, which takes the general path. */
class OneQueryTest {
    private static final Offset<Double> EXACT = within(1e-12);
    private static final int BATCH = 5;
    private static final int KEYS = 7;

    @ParameterizedTest
    @CsvSource({
        "false, false, false, false",
        "true, false, false, false",
        "true, true, false, false",
        "false, true, true, false",
        "true, true, true, true",
        "true, false, true, true"
    })
    void forward_queryAlone_getsWhatItGetsBesideAnother(
            boolean masked, boolean bias, boolean separateValues, boolean projected) {
        Random random = new Random(3);
        MultiHeadAttention.Config config =
                MultiHeadAttention.Config.of(3, 6, 8, 2).bias(bias).outputProjection(projected);
        if (separateValues) {
            config = config.separateValues(4);
        }
        Engine.seed(4);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), config);
            double[] query = gaussians(random, BATCH * 3);
            double[] key = gaussians(random, BATCH * KEYS * 6);
            double[] value = gaussians(random, BATCH * KEYS * (separateValues ? 4 : 6));
            double[] outputs = gaussians(random, BATCH * 8);
            double[] scores = gaussians(random, 2 * BATCH * KEYS);
            List<List<Tensor>> results = new ArrayList<>();
            for (boolean alone : new boolean[] {true, false}) {
                parameters.zeroGradients();
                Tensor first = leaf(query, BATCH, 1, 3);
                Tensor keys = leaf(key, BATCH, KEYS, 6);
                Tensor values = separateValues ? leaf(value, BATCH, KEYS, 4) : keys;
                Tensor queries = alone
                        ? first
                        : torch.cat(new TensorVector(first, Tensors.full(1, DType.FLOAT64, BATCH, 1, 3)), 1);
                MultiHeadAttention.Attention result =
                        attention.forward(queries, keys, values, masked ? mask() : null, Mode.TRAINING);
                Tensor output = result.output().narrow(1, 0, 1);
                Tensor weights = result.scores().narrow(2, 0, 1);
                Tensor objective = output.mul(Tensors.of(outputs, BATCH, 1, 8)).sum();
                objective
                        .add(weights.mul(Tensors.of(scores, 2, BATCH, 1, KEYS)).sum())
                        .backward();
                List<Tensor> all = new ArrayList<>(List.of(output, weights, first.grad(), keys.grad(), values.grad()));
                parameters
                        .trainable()
                        .values()
                        .forEach(parameter -> all.add(parameter.grad().clone()));
                results.add(all);
            }
            for (int i = 0; i < results.get(0).size(); i++) {
                Tensor actual = results.get(0).get(i);
                Tensor expected = results.get(1).get(i);
                assertThat(Tensors.describe(actual)).isEqualTo(Tensors.describe(expected));
                assertThat(Tensors.toDoubles(actual)).containsExactly(Tensors.toDoubles(expected), EXACT);
            }
        }
    }

    @Test
    void forward_causal_seesOnlyTheFirstKey() {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultiHeadAttention attention = MultiHeadAttention.create(
                    parameters.root(), MultiHeadAttention.Config.of(3, 6, 8, 2).causal(true));
            Tensor query = Tensors.full(1, DType.FLOAT64, 1, 1, 3);
            Tensor key = Tensors.full(2, DType.FLOAT64, 1, 3, 6);
            Tensor scores = attention.forward(query, key, null, Mode.EVALUATION).scores();
            assertThat(Tensors.toDoubles(scores)).containsExactly(1, 0, 0, 1, 0, 0);
        }
    }

    @Test
    void output_dropoutInTraining_dropsOrDoublesWhatASingleKeyGives() {
        Engine.seed(1);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultiHeadAttention attention = MultiHeadAttention.create(
                    parameters.root(),
                    MultiHeadAttention.Config.of(3, 6, 8, 2).bias(true).dropout(0.5));
            Tensor query = Tensors.full(1, DType.FLOAT64, 40, 1, 3);
            Tensor key = Tensors.full(2, DType.FLOAT64, 40, 1, 6);
            double[] plain = Tensors.toDoubles(attention.output(query, key, null, Mode.EVALUATION));
            double[] dropped = Tensors.toDoubles(attention.output(query, key, null, Mode.TRAINING));
            int zeros = 0;
            for (int i = 0; i < plain.length; i++) {
                if (dropped[i] == 0) {
                    zeros++;
                } else {
                    assertThat(dropped[i]).isCloseTo(2 * plain[i], EXACT);
                }
            }
            assertThat(zeros).isBetween(1, plain.length - 1);
        }
    }

    /** One sequence with all keys hidden, the others with some or none. */
    private static Tensor mask() {
        boolean[] mask = new boolean[BATCH * KEYS];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i / KEYS == 2 || i % KEYS > 2 + i / KEYS;
        }
        return Tensors.of(mask, BATCH, KEYS);
    }

    private static Tensor leaf(double[] values, long... shape) {
        return Tensors.of(values, shape).set_requires_grad(true);
    }

    private static double[] gaussians(Random random, int count) {
        return random.doubles(count, -2, 2).toArray();
    }
}
