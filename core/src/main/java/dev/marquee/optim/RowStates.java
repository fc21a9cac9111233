package dev.marquee.optim;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.GrowingTensor;
import dev.marquee.nn.RowPool;
import dev.marquee.profile.Tally;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.FloatRows;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** An embedding table with what the optimiser remembers of its rows. */
final class RowStates implements AutoCloseable {
    private static final int ROWS_WORTH_A_THREAD = 2048;
    private static final String LAST_USED = "last_used";

    private final EmbeddingTable table;
    private final int width;
    private final boolean[] perRow;
    private final Map<String, RowSubset> subsets = new LinkedHashMap<>();
    private final @Nullable Grown grown;
    /** Rows that are rounded; null where rows are changed exactly. */
    private final @Nullable RowBlocks rounded;
    /** Null where rows are rounded. */
    private final RowSingles.@Nullable Side exact;

    /** The rows of growing tables, and what is remembered of each. */
    private record Grown(
            RowPool pool,
            List<GrowingTensor> moments,
            List<String> names,
            @Nullable GrowingTensor lastUsed) {
        RowSingles.Side rows() {
            return new RowSingles.Side(
                    pool.values().numbers(),
                    moments.stream().map(GrowingTensor::numbers).toArray(Numbers[]::new),
                    lastUsed == null ? null : lastUsed.numbers());
        }
    }

    /**
     * What happens in one step.
     *
     * @param rule the update, in double precision
     * @param block the same in single precision
     * @param kept what decay leaves of a row in one step
     * @param number the number of steps taken, this one included
     * @param random for rounding
     */
    record Step(RowRule.Update rule, BlockRule.Update block, double kept, long number, long random) {}

    /**
     * Allocates.
     *
     * @param table the rows
     * @param rule what is remembered of them
     * @param decays whether the step at which a row was last used is remembered
     * @param arena owns the tensors
     * @param state where to put them, by name
     */
    RowStates(EmbeddingTable table, RowRule rule, boolean decays, Arena arena, Map<String, Tensor> state) {
        this.table = table;
        Tensor values = table.weight();
        this.width = Math.toIntExact(values.size(1));
        long rows = values.size(0);
        this.perRow = new boolean[rule.moments().size()];
        List<Tensor> moments = new ArrayList<>();
        for (RowRule.Moment moment : rule.moments()) {
            perRow[moments.size()] = moment.perRow();
            Tensor tensor =
                    moment.perRow() ? Tensors.zeros(table.type(), rows) : Tensors.zeros(table.type(), rows, width);
            moments.add(name(moment.name(), tensor, arena, state));
        }
        Numbers lastUsed = decays ? Numbers.of(name(LAST_USED, Tensors.zeros(DType.INT32, rows), arena, state)) : null;
        if (table.isRounded()) {
            this.rounded = new RowBlocks(table.stored().orElseThrow(), floats(moments), perRow, lastUsed, width);
            this.exact = null;
        } else {
            this.rounded = null;
            this.exact = new RowSingles.Side(
                    Numbers.of(values), moments.stream().map(Numbers::of).toArray(Numbers[]::new), lastUsed);
        }
        this.grown = table.pool()
                .map(pool -> new Grown(
                        pool,
                        rule.moments().stream()
                                .map(moment -> pool.companion(table.type(), moment.perRow()))
                                .toList(),
                        rule.moments().stream().map(RowRule.Moment::name).toList(),
                        decays ? pool.companion(DType.INT32, /* perRow= */ true) : null))
                .orElse(null);
    }

    /**
     * For the gradients of a replica's table.
     *
     * @param table has the rows of the other one
     * @param shared what is remembered of them; closed by its owner
     */
    RowStates(EmbeddingTable table, RowStates shared) {
        this.table = table;
        this.width = shared.width;
        this.rounded = shared.rounded;
        this.exact = shared.exact;
        this.perRow = shared.perRow;
        this.grown = shared.grown;
    }

    /** What this process keeps of that which is remembered of tables that several share. */
    Map<String, RowSubset> subsets() {
        return subsets;
    }

    /** Adds what is remembered of the rows of growing tables. */
    void addGrown(Map<String, Tensor> state) {
        if (grown == null) {
            return;
        }
        String name = "." + grown.pool().name();
        for (int i = 0; i < grown.moments().size(); i++) {
            state.put(grown.names().get(i) + name, grown.moments().get(i).tensor());
        }
        if (grown.lastUsed() != null) {
            state.put(LAST_USED + name, grown.lastUsed().tensor());
        }
    }

    @Override
    public void close() {
        if (grown != null) {
            grown.moments().forEach(grown.pool()::drop);
            if (grown.lastUsed() != null) {
                grown.pool().drop(grown.lastUsed());
            }
        }
    }

    /** Changes the rows that have a gradient. */
    void step(Step step) {
        table.gradient().ifPresent(gradient -> {
            // The gradient is read; row and moments are read and written.
            Tally.bytes(gradient.values(), 3);
            for (boolean single : perRow) {
                Tally.bytes((double) gradient.values().nbytes() * 2 / (single ? width : 1));
            }
            try (Scope scope = Scope.open()) {
                IntBuffer rows = Tensors.bytes(gradient.ids().rows()).asIntBuffer();
                Ranges.split(1, rows.limit(), ROWS_WORTH_A_THREAD, changes(step, rows, gradient.values()));
            }
        });
    }

    /** Changes the rows in some positions; that of position 0 is padding. */
    private Ranges.Body changes(Step step, IntBuffer rows, Tensor gradient) {
        if (rounded != null) {
            RowBlocks.Step own = new RowBlocks.Step(step.block(), step.kept(), step.number(), step.random());
            FloatRows values = FloatRows.of(gradient);
            return (from, to) -> rounded.apply(own, rows, values, from, to);
        }
        if (exact == null) {
            throw new IllegalStateException("rows are either rounded or exact");
        }
        RowSingles all = new RowSingles(
                exact, grown == null ? exact : grown.rows(), table.weight().size(0), width, perRow);
        RowSingles.Step own = new RowSingles.Step(step.rule(), step.kept(), step.number());
        Numbers values = Numbers.of(gradient);
        return (from, to) -> all.apply(own, rows, values, from, to);
    }

    private FloatRows[] floats(List<Tensor> moments) {
        FloatRows[] all = new FloatRows[perRow.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = FloatRows.of(moments.get(i), perRow[i] ? 1 : width);
        }
        return all;
    }

    /** Names the part of each table; the parts are views. */
    private Tensor name(String name, Tensor tensor, Arena arena, Map<String, Tensor> state) {
        arena.keep(tensor);
        table.views(tensor).forEach((own, part) -> state.put(name + "." + own, arena.keep(part)));
        table.subsets().forEach((own, rows) -> subsets.put(name + "." + own, rows));
        return tensor;
    }
}
