package dev.marquee.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.collective.Group;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Sharding;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.optim.SparseOptimizerConfig;
import dev.marquee.profile.Track;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that the members of a group share, against tables that one process has whole. */
@Timeout(60)
class ShardedTablesTest {
    private static final List<EmbeddingTable.Slice> SLICES = List.of(
            new EmbeddingTable.Slice("user", 41),
            new EmbeddingTable.Slice("day", 7),
            new EmbeddingTable.Slice("ad", 30),
            new EmbeddingTable.Slice("tiny", 3));
    private static final int COLUMNS = 5;
    private static final int BATCH = 13;
    private static final int STEPS = 6;

    /** Users row-wise, ads with the last member, two rows of the tiny table with the first two, days with everybody. */
    private static Map<String, Integer> owners(int world) {
        return Map.of("user", Sharding.BY_ROW, "ad", world - 1, "tiny", Sharding.BY_ROW);
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 17", "4, 1", "3, 16"})
    void tables_ofEveryMember_beginWithTheValuesOfOneProcess(int world, int width) {
        List<EmbeddingTable.Slice> large =
                List.of(new EmbeddingTable.Slice("user", 70_003), new EmbeddingTable.Slice("ad", 70_001));
        for (Initializer initializer : List.of(Initializer.normal(0.1), Initializer.uniform(1))) {
            Engine.seed(5);
            Map<String, float[]> whole;
            try (Parameters parameters = Parameters.create(DType.FLOAT32);
                    Scope scope = Scope.open()) {
                parameters.root().tables(large, width, initializer);
                parameters.root().parameter("after", initializer, 3);
                whole = values(parameters.state());
            }
            Map<String, Tensor> together = new TreeMap<>();
            try (Scope scope = Scope.open()) {
                for (int rank = 0; rank < world; rank++) {
                    Engine.seed(5);
                    Sharding sharding =
                            new Sharding(rank, world, Map.of("user", Sharding.BY_ROW, "ad", world - 1), value -> value);
                    try (Parameters parameters = Parameters.create(DType.FLOAT32, sharding)) {
                        parameters.root().tables(large, width, initializer);
                        parameters.root().parameter("after", initializer, 3);
                        assemble(together, parameters.state(), subsets(parameters));
                    }
                }
                assertSame(values(together), whole);
            }
        }
    }

    @Test
    void tables_ofAMember_takeTheMemoryOfItsRowsAlone() {
        List<Long> rows = ThreadGroups.run(4, group -> {
            try (Member member = new Member(group, owners(4), SparseOptimizerConfig.Name.ADAM, 0)) {
                Tensor weight = member.parameters.tables().get(0).weight();
                long moments = member.optimizer.state().entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("sparse.exp_avg.wide."))
                        .mapToLong(entry -> entry.getValue().numel())
                        .sum();
                assertThat(member.parameters.embeddingCount()).isEqualTo(81 * 4 + 81);
                assertThat(weight.storage().nbytes()).isEqualTo(weight.numel() * Float.BYTES);
                assertThat(moments).isEqualTo((weight.size(0) - 1) * 4);
                return weight.size(0);
            }
        });
        // Padding, the seven days, a quarter of the users, those of the tiny table, and all ads with the last.
        assertThat(rows).containsExactly(1L + 7 + 11 + 1, 1L + 7 + 10 + 1, 1L + 7 + 10 + 1, 1L + 7 + 10 + 30);
    }

    @ParameterizedTest
    @EnumSource(SparseOptimizerConfig.Name.class)
    void step_twoAndFourMembers_giveTheWeightsOfOneProcess(SparseOptimizerConfig.Name rule) {
        Map<String, float[]> alone = trained(1, Map.of(), rule);
        for (int world : new int[] {2, 4}) {
            Map<String, float[]> shared = trained(world, owners(world), rule);
            assertThat(shared.keySet()).isEqualTo(alone.keySet());
            shared.forEach((name, values) -> assertThat(values)
                    .as("%s of %d members", name, world)
                    .containsExactly(alone.get(name), Offset.offset(1e-5f)));
            assertSame(trained(world, owners(world), rule), shared);
        }
        assertThat(alone.get("wide.user")).startsWith(0, 0, 0, 0); // padding
    }

