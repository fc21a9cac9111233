package dev.marquee.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.BatchNorm;
import dev.marquee.nn.Dice;
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
import dev.marquee.tensor.Team;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    void shareProducts_alone_leavesTheStepToOneThreadAndTheRestToAll() {
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Net own = Net.make(parameters.root());
            try (Replicas<Net> replicas = Replicas.create(3, parameters, own, Net::make)) {
                replicas.shareProducts(true, /* alone= */ true);
                assertThat(Team.ready()).isFalse();
                Set<Integer> seen = ConcurrentHashMap.newKeySet();
                replicas.run((replica, net) -> seen.add(replica));
                assertThat(seen).containsExactlyInAnyOrder(0, 1, 2);
                replicas.shareProducts(true, /* alone= */ false);
                assertThat(Team.ready()).isTrue();
            }
        }
    }

    @Test
    void shareProducts_takenBack_sharesTheBatchAgain() {
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Net own = Net.make(parameters.root());
            try (Replicas<Net> replicas = Replicas.create(3, parameters, own, Net::make)) {
                replicas.shareProducts(true, /* alone= */ false);
                assertThat(replicas.shares()).isEqualTo(1);
                assertThat(replicas.count()).isEqualTo(3);
                replicas.shareProducts(false, /* alone= */ false);
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
                replicas.shareProducts(shareProducts, /* alone= */ false);
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

    /** In double precision: what differs is the order of summation. */
    @ParameterizedTest
    @CsvSource({"2, 9", "3, 9", "4, 3", "2, 2"})
    void gradients_networkWithStatisticsOfTheBatch_areThoseOfOneNetwork(int count, int size) {
        Map<String, double[]> plain = statistics(1, size);
        assertThat(plain.keySet()).contains("norm.running_var", "dice.running_mean", "gradient norm.weight");
        statistics(count, size)
                .forEach((name, values) ->
                        assertThat(values).as(name).containsExactly(plain.get(name), Offset.offset(1e-12)));
    }

    @Test
    void gradients_shareThatFailsWhileOthersWaitForItsStatistics_throwsWhatItThrew() {
        Engine.seed(1);
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Normed own = Normed.make(parameters.root());
            try (Replicas<Normed> replicas = Replicas.create(3, parameters, own, Normed::make)) {
                for (int times = 0; times < 20; times++) {
                    try (Scope scope = Scope.open()) {
                        assertThatThrownBy(() -> replicas.gradients(1, (replica, piece, net) -> {
                                    if (replica == 1) {
                                        throw new IllegalStateException("share " + replica);
                                    }
                                    return net.loss(0, 4, 4);
                                }))
                                .isExactlyInstanceOf(IllegalStateException.class)
                                .hasMessage("share 1");
                    }
                }
            }
        }
    }

    @Test
    void gradients_ofPiecesWithStatisticsOfTheBatch_areRefused() {
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Normed own = Normed.make(parameters.root());
            assertThat(Replicas.seesWholeBatch(parameters)).isTrue();
            try (Replicas<Normed> replicas = Replicas.create(2, parameters, own, Normed::make)) {
                assertThatThrownBy(() -> replicas.gradients(2, (replica, piece, net) -> null))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("in one piece");
            }
        }
    }

    /** Batch norm over rows and over places, and Dice with padding, of unequal weights. */
    private record Normed(BatchNorm norm, BatchNorm ofPlaces, Dice dice) {
        static Normed make(Parameters.Path path) {
            return new Normed(
                    BatchNorm.create(path.child("norm"), 3),
                    BatchNorm.create(path.child("places"), 3),
                    Dice.create(path.child("dice"), 3));
        }

        Tensor loss(int from, int end, int size) {
            double[] values = new Random(4).doubles(30L * 3, -1, 2).toArray();
            boolean[] hidden = new boolean[30];
            for (int i = 0; i < hidden.length; i++) {
                hidden[i] = i % 3 == 1;
            }
            Tensor all = Tensors.of(values, 15, 2, 3).narrow(0, from, (long) end - from); // [rows, 2, 3]
            Tensor padding = Tensors.of(hidden, 15, 2).narrow(0, from, (long) end - from);
            Tensor one = norm.forward(all.select(1, 0), Mode.TRAINING);
            Tensor places = ofPlaces.forward(all.transpose(1, 2).add(one.unsqueeze(2)), Mode.TRAINING);
            Tensor last = dice.forward(places.transpose(1, 2), padding, Mode.TRAINING);
            return last.sin().sum().div(new Scalar((double) size));
        }
    }

    private static Map<String, double[]> statistics(int count, int size) {
        Engine.seed(3);
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Normed own = Normed.make(parameters.root());
            try (Replicas<Normed> replicas = Replicas.create(count, parameters, own, Normed::make);
                    Scope scope = Scope.open()) {
                Map<String, double[]> results = new TreeMap<>();
                parameters.trainable().get("dice.alpha").detach().fill_(new Scalar(0.3));
                parameters.trainable().get("norm.weight").detach().fill_(new Scalar(0.7));
                replicas.gradients(1, (replica, piece, net) -> {
                    int from = size * replica / count;
                    int end = size * (replica + 1) / count;
                    return from == end ? null : net.loss(from, end, size);
                });
                parameters.state().forEach((name, tensor) -> results.put(name, Tensors.toDoubles(tensor)));
                parameters
                        .trainable()
                        .forEach((name, tensor) -> results.put("gradient " + name, Tensors.toDoubles(tensor.grad())));
                return results;
            }
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
