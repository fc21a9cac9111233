package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.RowStorage;
import dev.marquee.optim.SparseOptimizerConfig.Name;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.FloatRows;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.StoredRows;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that are kept in fewer bits than they are computed with. */
final class RowBlocksTest {
    private static final int WIDTH = 9;
    private static final int ROWS = 3000;
    private static final int IDS = 6000;

    /** Two tables with gradients that depend on the step alone. */
    private static final class Sample implements AutoCloseable {
        private final Parameters parameters;
        private final EmbeddingTable table;
        private final Optimizer optimizer;

        Sample(DType type, RowStorage storage, Name name, double decay) {
            parameters = Parameters.create(type);
            table = parameters
                    .root()
                    .tables(
                            List.of(
                                    new EmbeddingTable.Slice("user", 1000),
                                    new EmbeddingTable.Slice("ad", ROWS - 1000)),
                            WIDTH,
                            tensor -> tensor.copy_(Tensors.of(numbers(0, ROWS * WIDTH), ROWS, WIDTH)),
                            storage);
            try (Scope scope = Scope.open()) {
                Engine.seed(11);
            }
            optimizer = new SparseOptimizer(parameters, SparseSample.config(name, decay));
        }

        Sample run(int from, int to) {
            for (int step = from; step <= to; step++) {
                try (Scope scope = Scope.open()) {
                    parameters.zeroGradients();
                    Random random = new Random(step);
                    Tensor ids = Tensors.empty(DType.INT32, IDS, 1);
                    Tensors.bytes(ids)
                            .asIntBuffer()
                            .put(random.ints(IDS, 0, 1000).toArray());
                    DistinctIds distinct = DistinctIds.of(
                            List.of(new DistinctIds.Part(ids, List.of(0)), new DistinctIds.Part(ids, List.of(1000))));
                    Tensor rows = table.gather(distinct, Mode.TRAINING);
                    for (int part = 0; part < 2; part++) {
                        Tensor shown = table.embed(distinct, rows, part);
                        Tensor factors = Tensors.of(numbers(step + part, IDS * WIDTH), Tensors.shape(shown));
                        shown.mutable_grad().put(factors.to(parameters.type().scalarType()));
                    }
                    optimizer.step(0.02);
                }
            }
            return this;
        }

        /** The values of all rows. */
        double[] values() {
            try (Scope scope = Scope.open()) {
                Tensor all = Tensors.empty(DType.INT32, ROWS, 1);
                for (int i = 0; i < ROWS; i++) {
                    Tensors.bytes(all).asIntBuffer().put(i, i);
                }
                DistinctIds ids = DistinctIds.of(List.of(new DistinctIds.Part(all, List.of(0))));
                return Tensors.toDoubles(table.embed(ids, table.gather(ids, Mode.EVALUATION), 0));
            }
        }

