package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both ways past the engine's graph against the one that it records, in values and gradients. */
class DirectAttentionTest {
    private static final String SEED = "20240229";
    /** In float64; the sums have up to some hundred terms of order 1, added in another order. */
    private static final Offset<Double> EXACT = within(1e-11);
    /** In float32, likewise: some hundred roundings of 6e-8. */
    private static final Offset<Double> SINGLE = within(2e-4);

    private static final List<Function<AttentionProblem, DirectAttention.Way>> WAYS =
            List.of(ProjectedKeys::new, RawKeys::new);

    /** How the keys of a batch are hidden. */
    enum Hiding {
        NONE,
        END,
        BEGIN,
        ANYWHERE,
        SOME_SAMPLES_WHOLE,
        ALL
    }

    @Property(tries = 150, seed = SEED, shrinking = ShrinkingMode.OFF)
    void forward_anyShapeMaskAndOption_equalsTheRecordedWay(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int batch,
            @ForAll @IntRange(min = 1, max = 6) int queries,
            @ForAll @IntRange(min = 1, max = 9) int keys,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll @IntRange(min = 1, max = 6) int size,
            @ForAll Hiding hiding) {
        Random random = new Random(seed);
        DType type = random.nextInt(4) == 0 ? DType.FLOAT32 : DType.FLOAT64;
        MultiHeadAttention.Config config = MultiHeadAttention.Config.of(
                        1 + random.nextInt(9), 1 + random.nextInt(9), heads * size, heads)
                .bias(random.nextBoolean())
                .causal(random.nextBoolean())
                .scaling(MultiHeadAttention.Scaling.HEAD_SIZE);
        boolean separate = random.nextBoolean();
        boolean self = !separate && random.nextBoolean();
        if (separate) {
            config = config.separateValues(1 + random.nextInt(9));
        }
        if (self) {
            config = MultiHeadAttention.Config.of(config.keyDim(), config.keyDim(), heads * size, heads)
                    .bias(config.bias());
        }
        boolean useScores = random.nextBoolean();
        boolean someFrozen = random.nextBoolean();
        Engine.seed(seed);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(type)) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), config);
            parameters.trainable().values().forEach(p -> p.set_requires_grad(!someFrozen || random.nextBoolean()));
            double[] keyData = gaussians(random, batch * keys * config.keyDim());
            double[] queryData = gaussians(random, batch * queries * config.queryDim());
            double[] valueData =
                    gaussians(random, batch * keys * config.valueDim().orElse(1));
            Tensor mask = mask(hiding, batch, keys, random);
            int width = self ? keys : queries;
            double[] outputs = gaussians(random, batch * width * heads * size);
            double[] scores = gaussians(random, heads * batch * width * keys);
            List<List<Tensor>> results = new ArrayList<>();
            for (int way = -1; way < WAYS.size(); way++) {
                parameters.zeroGradients();
                Tensor key = leaf(type, keyData, batch, keys, config.keyDim());
                Tensor query = self ? key : leaf(type, queryData, batch, queries, config.queryDim());
                Tensor value = separate
                        ? leaf(type, valueData, batch, keys, config.valueDim().orElse(1))
                        : key;
                MultiHeadAttention.Attention result = way < 0
                        ? attention.recorded().forward(query, key, value, mask, Mode.TRAINING)
                        : by(attention, WAYS.get(way)).forward(query, key, value, mask, Mode.TRAINING);
                Tensor objective = weighted(result.output(), outputs, type);
                if (useScores) {
                    objective = objective.add(weighted(result.scores(), scores, type));
                }
                objective.backward();
                List<Tensor> all = new ArrayList<>(List.of(result.output(), result.scores(), query.grad(), key.grad()));
                all.add(value.grad());
                parameters.trainable().values().stream()
                        .filter(Tensor::requires_grad)
                        .forEach(p -> all.add(p.grad().clone()));
                assertThat(parameters.trainable().values())
                        .allSatisfy(p -> assertThat(p.grad().defined()).isEqualTo(p.requires_grad()));
                results.add(all);
            }
            for (int way = 1; way < results.size(); way++) {
                for (int i = 0; i < results.get(0).size(); i++) {
                    Tensor expected = results.get(0).get(i);
                    Tensor actual = results.get(way).get(i);
                    assertThat(Tensors.describe(actual)).isEqualTo(Tensors.describe(expected));
                    assertThat(Tensors.toDoubles(actual))
                            .containsExactly(Tensors.toDoubles(expected), type == DType.FLOAT32 ? SINGLE : EXACT);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", "1, false", "1, true"})
    void backward_dropout_agreesWithFiniteDifferencesUnderTheSameNoise(int way, boolean bias) {
        Random random = new Random(5);
        Engine.seed(6);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultiHeadAttention attention = MultiHeadAttention.create(
                    parameters.root(),
                    MultiHeadAttention.Config.of(3, 4, 6, 2).bias(bias).dropout(0.4));
            DirectAttention direct = by(attention, WAYS.get(way));
            Tensor query = leaf(DType.FLOAT64, gaussians(random, 2 * 3 * 3), 2, 3, 3);
            Tensor key = leaf(DType.FLOAT64, gaussians(random, 2 * 5 * 4), 2, 5, 4);
            Tensor mask = mask(Hiding.END, 2, 5, random);
            double[] outputs = gaussians(random, 2 * 3 * 6);
            double[] scores = gaussians(random, 2 * 2 * 3 * 5);
            objective(direct, query, key, mask, outputs, scores).backward();
            List<Tensor> leaves = new ArrayList<>(parameters.trainable().values());
            leaves.add(query);
            leaves.add(key);
            double step = 1e-5;
            try (Gradients.Guard off = Gradients.off()) {
                for (Tensor leaf : leaves) {
                    double[] gradient = Tensors.toDoubles(leaf.grad());
                    for (int i = 0; i < gradient.length; i++) {
                        Tensor entry = leaf.view(-1).select(0, i);
                        entry.add_(new Scalar(step));
                        double up = objective(direct, query, key, mask, outputs, scores)
                                .item_double();
                        entry.add_(new Scalar(-2 * step));
                        double down = objective(direct, query, key, mask, outputs, scores)
                                .item_double();
                        entry.add_(new Scalar(step));
                        assertThat(gradient[i]).isEqualTo((up - down) / (2 * step), within(1e-7));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void forward_inputsThatAreViewsOrNeedNoGradient_givesTheSame(int way) {
        Random random = new Random(7);
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            MultiHeadAttention attention =
                    MultiHeadAttention.create(parameters.root(), MultiHeadAttention.Config.of(3, 4, 6, 2));
            DirectAttention direct = by(attention, WAYS.get(way));
            Tensor query = Tensors.of(gaussians(random, 2 * 3 * 3), 2, 3, 3);
            Tensor key = leaf(DType.FLOAT64, gaussians(random, 2 * 5 * 4), 5, 2, 4);
            Tensor view = key.transpose(0, 1); // [2, 5, 4]
            List<double[]> gradients = new ArrayList<>();
            for (Tensor keys : List.of(view, view.contiguous())) {
                key.mutable_grad().reset();
                direct.forward(query, keys, keys, null, Mode.TRAINING)
                        .output()
                        .sum()
                        .backward();
                gradients.add(Tensors.toDoubles(key.grad()));
            }
            assertThat(gradients.get(0)).containsExactly(gradients.get(1), EXACT);
            assertThat(query.grad().defined()).isFalse();
            try (Gradients.Guard off = Gradients.off()) {
                assertThat(direct.forward(query, view, view, null, Mode.EVALUATION)
                                .output()
                                .requires_grad())
                        .isFalse();
            }
        }
    }

    private static DirectAttention by(
            MultiHeadAttention attention, Function<AttentionProblem, DirectAttention.Way> way) {
        DirectAttention direct = attention.direct();
        return new DirectAttention(direct.maps(), direct.dropout(), direct.causal(), way);
    }

    private static Tensor objective(
            DirectAttention direct, Tensor query, Tensor key, Tensor mask, double[] outputs, double[] scores) {
        Engine.seed(8);
        MultiHeadAttention.Attention result = direct.forward(query, key, key, mask, Mode.TRAINING);
        return weighted(result.output(), outputs, DType.FLOAT64).add(weighted(result.scores(), scores, DType.FLOAT64));
    }

    private static Tensor weighted(Tensor tensor, double[] weights, DType type) {
        return tensor.mul(Tensors.of(weights, Tensors.shape(tensor)).to(type.scalarType()))
                .sum();
    }

    private static Tensor mask(Hiding hiding, int batch, int keys, Random random) {
        if (hiding == Hiding.NONE) {
            return null;
        }
        boolean[] mask = new boolean[batch * keys];
        for (int n = 0; n < batch; n++) {
            int edge = random.nextInt(keys + 1);
            boolean whole = random.nextBoolean();
            for (int k = 0; k < keys; k++) {
                mask[n * keys + k] = switch (hiding) {
                    case END -> k > edge;
                    case BEGIN -> k < edge;
                    case ANYWHERE -> random.nextBoolean();
                    case SOME_SAMPLES_WHOLE -> whole;
                    default -> true;
                };
            }
        }
        return Tensors.of(mask, batch, keys);
    }

    private static Tensor leaf(DType type, double[] values, long... shape) {
        return Tensors.of(values, shape).to(type.scalarType()).set_requires_grad(true);
    }

    private static double[] gaussians(Random random, int count) {
        return random.doubles(count, -2, 2).toArray();
    }
}