    /** Networks that see parts of the batch find their rows among those of the whole. */
    @Test
    void gather_partOfABatch_givesTheRowsOfItsIds() {
        ThreadGroups.run(2, group -> {
            try (Member member = new Member(group, owners(2), SparseOptimizerConfig.Name.SGD, 0);
                    Scope scope = Scope.open()) {
                EmbeddingTable table = member.parameters.tables().get(0);
                DistinctIds all = DistinctIds.of(List.of(part(ids(3, 0, 8))));
                member.fetch.fetch(all);
                Tensor rows = table.gather(all, Mode.EVALUATION);
                DistinctIds some = DistinctIds.of(List.of(part(ids(3, 4, 6))));
                Tensor few = table.gather(some, Mode.EVALUATION);
                IntBuffer wanted = Tensors.bytes(some.rows()).asIntBuffer();
                int[] known = new int[all.count()];
                Tensors.bytes(all.rows()).asIntBuffer().get(known);
                for (int i = 0; i < some.count(); i++) {
                    int at = 0;
                    while (known[at] != wanted.get(i)) {
                        at++;
                    }
                    assertThat(Tensors.toFloats(few.select(0, i))).isEqualTo(Tensors.toFloats(rows.select(0, at)));
                }
                DistinctIds others = DistinctIds.of(List.of(part(ids(9, 0, BATCH))));
                assertThatThrownBy(() -> table.gather(others, Mode.EVALUATION))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("was not fetched");
            }
            return 0;
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tables_thatCannotBeShared_areRefused(boolean growing) {
        Sharding sharding = new Sharding(0, 2, Map.of("user", 0), value -> value);
        try (Parameters parameters = Parameters.create(DType.FLOAT32, sharding)) {
            Parameters.Path root = parameters.root();
            assertThatThrownBy(() -> {
                        if (growing) {
                            root.tables(SLICES, 2, Initializer.normal(1), root.growing(List.of(), 81));
                        } else {
                            root.tables(SLICES, 2, Initializer.normal(1), dev.marquee.nn.RowStorage.INT8);
                        }
                    })
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(growing ? "growing tables" : "FLOAT32, not as INT8");
        }
    }

    /** One member: two widths, a part of each batch, and the gradient of a loss that is a sum over the samples. */
    private static final class Member implements AutoCloseable {
        private final Group group;
        private final Parameters parameters;
        private final List<EmbeddingTable> tables = new ArrayList<>();
        private final Optimizer optimizer;
        private final GradientExchange exchange;
        private final RowFetch fetch;

        Member(Group group, Map<String, Integer> owners, SparseOptimizerConfig.Name rule, double decay) {
            this.group = group;
            Sharding sharding = new Sharding(group.rank(), group.size(), owners, own -> {
                try (Scope scope = Scope.open()) {
                    Tensor sum = Tensors.of(new double[] {own});
                    group.sum(sum);
                    return Tensors.toDoubles(sum)[0];
                }
            });
            parameters = synchronizedOnEngine(() -> {
                Engine.seed(7);
                Parameters made = Parameters.create(DType.FLOAT32, sharding);
                tables.add(made.root().child("wide").tables(SLICES, 4, Initializer.normal(0.3)));
                tables.add(made.root().child("thin").tables(SLICES, 1, Initializer.normal(0.3)));
                made.root().parameter("weight", Initializer.constant(0.5), COLUMNS, 4);
                return made;
            });
            optimizer = new OptimizerConfig(
                            OptimizerConfig.Name.SGD,
                            0.1,
                            Optional.empty(),
                            Optional.empty(),
                            false,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            false,
                            Optional.of(2.0), // clips in most steps
                            new SparseOptimizerConfig(rule, Optional.of(0.05), decay, 1e-8, 0.9, 0.999))
                    .create(parameters);
            exchange = new GradientExchange(group, parameters, false, false);
            fetch = owners.isEmpty() ? null : new RowFetch(group, tables);
        }

        void step(int step) {
            try (Scope scope = Scope.open()) {
                parameters.zeroGradients();
                // The last of four members has nothing in the last step.
                int batch = step == STEPS - 1 ? 3 : BATCH;
                int from = batch * group.rank() / group.size();
                int end = batch * (group.rank() + 1) / group.size();
                DistinctIds ids =
                        from == end ? DistinctIds.of(List.of()) : DistinctIds.of(List.of(part(ids(step, from, end))));
                if (fetch != null) {
                    fetch.fetch(ids);
                }
                exchange.begin(end - from);
                double loss = 0;
                if (from < end) {
                    Tensor wide = look(0, ids); // [samples, columns, 4]
                    Tensor thin = look(1, ids); // [samples, columns, 1]
                    Tensor score = wide.mul(parameters.trainable().get("weight"))
                            .add(thin)
                            .sum();
                    Tensor sum = score.add(wide.mul(wide).sum().mul(new Scalar(0.3)));
                    sum.backward();
                    loss = sum.item_float();
                }
                exchange.finish(Track.off(0), loss, false);
                optimizer.step(0.1);
            }
        }

        private Tensor look(int table, DistinctIds ids) {
            EmbeddingTable of = tables.get(table);
            return of.embed(ids, of.gather(ids, Mode.TRAINING), 0);
        }

        @Override
        public void close() {
            exchange.close();
            optimizer.close();
            parameters.close();
        }
    }

    private static Map<String, float[]> trained(
            int world, Map<String, Integer> owners, SparseOptimizerConfig.Name rule) {
        List<Map<String, Map<RowSubset, float[]>>> parts = ThreadGroups.run(world, group -> {
            try (Member member = new Member(group, owners, rule, 0.01)) {
                for (int step = 0; step < STEPS; step++) {
                    member.step(step);
                }
                Map<String, Tensor> state = new LinkedHashMap<>(member.parameters.state());
                Map<String, RowSubset> subsets = new LinkedHashMap<>(subsets(member.parameters));
                state.putAll(member.optimizer.state());
                subsets.putAll(member.optimizer.subsets());
                Map<String, Map<RowSubset, float[]>> values = new TreeMap<>();
                state.forEach((name, tensor) -> values.put(
                        name,
                        Map.of(
                                subsets.getOrDefault(name, RowSubset.all(tensor.dim() == 0 ? 1 : tensor.size(0))),
                                Tensors.toFloats(tensor))));
                return values;
            }
        });
        Map<String, float[]> all = new TreeMap<>();
        parts.forEach(part -> part.forEach((name, rows) -> rows.forEach((subset, values) -> {
            int width = subset.count() == 0 ? 1 : (int) (values.length / subset.count());
            if (subset.equals(RowSubset.all(subset.end())) && all.containsKey(name)) {
                assertThat(values).as(name).isEqualTo(all.get(name)); // replicated: the same bits
            }
            int at = 0;
            for (long row = subset.first(); row < subset.end(); row += subset.step()) {
                float[] whole = all.computeIfAbsent(name, key -> new float[(int) subset.end() * width]);
                System.arraycopy(values, at, whole, (int) row * width, width);
                at += width;
            }
        })));
        return all;
    }

    private static DistinctIds.Part part(Tensor ids) {
        return new DistinctIds.Part(ids, List.of(0, 41, 48, 78, 0));
    }

    /** Ids of some samples of a step's batch; missing, unknown and frequent ones, and padding, are among them. */
    private static Tensor ids(int step, int from, int end) {
        Random random = new Random(step);
        int[] all = new int[BATCH * COLUMNS];
        int[] rows = {41, 7, 30, 3, 41};
        for (int i = 0; i < all.length; i++) {
            all[i] = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(rows[i % COLUMNS]);
        }
        Tensor tensor = Tensors.empty(DType.INT32, (long) end - from, COLUMNS);
        Tensors.bytes(tensor).asIntBuffer().put(all, from * COLUMNS, (end - from) * COLUMNS);
        return tensor;
    }

    private static Map<String, RowSubset> subsets(Parameters parameters) {
        Map<String, RowSubset> subsets = new LinkedHashMap<>();
        parameters.tables().forEach(table -> subsets.putAll(table.subsets()));
        return subsets;
    }

    private static void assemble(
            Map<String, Tensor> together, Map<String, Tensor> state, Map<String, RowSubset> subsets) {
        state.forEach((name, tensor) -> {
            RowSubset own = subsets.getOrDefault(name, RowSubset.all(tensor.size(0)));
            long[] shape = Tensors.shape(tensor);
            shape[0] = own.end();
            Tensor whole = together.computeIfAbsent(name, key -> Tensors.zeros(DType.FLOAT32, shape));
            RowSubset.all(own.end()).copy(whole, own, tensor.detach());
        });
    }

    private static Map<String, float[]> values(Map<String, Tensor> tensors) {
        Map<String, float[]> values = new TreeMap<>();
        tensors.forEach((name, tensor) -> values.put(name, Tensors.toFloats(tensor)));
        return values;
    }

    private static void assertSame(Map<String, float[]> values, Map<String, float[]> expected) {
        assertThat(values.keySet()).isEqualTo(expected.keySet());
        values.forEach((name, some) -> assertThat(some).as(name).isEqualTo(expected.get(name)));
    }

    /** The engine's generator is the whole process's. */
    private static synchronized <T> T synchronizedOnEngine(Supplier<T> work) {
        return work.get();
    }
}