        private static float[] numbers(int seed, int count) {
            Random random = new Random(seed);
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) random.nextGaussian() / 2;
            }
            return values;
        }

        @Override
        public void close() {
            optimizer.close();
            parameters.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"SGD,0", "ADAGRAD,0.1", "ROWWISE_ADAGRAD,0", "ADAM,0.1", "ADAM,0"})
    void apply_blocksOfFloat32_equalTheUpdateInDoublePrecisionButForRounding(Name name, double decay) {
        SparseOptimizerConfig config = SparseSample.config(name, decay);
        RowRule rule = RowRule.of(config);
        int count = 100;
        boolean[] perRow = new boolean[rule.moments().size()];
        try (Scope scope = Scope.open()) {
            Tensor exact = Tensors.of(Sample.numbers(1, count * WIDTH), count, WIDTH);
            Tensor blocks = exact.clone();
            Tensor gradient = Tensors.of(Sample.numbers(2, count * WIDTH), count, WIDTH);
            Numbers[] numbers = new Numbers[perRow.length];
            FloatRows[] floats = new FloatRows[perRow.length];
            for (int i = 0; i < perRow.length; i++) {
                perRow[i] = rule.moments().get(i).perRow();
                int width = perRow[i] ? 1 : WIDTH;
                numbers[i] = Numbers.of(Tensors.zeros(DType.FLOAT32, count, width));
                floats[i] = FloatRows.of(Tensors.zeros(DType.FLOAT32, count, width));
            }
            RowSingles.Side side =
                    new RowSingles.Side(Numbers.of(exact), numbers, Numbers.of(Tensors.zeros(DType.INT32, count)));
            RowSingles one = new RowSingles(side, side, count, WIDTH, perRow);
            RowBlocks many = new RowBlocks(
                    StoredRows.of(blocks), floats, perRow, Numbers.of(Tensors.zeros(DType.INT32, count)), WIDTH);
            double kept = 1 - 0.02 * decay;
            IntBuffer rows = IntBuffer.wrap(
                    new Random(5).ints(count, 0, count).distinct().toArray());
            for (int step = 1; step <= 10; step++) {
                one.apply(
                        new RowSingles.Step(rule.starter().at(0.02, step), kept, step),
                        rows,
                        Numbers.of(gradient),
                        1,
                        rows.limit());
                many.apply(
                        new RowBlocks.Step(BlockRule.of(config).at(0.02, step), kept, step, 0),
                        rows,
                        FloatRows.of(gradient),
                        1,
                        rows.limit());
            }

            assertThat(Tensors.toDoubles(blocks)).containsExactly(Tensors.toDoubles(exact), within(5e-6));
        }
    }

    @ParameterizedTest
    @CsvSource({"SGD,FLOAT16,0.02", "ADAM,FLOAT16,0.02", "SGD,INT8,0.15", "ROWWISE_ADAGRAD,INT8,0.15"})
    void step_fewerBits_staysNearTheUpdateInFloat32(Name name, RowStorage storage, double tolerance) {
        try (Sample rounded = new Sample(DType.FLOAT32, storage, name, 0.1);
                Sample reference = new Sample(DType.FLOAT32, RowStorage.FLOAT32, name, 0.1)) {
            double[] found = rounded.run(1, 10).values();
            double[] expected = reference.run(1, 10).values();
            assertThat(found).containsExactly(expected, within(tolerance));
            // Right on average: the mean over 27,000 values errs far less than one of them.
            assertThat(Arrays.stream(found).average().orElseThrow())
                    .isCloseTo(Arrays.stream(expected).average().orElseThrow(), within(tolerance / 100));
        }
    }

    @ParameterizedTest
    @EnumSource(RowStorage.class)
    void step_onSeveralThreads_givesTheSameBits(RowStorage storage) {
        int before = Runtime.getRuntime().availableProcessors();
        try (Sample one = new Sample(DType.FLOAT32, storage, Name.ADAM, 0.1);
                Sample three = new Sample(DType.FLOAT32, storage, Name.ADAM, 0.1)) {
            Engine.useThreads(1);
            double[] expected = one.run(1, 4).values();
            Engine.useThreads(3);
            assertThat(three.run(1, 4).values()).isEqualTo(expected);
        } finally {
            Engine.useThreads(before);
        }
    }

    @ParameterizedTest
    @EnumSource(RowStorage.class)
    void load_savedState_goesOnBitForBit(RowStorage storage) {
        try (Sample whole = new Sample(DType.FLOAT32, storage, Name.ADAGRAD, 0.1);
                Sample resumed = new Sample(DType.FLOAT32, storage, Name.ADAGRAD, 0.1);
                Scope scope = Scope.open()) {
            whole.run(1, 3);
            Map<String, Tensor> state = copy(whole.optimizer.state());
            Map<String, Tensor> weights = copy(whole.parameters.state());
            resumed.run(9, 10);
            resumed.parameters.load(weights, "the test");
            resumed.optimizer.load(state);

            assertThat(resumed.run(4, 7).values()).isEqualTo(whole.run(4, 7).values());
        }
    }

    @Test
    void state_rowsInFewerBits_hasMomentsOfFloat32AndASeed() {
        try (Sample sample = new Sample(DType.FLOAT32, RowStorage.INT8, Name.ROWWISE_ADAGRAD, 0)) {
            assertThat(sample.optimizer.state()).containsOnlyKeys("step", "rounding_seed", "sum.user", "sum.ad");
            assertThat(DType.of(sample.optimizer.state().get("sum.ad"))).isEqualTo(DType.FLOAT32);
        }
    }

    @Test
    void replica_rowsInFewerBits_isRefused() {
        try (Sample sample = new Sample(DType.FLOAT32, RowStorage.INT8, Name.SGD, 0)) {
            assertThatThrownBy(() -> sample.optimizer.replica(sample.parameters))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("leave model.embedding.storage out");
        }
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new HashMap<>();
        tensors.forEach((name, tensor) -> copies.put(name, tensor.detach().clone()));
        return copies;
    }
}
