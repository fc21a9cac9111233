package dev.marquee.optim;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.GrowingTensor;
import dev.marquee.nn.RowPool;
import dev.marquee.profile.Tally;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Numbers;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** An embedding table with what the optimiser remembers of its rows. */
final class RowStates implements AutoCloseable {
    /** So many rows are brought into the cache together, before they are changed: twice as fast as one by one. */
    private static final int BLOCK = 32;

    private static final int ROWS_WORTH_A_THREAD = 2048;
    private static final String LAST_USED = "last_used";

    private final EmbeddingTable table;
    private final int width;
    private final Rows fixed;
    private final boolean[] perRow;
    private final @Nullable Grown grown;

    /** Rows, and what is remembered of each. */
    private record Rows(
            Numbers weight, List<Numbers> moments, @Nullable Numbers lastUsed) {}

    /** The rows of growing tables, and what is remembered of each. */
    private record Grown(
            RowPool pool,
            List<GrowingTensor> moments,
            List<String> names,
            @Nullable GrowingTensor lastUsed) {
        Rows rows() {
            return new Rows(
                    pool.values().numbers(),
                    moments.stream().map(GrowingTensor::numbers).toList(),
                    lastUsed == null ? null : lastUsed.numbers());
        }
    }

    /** Whatever is read ahead ends here, so that reading it is not optimised away. */
    @SuppressWarnings("unused")
    private volatile double sink;

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
        DType type = DType.of(values);
        this.width = Math.toIntExact(values.size(1));
        long rows = values.size(0);
        List<Numbers> remembered = new ArrayList<>();
        this.perRow = new boolean[rule.moments().size()];
        for (RowRule.Moment moment : rule.moments()) {
            perRow[remembered.size()] = moment.perRow();
            Tensor tensor = moment.perRow() ? Tensors.zeros(type, rows) : Tensors.zeros(type, rows, width);
            remembered.add(name(moment.name(), tensor, arena, state));
        }
        Numbers lastUsed = decays ? name(LAST_USED, Tensors.zeros(DType.INT32, rows), arena, state) : null;
        this.fixed = new Rows(Numbers.of(values), remembered, lastUsed);
        this.grown = table.pool()
                .map(pool -> new Grown(
                        pool,
                        rule.moments().stream()
                                .map(moment -> pool.companion(type, moment.perRow()))
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
        this.fixed = shared.fixed;
        this.perRow = shared.perRow;
        this.grown = shared.grown;
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

    /**
     * Changes the rows that have a gradient.
     *
     * @param update how
     * @param kept what decay leaves of a row in one step
     * @param step the number of steps taken, this one included
     */
    void step(RowRule.Update update, double kept, long step) {
        table.gradient().ifPresent(gradient -> {
            // The gradient is read; row and moments are read and written.
            Tally.bytes(gradient.values(), 3);
            for (boolean single : perRow) {
                Tally.bytes((double) gradient.values().nbytes() * 2 / (single ? width : 1));
            }
            try (Scope scope = Scope.open()) {
                IntBuffer rows = Tensors.bytes(gradient.ids().rows()).asIntBuffer();
                Numbers values = Numbers.of(gradient.values());
                Parts parts = new Parts(
                        fixed,
                        grown == null ? fixed : grown.rows(),
                        table.weight().size(0),
                        step);
                // From 1: the first is padding.
                Ranges.split(1, rows.limit(), ROWS_WORTH_A_THREAD, (from, to) -> {
                    double read = 0;
                    for (int start = from; start < to; start += BLOCK) {
                        int end = Math.min(to, start + BLOCK);
                        read += parts.readAhead(rows, start, end);
                        for (int position = start; position < end; position++) {
                            parts.apply(update, kept, rows.get(position), values, position);
                        }
                    }
                    sink = read;
                });
            }
        });
    }

    /** The rows of both kinds, as one step sees them. */
    private final class Parts {
        private final Side first;
        private final Side second;
        private final long fixedRows;
        private final long step;

        Parts(Rows fixed, Rows grown, long fixedRows, long step) {
            this.first = new Side(fixed);
            this.second = new Side(grown);
            this.fixedRows = fixedRows;
            this.step = step;
        }

        void apply(RowRule.Update update, double kept, long row, Numbers values, int position) {
            boolean isFixed = row < fixedRows;
            Side side = isFixed ? first : second;
            long at = isFixed ? row : row - fixedRows;
            side.decay(at, kept, step, isFixed);
            update.apply(side.weight, side.moments, at, values, position, width);
        }

        double readAhead(IntBuffer rows, int start, int end) {
            double sum = 0;
            for (int position = start; position < end; position++) {
                long row = rows.get(position);
                sum += row < fixedRows ? first.read(row) : second.read(row - fixedRows);
            }
            return sum;
        }
    }

    /** Rows of one kind, unpacked for the loop. */
    private final class Side {
        private final Numbers weight;
        private final Numbers[] moments;
        private final @Nullable Numbers lastUsed;

        Side(Rows rows) {
            weight = rows.weight();
            moments = rows.moments().toArray(Numbers[]::new);
            lastUsed = rows.lastUsed();
        }

        double read(long row) {
            double sum = weight.get(row * width);
            for (int i = 0; i < moments.length; i++) {
                sum += moments[i].get(perRow[i] ? row : row * width);
            }
            return sum;
        }

        /** Applies the decay of all steps since the row was last used, or appeared, this one included. */
        void decay(long row, double kept, long step, boolean wasAlwaysThere) {
            if (lastUsed == null) {
                return;
            }
            double used = lastUsed.get(row);
            double factor = Math.pow(kept, used > 0 || wasAlwaysThere ? step - used : 1);
            lastUsed.set(row, step);
            for (long at = row * width; at < (row + 1) * width; at++) {
                weight.set(at, weight.get(at) * factor);
            }
        }
    }

    /** Names the part of each table; the parts are views. */
    private Numbers name(String name, Tensor tensor, Arena arena, Map<String, Tensor> state) {
        arena.keep(tensor);
        long first = 0;
        for (EmbeddingTable.Slice slice : table.slices()) {
            state.put(name + "." + table.name() + slice.name(), arena.keep(tensor.narrow(0, first, slice.rows())));
            first += slice.rows();
        }
        return Numbers.of(tensor);
    }
}
