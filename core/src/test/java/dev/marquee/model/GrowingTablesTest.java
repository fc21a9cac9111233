package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.data.Batch;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.RowStorage;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.optim.SparseOptimizerConfig;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.GrowingTableConfig;
import dev.marquee.schema.Ids;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks on tables of which some grow, against the same networks on tables that have all rows from the start. */
class GrowingTablesTest {
    private static final int STEPS = 6;
    private static final EmbeddingConfig EMBEDDING = new EmbeddingConfig(3, 0.1, 0);
    private static final DnnConfig DNN = dnn(EMBEDDING);

    static Stream<RankingModelConfig> configs() {
        return Stream.of(
                LogisticRegressionConfig.DEFAULT,
                FmConfig.DEFAULT,
                WideDeepConfig.DEFAULT,
                DNN,
                DeepFmConfig.DEFAULT,
                DlrmConfig.DEFAULT,
                DcnV2Config.DEFAULT,
                AutoIntConfig.DEFAULT,
                FinalMlpConfig.DEFAULT,
                DinConfig.DEFAULT,
                BstConfig.DEFAULT,
                MmoeConfig.DEFAULT,
                PleConfig.DEFAULT,
                EsmmConfig.DEFAULT);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void train_everyIdAdmittedAtOnce_equalsTrainingOnTablesOfFixedSize(RankingModelConfig config) {
        compare(config, SparseOptimizerConfig.Name.ADAM, 0, DType.FLOAT64);
    }

    @ParameterizedTest
    @EnumSource(SparseOptimizerConfig.Name.class)
    void train_anyRuleWithDecay_equalsTrainingOnTablesOfFixedSize(SparseOptimizerConfig.Name rule) {
        compare(DNN, rule, 0.1, DType.FLOAT64);
    }

    @ParameterizedTest
    @EnumSource(SparseOptimizerConfig.Name.class)
    void train_wideRowsOfFloat32_equalsTrainingOnTablesOfFixedSize(SparseOptimizerConfig.Name rule) {
        compare(dnn(new EmbeddingConfig(9, 0.1, 0)), rule, 0.1, DType.FLOAT32);
    }

    @Test
    void create_rowsInFewerBits_isRefusedByTheNamesOfTheTables() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            RankingModelConfig config = dnn(new EmbeddingConfig(3, 0.1, 0, RowStorage.FLOAT16));
            assertThatThrownBy(() -> config.create(parameters.root(), rows(1).layout()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("model.embedding.storage=float16 is for tables of a fixed size, but [user, ad] grow:"
                            + " leave it at float32, or leave out what makes them grow");
        }
    }

    @Test
    void forward_untilAnIdIsAdmitted_showsAndTeachesTheRowOfTheUnknown() {
        TestRows rows = rows(2);
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = DNN.create(parameters.root(), rows.layout());
            SparseOptimizerConfig sgd = sparse(SparseOptimizerConfig.Name.SGD, 0);
            try (Optimizer optimizer = optimizer(parameters, sgd)) {
                double[] before = row(parameters, "embedding.ad", Ids.UNKNOWN);
                step(model, parameters, optimizer, rows);
                assertThat(row(parameters, "embedding.ad", Ids.UNKNOWN)).isNotEqualTo(before);
                // Ads occur as candidates and in histories; ad 3 once, ad 4 four times.
                assertThat(Tensors.toLongs(parameters.state().get("growing.ids.ad")))
                        .containsExactly(3, 4, 5, 6, 7);
                assertThat(Tensors.toLongs(parameters.state().get("growing.rows.ad"))[0])
                        .isEqualTo(-1);
                assertThat(Tensors.toLongs(parameters.state().get("growing.rows.ad"))[1])
                        .isNotNegative();
            }
        }
    }

