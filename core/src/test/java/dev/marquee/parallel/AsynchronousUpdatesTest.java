package dev.marquee.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultilayerPerceptron;
import dev.marquee.nn.Parameters;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.optim.UpdateRule;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AsynchronousUpdatesTest {
    private static final int STEPS = 12;

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

        Tensor loss(int step) {
            long[] ids = new long[8];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (i + step) * 5L % 9;
            }
            Tensor given = Tensors.of(ids, 4, 2).to(DType.INT32.scalarType());
            DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(given, List.of(0, 0))));
            Tensor rows = table.embed(distinct, table.gather(distinct, Mode.TRAINING), 0); // [batch, 2, 3]
            Tensor output = layers.forward(rows.flatten(1, 2), Mode.TRAINING);
            return torch.square(output.sub(new Scalar(1.0))).mean();
        }
    }

    /** Where no two replicas are at work at once, nothing is lost: the numbers are those of one network. */
    @ParameterizedTest
    @ValueSource(strings = {"sgd", "adagrad", "rowwise_adagrad"})
    void replica_turnsOneAfterTheOther_trainLikeOneNetwork(String rule) {
        OptimizerConfig config = config(rule).optimizer();
        assertThat(trained(3, config)).isEqualTo(trained(1, config));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "rowwise_adagrad"})
    void replica_turnsWithClippedGradients_trainLikeOneNetwork(String rule) {
        OptimizerConfig config = config(rule)
                .with("optimizer.clip_norm", 0.1)
                .with("optimizer.weight_decay", 0.01)
                .optimizer();
        assertThat(trained(2, config))
                .isEqualTo(trained(1, config))
                .isNotEqualTo(trained(1, config(rule).optimizer()));
    }

    static Stream<Map<String, Object>> settings() {
        return Stream.of(
                Map.of("optimizer.name", "adam"),
                Map.of("optimizer.momentum", 0.9),
                Map.of("optimizer.sparse.name", "adam"),
                Map.of("optimizer.sparse.weight_decay", 0.1));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void replica_ofARuleThatDoesNotBearLostChanges_isRefused(Map<String, Object> settings) {
        OptimizerConfig config = config("sgd").with(settings).optimizer();
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Net.make(parameters.root());
            try (Optimizer optimizer = config.create(parameters);
                    Parameters replica = parameters.replica()) {
                Net.make(replica.root());
                assertThatThrownBy(() -> optimizer.replica(replica))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("sgd without momentum");
            }
        }
    }

    @Test
    void apart_replicaThatFails_endsTheTurnsOfAllAndThrowsWhatItThrew() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Replicas<Net> replicas = Replicas.create(3, parameters, Net.make(parameters.root()), Net::make)) {
            AtomicInteger turns = new AtomicInteger();
            assertThatThrownBy(() -> replicas.apart((replica, net, tape, track) -> {
                        if (replica == 1 && turns.incrementAndGet() == 5) {
                            throw new IllegalStateException("turn 5");
                        }
                        return true; // the others would go on for ever
                    }))
                    .hasMessage("turn 5");
        }
    }

    private static Recipe config(String rule) {
        return Recipe.DEFAULT.with(Map.of("optimizer.sparse.name", rule, "optimizer.sparse.learning_rate", 0.03));
    }

    /** Each replica makes every count-th step, when it is its turn. */
    private static Map<String, List<Double>> trained(int count, OptimizerConfig config) {
        Engine.seed(3);
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Net own = Net.make(parameters.root());
            try (Replicas<Net> replicas = Replicas.create(count, parameters, own, Net::make);
                    Optimizer optimizer = config.create(parameters)) {
                List<UpdateRule> rules = new ArrayList<>();
                replicas.parameters().forEach(each -> rules.add(optimizer.replica(each)));
                AtomicInteger made = new AtomicInteger();
                replicas.apart((replica, net, tape, track) -> {
                    int step = made.get();
                    if (step < STEPS && step % count == replica) {
                        try (Scope scope = Scope.open()) {
                            tape.backward(net.loss(step));
                            rules.get(replica).step(0.05);
                        }
                        made.incrementAndGet();
                    }
                    return step < STEPS;
                });
                rules.forEach(UpdateRule::close);
                Map<String, List<Double>> values = new TreeMap<>();
                parameters.state().forEach((name, tensor) -> values.put(name, list(tensor)));
                optimizer.state().forEach((name, tensor) -> values.put("optimizer." + name, list(tensor)));
                return values;
            }
        }
    }

    private static List<Double> list(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            List<Double> list = new ArrayList<>();
            for (double value : Tensors.toDoubles(tensor.to(DType.FLOAT64.scalarType()))) {
                list.add(value);
            }
            return list;
        }
    }
}
