package dev.marquee.train;

import dev.marquee.collective.Group;
import dev.marquee.data.Batch;
import dev.marquee.model.BatchRows;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Sharding;
import dev.marquee.parallel.RowFetch;
import dev.marquee.parallel.TablePlan;
import dev.marquee.recipe.DistributedConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import dev.marquee.trained.Networks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Embedding tables that the members of a training share: where their rows are, and how a batch gets those it needs. */
final class SharedTables {
    /** So many rows of each table are made to find out how wide they are. */
    private static final int SAMPLE_ROWS = 3;

    private final Group group;
    private final TablePlan plan;
    private final BatchRows rows;

    private SharedTables(Group group, TablePlan plan, BatchRows rows) {
        this.group = group;
        this.plan = plan;
        this.rows = rows;
    }

    /**
     * Plans, as the recipe says.
     *
     * @return absent where nothing is to be planned: a process alone has all rows in any case
     * @throws IllegalArgumentException when the tables cannot be shared or do not fit
     */
    static Optional<SharedTables> plan(Recipe recipe, Optional<FeatureSchema> schema, Group group) {
        DistributedConfig config = recipe.distributed();
        if (group.size() == 1
                || config.tables() == DistributedConfig.Tables.REPLICATED
                || schema.isEmpty()
                || !(recipe.model() instanceof RankingModelConfig model)) {
            return Optional.empty();
        }
        FeatureLayout layout = schema.get().layout();
        requireFixed(layout);
        BatchRows rows = BatchRows.of(layout);
        List<Long> widths = widths(model, layout);
        List<TablePlan.Table> tables = new ArrayList<>();
        for (int i = 0; i < layout.tables().size(); i++) {
            FeatureLayout.Table table = layout.tables().get(i);
            long bytes = widths.stream()
                    .mapToLong(width ->
                            Float.BYTES * width + recipe.optimizer().sparse().stateBytes(width))
                    .sum();
            long lookups = rows.lookups(i) * recipe.data().batchSize();
            tables.add(new TablePlan.Table(table.name(), table.rows(), bytes, lookups));
        }
        TablePlan plan = config.planner(group.size()).plan(tables);
        return Optional.of(new SharedTables(group, plan, rows));
    }

    /** Whether members keep different rows. */
    boolean areSharded() {
        return plan.isSharded();
    }

    /** Which tables are where, for people. */
    String describe() {
        return plan.describe();
    }

    /** What this member keeps. */
    Sharding sharding() {
        return new Sharding(group.rank(), group.size(), plan.owners(), own -> {
            try (Scope scope = Scope.open()) {
                Tensor sum = Tensors.of(new double[] {own});
                group.sum(sum);
                return Tensors.toDoubles(sum)[0];
            }
        });
    }

    /** Gets the rows of batches for a network; all members must call it for each batch. */
    Fetch fetch(Network network) {
        RowFetch fetch = new RowFetch(group, network.parameters().tables());
        return batch -> {
            try (Scope scope = Scope.open()) {
                fetch.fetch(rows.distinct(batch));
            }
        };
    }

    /** Gets the rows of a batch. */
    @FunctionalInterface
    interface Fetch {
        /** Where every member has all rows. */
        Fetch NOTHING = batch -> {};

        /** Gets what this member's share of a batch needs. */
        void rows(Batch batch);
    }

    private static void requireFixed(FeatureLayout layout) {
        List<String> growing = layout.tables().stream()
                .filter(table -> table.growing().isPresent())
                .map(FeatureLayout.Table::name)
                .toList();
        if (!growing.isEmpty()) {
            throw new IllegalArgumentException("distributed.tables shares out tables of a fixed size, but " + growing
                    + " grow: set it to replicated and train with one process, or leave out what makes them grow");
        }
    }

    /** The widths of all tables of a network, found out by making it with a few rows of each. */
    private static List<Long> widths(RankingModelConfig model, FeatureLayout layout) {
        FeatureLayout small = new FeatureLayout(
                layout.dense(),
                layout.tables().stream()
                        .map(table -> new FeatureLayout.Table(table.name(), Math.min(table.rows(), SAMPLE_ROWS)))
                        .toList(),
                layout.fields(),
                layout.bags(),
                layout.sequences(),
                layout.labels());
        return Networks.draw(0, parameters -> {
            try (parameters) {
                model.create(parameters.root(), small);
                if (parameters.tables().stream().anyMatch(EmbeddingTable::isRounded)) {
                    throw new IllegalArgumentException(
                            "distributed.tables shares out rows that are kept as float32: leave"
                                    + " model.embedding.storage out, or set distributed.tables to replicated");
                }
                return parameters.tables().stream()
                        .map(table -> table.weight().size(1))
                        .toList();
            }
        });
    }
}
