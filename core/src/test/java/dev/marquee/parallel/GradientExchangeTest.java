package dev.marquee.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.collective.ForwardingGroup;
import dev.marquee.collective.Group;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Track;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GradientExchangeTest {
    /** A group that counts how many sums have been started. */
    private static final class Counting extends ForwardingGroup {
        private int sums;

        Counting(Group group) {
            super(group);
        }

        @Override
        public Exchange startSum(Tensor values) {
            sums++;
            return super.startSum(values);
        }
    }

    /** Lets members do it twice, with a group that sums when all wait, and through shared memory. */
    private static <T> List<T> run(int size, Function<Group, T> work) {
        List<T> results = ThreadGroups.run(size, work);
        assertThat(ThreadGroups.sharingMemory(size, work)).isEqualTo(results);
        return results;
    }

    @Test
    void finish_gradientsOfSomeMembersOnly_areSummedAndThoseOfNobodyStayUndefined() {
        run(3, group -> {
            try (Parameters parameters = Parameters.create(DType.FLOAT32);
                    Scope scope = Scope.open()) {
                Tensor all = parameters.root().parameter("all", Initializer.constant(0), 2);
                Tensor some = parameters.root().parameter("some", Initializer.constant(0), 3);
                Tensor none = parameters.root().parameter("none", Initializer.constant(0), 1);
                try (GradientExchange exchange = new GradientExchange(group, parameters, false, true)) {
                    exchange.begin(group.rank());
                    assertThat(exchange.weight()).isEqualTo(3);
                    set(all, group.rank() + 1, 10);
                    if (group.rank() == 1) {
                        set(some, 1, 2, 3);
                    }
                    GradientExchange.Outcome outcome = exchange.finish(Track.off(0), 0.5, group.rank() == 2);
                    assertThat(outcome).isEqualTo(new GradientExchange.Outcome(1.5, true));
                    assertThat(Tensors.toFloats(all.grad())).containsExactly(6, 30);
                    assertThat(Tensors.toFloats(some.grad())).containsExactly(1, 2, 3);
                    assertThat(none.grad().defined()).isFalse();
                }
            }
            return 0;
        });
    }

    /** From the second step on a bucket goes when its parameters are there; what comes after that is not lost. */
    @Test
    void given_parametersOfABucket_startItAndLateGradientsAreAdded() {
        run(2, threads -> {
            Counting group = new Counting(threads);
            try (Parameters parameters = Parameters.create(DType.FLOAT32);
                    Scope scope = Scope.open()) {
                Tensor first = parameters.root().parameter("first", Initializer.constant(0), 300_000);
                Tensor second = parameters.root().parameter("second", Initializer.constant(0), 2);
                try (GradientExchange exchange = new GradientExchange(group, parameters, false, true)) {
                    for (int step = 0; step < 4; step++) {
                        exchange.begin(1);
                        int before = group.sums;
                        parameters.zeroGradients();
                        set(second, 1, step);
                        exchange.given(second, 2);
                        // After a late gradient nothing is sent early any more.
                        assertThat(group.sums - before).isEqualTo(step == 1 || step == 2 ? 1 : 0);
                        boolean late = step == 2 && group.rank() == 1;
                        if (late) {
                            set(second, 5, 7);
                        }
                        first.mutable_grad().put(Tensors.zeros(DType.FLOAT32, 300_000));
                        exchange.given(first, 300_000);
                        exchange.finish(Track.off(0), 0, false);
                        assertThat(Tensors.toFloats(second.grad()))
                                .containsExactly(step == 2 ? 7 : 2, 2 * step + (step == 2 ? 7 : 0));
                    }
                }
            }
            return 0;
        });
    }

    /** A layer whose weight takes three buckets sends each of them as soon as its rows are there. */
    @Test
    void given_largeLayers_goInPiecesAndSumToTheSame() {
        run(2, threads -> {
            Counting group = new Counting(threads);
            try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
                MultilayerPerceptron network =
                        MultilayerPerceptron.create(parameters.root(), MultilayerPerceptron.Config.of(600, 610, 4));
                try (Replicas<MultilayerPerceptron> replicas = Replicas.create(
                                1,
                                parameters,
                                network,
                                path -> MultilayerPerceptron.create(
                                        path, MultilayerPerceptron.Config.of(600, 610, 4)));
                        GradientExchange exchange = new GradientExchange(group, parameters, false, true)) {
                    try (Scope scope = Scope.open()) {
                        parameters.trainable().values().forEach(value -> group.broadcast(value.detach(), 0));
                    }
                    for (int step = 0; step < 3; step++) {
                        try (Scope scope = Scope.open()) {
                            List<float[]> expected =
                                    List.of(gradients(replicas, parameters, 0), gradients(replicas, parameters, 1));
                            replicas.listen(exchange);
                            exchange.begin(1);
                            int before = group.sums;
                            float[] own = gradients(replicas, parameters, group.rank());
                            assertThat(group.sums - before).isEqualTo(step == 0 ? 0 : 4);
                            assertThat(own.length).isEqualTo(step == 0 ? 600 * 610 : 0);
                            exchange.finish(Track.off(0), 0, false);
                            float[] sum = Tensors.toFloats(parameters
                                    .trainable()
                                    .values()
                                    .iterator()
                                    .next()
                                    .grad());
                            for (int i = 0; i < sum.length; i++) {
                                assertThat(sum[i])
                                        .isCloseTo(expected.get(0)[i] + expected.get(1)[i], Offset.offset(1e-5f));
                            }
                        }
                        replicas.listen((parameter, rows) -> {});
                    }
                }
            }
            return 0;
        });
    }

    /** Of the first layer's weight; none where it has been taken already. */
    private static float[] gradients(Replicas<MultilayerPerceptron> replicas, Parameters parameters, int seed) {
        float[] input = new float[20 * 600];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) Math.sin(i * (seed + 1.7));
        }
        replicas.gradients(
                1,
                (replica, piece, network) -> network.forward(Tensors.of(input, 20, 600), Mode.TRAINING)
                        .square()
                        .mean());
        Tensor gradient = parameters.trainable().values().iterator().next().grad();
        return gradient.defined() ? Tensors.toFloats(gradient) : new float[0];
    }

    /** What is rounded away comes in later steps: the sums over many steps are those of exact sums. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void finish_compressed_losesNothingInTheLongRun(int members) {
        run(members, group -> {
            try (Parameters parameters = Parameters.create(DType.FLOAT32);
                    Scope scope = Scope.open()) {
                Tensor weight = parameters.root().parameter("weight", Initializer.constant(0), 5);
                double[] sums = new double[5];
                try (GradientExchange exchange = new GradientExchange(group, parameters, true, true)) {
                    for (int step = 0; step < 300; step++) {
                        exchange.begin(1);
                        parameters.zeroGradients();
                        set(weight, 1.001f, -0.3337f, 1e-4f * (group.rank() + 1), 3.1415f, 100.7f);
                        exchange.finish(Track.off(0), 0, false);
                        float[] sum = Tensors.toFloats(weight.grad());
                        assertThat(sum[0]).isNotEqualTo(members * 1.001f);
                        for (int i = 0; i < sum.length; i++) {
                            sums[i] += sum[i] / 300;
                        }
                    }
                }
                double triangle = members * (members + 1) / 2.0;
                double[] exact = {members * 1.001, members * -0.3337, 1e-4 * triangle, members * 3.1415, members * 100.7
                };
                for (int i = 0; i < sums.length; i++) {
                    assertThat(sums[i]).isCloseTo(exact[i], Percentage.withPercentage(0.01));
                }
            }
            return 0;
        });
    }

    /** Two tables of different widths that are looked up together, and members that see the same rows in another order. */
    @Test
    void finish_rowsOfSeveralMembers_areSummedByRow() {
        List<List<String>> seen = run(3, group -> {
            List<String> rows = new ArrayList<>();
            try (Parameters parameters = Parameters.create(DType.FLOAT32);
                    Scope scope = Scope.open()) {
                List<EmbeddingTable.Slice> slices = List.of(new EmbeddingTable.Slice("field", 9));
                EmbeddingTable wide = parameters.root().child("wide").tables(slices, 2, Initializer.constant(0));
                EmbeddingTable narrow = parameters.root().child("narrow").tables(slices, 1, Initializer.constant(0));
                try (GradientExchange exchange = new GradientExchange(group, parameters, false, true)) {
                    exchange.begin(1);
                    if (group.rank() < 2) { // rank 2 has no samples
                        long[] ids = group.rank() == 0 ? new long[] {3, 5, 0, 3} : new long[] {7, 3, 3, 5};
                        DistinctIds distinct = DistinctIds.of(List.of(
                                new DistinctIds.Part(Tensors.of(ids, 4, 1).to(DType.INT32.scalarType()), List.of(0))));
                        for (EmbeddingTable table : List.of(wide, narrow)) {
                            Tensor rowsOfBatch = table.gather(distinct, Mode.TRAINING);
                            table.embed(distinct, rowsOfBatch, 0)
                                    .mul(new Scalar(group.rank() + 1))
                                    .sum()
                                    .backward();
                        }
                    }
                    exchange.finish(Track.off(0), 0, false);
                    for (EmbeddingTable table : List.of(wide, narrow)) {
                        EmbeddingTable.RowGradient gradient = table.gradient().orElseThrow();
                        rows.add(Arrays.toString(ints(gradient.ids().rows()))
                                + Arrays.toString(Tensors.toFloats(gradient.values())));
                    }
                }
            }
            return rows;
        });
        assertThat(seen.get(0))
                .containsExactly(
                        "[0, 3, 5, 7][0.0, 0.0, 6.0, 6.0, 3.0, 3.0, 2.0, 2.0]", "[0, 3, 5, 7][0.0, 6.0, 3.0, 2.0]");
        assertThat(seen.get(1)).isEqualTo(seen.get(0));
        assertThat(seen.get(2)).isEqualTo(seen.get(0));
    }

    private static void set(Tensor parameter, float... gradient) {
        Tensor sum = parameter.mutable_grad();
        if (sum.defined()) {
            sum.add_(Tensors.of(gradient, gradient.length));
        } else {
            sum.put(Tensors.of(gradient, gradient.length));
        }
    }

    private static int[] ints(Tensor tensor) {
        int[] values = new int[Math.toIntExact(tensor.numel())];
        Tensors.bytes(tensor).asIntBuffer().get(values);
        return values;
    }
}