    @Test
    void forward_evaluationOfNeverSeenIds_equalsThatOfUnknownOnes() {
        TestRows rows = rows(1);
        TestRows unknown = new TestRows(
                rows.layout(),
                rows.dense(),
                new int[][] {{2, 2, 2}, {2, 2, 3}, {2, 2, 4}, {1, 2, 2}},
                rows.lists(),
                rows.target());
        TestRows unseen = new TestRows(
                rows.layout(),
                rows.dense(),
                new int[][] {{900, 77, 2}, {1_999_999_999, 78, 3}, {5, 79, 4}, {1, 2, 2}},
                rows.lists(),
                rows.target());
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = DNN.create(parameters.root(), rows.layout());
            assertThat(Tensors.toDoubles(model.forward(unseen.batch(), Mode.EVALUATION)))
                    .isEqualTo(Tensors.toDoubles(model.forward(unknown.batch(), Mode.EVALUATION)));
            assertThat(parameters.growing().get(0).waiting()).isZero();
            assertThat(parameters.embeddingCount()).isEqualTo((3 + 3 + 5 + 6) * 3);
        }
    }

    @Test
    void forward_trainingWithoutTimesWhereRowsAreEvicted_isRefused() {
        TestRows rows = rows(new GrowingTableConfig("ad", 1, Optional.of(7), 1));
        try (Scope scope = Scope.open();
                Parameters parameters = Parameters.create(DType.FLOAT64)) {
            Model model = DNN.create(parameters.root(), rows.layout());
            Batch batch = rows.batch();
            model.forward(batch, Mode.EVALUATION);
            assertThatThrownBy(() -> model.forward(batch, Mode.TRAINING))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the batch has no times");
            model.forward(
                    new Batch(batch.inputs(), batch.target(), 4, null, null, new long[] {1, 9, 1, 1}), Mode.TRAINING);
            parameters.growing().get(0).evict(true);
            // The second row's ad 4 is of day 9; all others are of day 1, and have not been seen for 8 days.
            assertThat(Tensors.toLongs(parameters.state().get("growing.ids.ad")))
                    .containsExactly(4);
        }
    }

    private static DnnConfig dnn(EmbeddingConfig embedding) {
        return new DnnConfig(embedding, DenseInput.RAW, List.of(5), Activation.TANH, 0, Norm.NONE, 1, Optional.empty());
    }

    private static void compare(RankingModelConfig config, SparseOptimizerConfig.Name rule, double decay, DType type) {
        TestRows fixed = TestRows.full().withLabels(config instanceof EsmmConfig ? 2 : 1);
        TestRows growing = growing(fixed, 1);
        try (Parameters one = Parameters.create(type);
                Parameters two = Parameters.create(type)) {
            Engine.seed(3);
            Model grown = config.create(two.root(), growing.layout());
            Model full = config.create(one.root(), fixed.layout());
            try (Scope scope = Scope.open()) {
                grown.forward(growing.batch(), Mode.TRAINING); // all ids have their rows now
                two.zeroGradients();
                copy(two, one);
            }
            SparseOptimizerConfig sparse = sparse(rule, decay);
            try (Optimizer first = optimizer(one, sparse);
                    Optimizer second = optimizer(two, sparse)) {
                for (int step = 0; step < STEPS; step++) {
                    Engine.seed(step);
                    double[] expected = step(full, one, first, fixed);
                    Engine.seed(step);
                    assertThat(step(grown, two, second, growing)).isEqualTo(expected);
                }
            }
        }
    }

    /** One step on the rows; returns the outputs before it. */
    private static double[] step(Model model, Parameters parameters, Optimizer optimizer, TestRows rows) {
        try (Scope scope = Scope.open()) {
            parameters.zeroGradients();
            Tensor output = model.forward(rows.batch(), Mode.TRAINING);
            output.mul(output).mean().add(output.sum()).backward();
            optimizer.step(0.05);
            return Tensors.toDoubles(output);
        }
    }

    private static Optimizer optimizer(Parameters parameters, SparseOptimizerConfig sparse) {
        OptimizerConfig given = OptimizerConfig.of(OptimizerConfig.Name.ADAM, 0.05);
        return new OptimizerConfig(
                        given.name(),
                        given.learningRate(),
                        given.momentum(),
                        given.dampening(),
                        given.nesterov(),
                        given.weightDecay(),
                        given.beta1(),
                        given.beta2(),
                        given.epsilon(),
                        given.alpha(),
                        given.centered(),
                        Optional.of(0.5),
                        sparse)
                .create(parameters);
    }

    private static SparseOptimizerConfig sparse(SparseOptimizerConfig.Name name, double decay) {
        return new SparseOptimizerConfig(name, Optional.empty(), decay, 1e-8, 0.9, 0.999);
    }

    /** Gives the full tables what the growing ones hold, and all else too. */
    private static void copy(Parameters from, Parameters to) {
        try (Gradients.Guard off = Gradients.off()) {
            Map<String, Tensor> source = from.state();
            to.state().forEach((name, tensor) -> {
                Tensor value = source.get(name);
                tensor.narrow(0, 0, value.size(0)).copy_(value);
                int dot = name.lastIndexOf('.');
                Tensor pool = dot < 0 ? null : source.get("growing.weight." + name.substring(0, dot));
                String table = name.substring(dot + 1);
                if (pool != null && source.containsKey("growing.ids." + table)) {
                    long[] ids = Tensors.toLongs(source.get("growing.ids." + table));
                    long[] rows = Tensors.toLongs(source.get("growing.rows." + table));
                    for (int i = 0; i < ids.length; i++) {
                        tensor.select(0, ids[i]).copy_(pool.select(0, rows[i]));
                    }
                }
            });
        }
    }

    private static double[] row(Parameters parameters, String name, int row) {
        return Tensors.toDoubles(parameters.state().get(name).select(0, row));
    }

    private static TestRows rows(int admitAfter) {
        return growing(TestRows.full(), admitAfter);
    }

    private static TestRows growing(TestRows rows, int admitAfter) {
        return rows(
                rows,
                new GrowingTableConfig("user", admitAfter, Optional.empty(), 1),
                new GrowingTableConfig("ad", admitAfter, Optional.empty(), 1));
    }

    private static TestRows rows(GrowingTableConfig... configs) {
        return rows(TestRows.full(), configs);
    }

    private static TestRows rows(TestRows rows, GrowingTableConfig... configs) {
        FeatureLayout layout = rows.layout();
        List<FeatureLayout.Table> tables = new ArrayList<>(layout.tables());
        for (GrowingTableConfig config : configs) {
            tables.replaceAll(table -> table.name().equals(config.table())
                    ? new FeatureLayout.Table(table.name(), GrowingTableConfig.IDS + Ids.FIRST, Optional.of(config))
                    : table);
        }
        return rows.withLayout(new FeatureLayout(
                layout.dense(), tables, layout.fields(), layout.bags(), layout.sequences(), layout.labels()));
    }
}
