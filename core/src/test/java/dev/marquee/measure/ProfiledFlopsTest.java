package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.loss.CrossEntropyConfig;
import dev.marquee.loss.Loss;
import dev.marquee.loss.Reduction;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.parallel.Replicas;
import dev.marquee.profile.Memory;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Profile;
import dev.marquee.profile.Profiler;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.data.Percentage;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is counted while a network runs, against what is counted by its sizes. */
class ProfiledFlopsTest {
    private static final int BATCH = 12;

    @ParameterizedTest
    @CsvSource({"1,true", "1,false", "2,true", "2,false"})
    void profile_stepOfAPerceptron_countsWhatItsSizesSay(int count, boolean fused) {
        List<Integer> sizes = List.of(7, 5, 3);
        Loss loss = CrossEntropyConfig.DEFAULT.create(Reduction.MEAN);
        Function<Parameters.Path, MultilayerPerceptron> maker = path ->
                MultilayerPerceptron.create(path, MultilayerPerceptron.Config.of(sizes.toArray(Integer[]::new)));
        Profile profile = profiled(count, fused, maker, (perceptron, size) -> {
            Tensor input = Tensors.of(new float[size * 7], size, 7);
            return loss.of(perceptron.forward(input, Mode.TRAINING), Tensors.of(new long[size], size));
        });
        assertThat(flop(profile)).isCloseTo(Flops.perceptron(BATCH, sizes), Percentage.withPercentage(1e-9));
    }

    @Test
    void profile_stepOfAttention_countsWhatItsSizesSay() {
        // So many queries that the keys are projected.
        AttentionShape shape = new AttentionShape(BATCH, 50, 5, 6, 8, 2);
        assertThat(flop(attention(shape))).isCloseTo(Flops.attention(shape), Percentage.withPercentage(1e-9));
    }

    @Test
    void profile_stepOfOneQuery_countsTheProductsThatAreLeft() {
        // Weights 2·6·6·8, queries 2·12·6·(2·6), scores and means 2·2·(2·6)·60, values 2·12·8·6; thrice.
        assertThat(flop(attention(new AttentionShape(BATCH, 1, 5, 6, 8, 2))))
                .isCloseTo(3.0 * (576 + 1728 + 2880 + 1152), Percentage.withPercentage(1e-9));
    }

    private static Profile attention(AttentionShape shape) {
        int dim = shape.dim();
        Function<Parameters.Path, MultiHeadAttention> maker = path ->
                MultiHeadAttention.create(path, MultiHeadAttention.Config.of(dim, dim, shape.units(), shape.heads()));
        return profiled(1, true, maker, (attention, size) -> {
            Tensor query = zeros(size, shape.queryTime(), dim);
            Tensor key = zeros(size, shape.keyTime(), dim);
            return attention.forward(query, key, null, Mode.TRAINING).output().sum();
        });
    }

    private static Tensor zeros(int... sizes) {
        return Tensors.of(new float[sizes[0] * sizes[1] * sizes[2]], sizes[0], sizes[1], sizes[2])
                .set_requires_grad(true);
    }

    private interface Step<N> {
        Tensor loss(N network, int size);
    }

    private static <N> Profile profiled(int count, boolean fused, Function<Parameters.Path, N> maker, Step<N> step) {
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT32);
                Replicas<N> replicas = Replicas.create(count, parameters, maker.apply(parameters.root()), maker);
                Profiler profiler = Profiler.on(count)) {
            replicas.useFused(fused);
            replicas.useTracks(profiler.tracks());
            profiler.start();
            replicas.gradients(1, (replica, piece, network) -> step.loss(network, BATCH / count));
            profiler.stop();
            assertThat(profiler.leader().depth()).isZero();
            return profiler.profile(count, null, new Memory(null, 0, Map.of(), Map.of(), List.of()));
        }
    }

    private static double flop(Profile profile) {
        return 1e9
                * profile.phases().stream()
                        .filter(row -> row.phase().equals(Phase.FORWARD.key())
                                || row.phase().equals(Phase.BACKWARD.key()))
                        .mapToDouble(Profile.Row::gflop)
                        .sum();
    }
}
