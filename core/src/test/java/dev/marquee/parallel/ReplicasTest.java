package dev.marquee.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.BatchNorm;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReplicasTest {
    private static final int BATCH = 7;
    private static final int STEPS = 5;

    @AfterEach
    void restoreThreads() {
        Engine.useThreads(2);
    }

    /** Two fields of a table, side by side, through a perceptron. */
    private record Net(EmbeddingTable table, MultilayerPerceptron layers) {
        static Net make(Parameters.Path path) {
            return new Net(
                    path.tables(List.of(new EmbeddingTable.Slice("field", 9)), 3, Initializer.normal(1)),
                    MultilayerPerceptron.create(path.child("deep"), MultilayerPerceptron.Config.of(6, 5, 1)));
        }

        Tensor forward(Tensor ids) {
            DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(ids, List.of(0, 0))));
            Tensor rows = table.embed(distinct, table.gather(distinct, Mode.TRAINING), 0); // [batch, 2, 3]
            return layers.forward(rows.flatten(1, 2), Mode.TRAINING);
        }
    }

    @ParameterizedTest
    @EnumSource(OptimizerConfig.Name.class)
    void gradients_ofAnyNumberOfReplicasAndPieces_trainLikeOneOnTheWholeBatch(OptimizerConfig.Name rule) {
        Map<String, double[]> one = trained(1, 1, rule);
        for (int count : new int[] {1, 2, 3, 4}) {
            for (int pieces : new int[] {1, 3}) {
                trained(count, pieces, rule)
                        .forEach((name, values) -> assertThat(values)
                                .as("%s with %d replicas and %d pieces", name, count, pieces)
                                .containsExactly(one.get(name), Offset.offset(1e-11)));
            }
        }
    }

    @Test
    void shareProducts_ofALargeNetwork_trainsLikeOneThread() {
        Map<String, double[]> one = trainedPerceptron(1, false);
        Map<String, double[]> shared = trainedPerceptron(3, true);

        shared.forEach(
                (name, values) -> assertThat(values).as(name).containsExactly(one.get(name), Offset.offset(1e-5)));
        trainedPerceptron(3, true).forEach((name, values) -> assertThat(values).isEqualTo(shared.get(name)));
    }

    @Test
    void shareProducts_takenBack_sharesTheBatchAgain() {
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Net own = Net.make(parameters.root());
            try (Replicas<Net> replicas = Replicas.create(3, parameters, own, Net::make)) {
                replicas.shareProducts(true);
                assertThat(replicas.shares()).isEqualTo(1);
                assertThat(replicas.count()).isEqualTo(3);
                replicas.shareProducts(false);
                assertThat(replicas.shares()).isEqualTo(3);
            }
        }
    }

    private static Map<String, double[]> trainedPerceptron(int count, boolean shareProducts) {
        Engine.seed(3);
        MultilayerPerceptron.Config config = MultilayerPerceptron.Config.of(320, 256, 130, 2);
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope data = Scope.open()) {
            MultilayerPerceptron own = MultilayerPerceptron.create(parameters.root(), config);
            Tensor inputs = torch.randn(20, 320);
            try (Replicas<MultilayerPerceptron> replicas =
                            Replicas.create(count, parameters, own, path -> MultilayerPerceptron.create(path, config));
                    Optimizer optimizer =
                            OptimizerConfig.of(OptimizerConfig.Name.SGD, 0.05).create(parameters)) {
                replicas.shareProducts(shareProducts);
                for (int step = 0; step < STEPS; step++) {
                    try (Scope scope = Scope.open()) {
                        replicas.gradients(
                                1,
                                (replica, piece, net) -> net.forward(inputs, Mode.TRAINING)
                                        .square()
                                        .mean());
                        optimizer.step(0.05);
                    }
                }
            }
            Map<String, double[]> values = new TreeMap<>();
            parameters.state().forEach((name, tensor) -> values.put(name, Tensors.toDoubles(tensor)));
            return values;
        }
    }

    @Test
    void gradients_twice_areTheSameBitForBit() {
        Map<String, double[]> first = trained(3, 2, OptimizerConfig.Name.ADAM);
        trained(3, 2, OptimizerConfig.Name.ADAM)
                .forEach((name, values) -> assertThat(values).isEqualTo(first.get(name)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void gradients_shareThatFails_throwsWhatItThrew(int count) {
        Engine.seed(1);
        try (Parameters parameters = Parameters.create(DType.FLOAT64);
                Replicas<Net> replicas = Replicas.create(count, parameters, Net.make(parameters.root()), Net::make);
                Scope scope = Scope.open()) {
            assertThatThrownBy(() -> replicas.gradients(1, (replica, piece, net) -> {
                        if (replica == count - 1) {
                            throw new IllegalStateException("share " + replica);
                        }
                        return null;
                    }))
                    .hasMessage("share " + (count - 1));
        }
    }

    @Test
    void create_networkThatSeesTheWholeBatch_isRefused() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            BatchNorm norm = BatchNorm.create(parameters.root(), 3);
            assertThat(Replicas.possible(parameters)).isFalse();
            assertThatThrownBy(() -> Replicas.create(2, parameters, norm, path -> BatchNorm.create(path, 3)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("batch norm");
        }
    }

    /** Some steps on the first samples; the last replicas of many have nothing to do in the second step. */
    private static Map<String, double[]> trained(int count, int pieces, OptimizerConfig.Name rule) {
        Engine.seed(3);
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Net own = Net.make(parameters.root());
            try (Replicas<Net> replicas = Replicas.create(count, parameters, own, Net::make);
                    Optimizer optimizer = OptimizerConfig.of(rule, 0.05).create(parameters)) {
                for (int step = 0; step < STEPS; step++) {
                    int size = step == 1 ? 2 : BATCH;
                    int shift = step;
                    try (Scope scope = Scope.open()) {
                        double loss = replicas.gradients(pieces, (replica, piece, net) -> {
                            int from = size * (replica * pieces + piece) / (count * pieces);
                            int end = size * (replica * pieces + piece + 1) / (count * pieces);
                            return from == end ? null : loss(net, from, end, shift, size);
                        });
                        assertThat(loss).isPositive();
                        optimizer.step(0.05);
                    }
                }
            }
            Map<String, double[]> values = new TreeMap<>();
            parameters.state().forEach((name, tensor) -> values.put(name, Tensors.toDoubles(tensor)));
            return values;
        }
    }

    private static Tensor loss(Net net, int from, int end, int shift, int size) {
        long[] ids = new long[2 * (end - from)];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (2 * from + i + shift) * 5L % 9;
        }
        Tensor given = Tensors.of(ids, end - from, 2).to(DType.INT32.scalarType());
        Tensor output = net.forward(given);
        return torch.square(output.sub(new Scalar(1.0))).sum().div(new Scalar((double) size));
    }
}
