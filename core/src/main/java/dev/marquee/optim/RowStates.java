package dev.marquee.optim;

import dev.marquee.nn.EmbeddingTable;
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
final class RowStates {
    /** So many rows are brought into the cache together, before they are changed: twice as fast as one by one. */
    private static final int BLOCK = 32;

    private static final int ROWS_WORTH_A_THREAD = 2048;

    private final EmbeddingTable table;
    private final int width;
    private final Numbers weight;
    private final Numbers[] moments;
    private final boolean[] perRow;
    private final @Nullable Numbers lastUsed;

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
        this.width = Math.toIntExact(values.size(1));
        this.weight = Numbers.of(values);
        long rows = values.size(0);
        List<Numbers> remembered = new ArrayList<>();
        this.perRow = new boolean[rule.moments().size()];
        for (RowRule.Moment moment : rule.moments()) {
            perRow[remembered.size()] = moment.perRow();
            Tensor tensor = moment.perRow()
                    ? Tensors.zeros(DType.of(values), rows)
                    : Tensors.zeros(DType.of(values), rows, width);
            remembered.add(name(moment.name(), tensor, arena, state));
        }
        this.moments = remembered.toArray(Numbers[]::new);
        this.lastUsed = decays ? name("last_used", Tensors.zeros(DType.INT32, rows), arena, state) : null;
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
            try (Scope scope = Scope.open()) {
                IntBuffer rows = Tensors.bytes(gradient.ids().rows()).asIntBuffer();
                Numbers values = Numbers.of(gradient.values());
                // From 1: the first is padding.
                Ranges.split(1, rows.limit(), ROWS_WORTH_A_THREAD, (from, to) -> {
                    double read = 0;
                    for (int start = from; start < to; start += BLOCK) {
                        int end = Math.min(to, start + BLOCK);
                        read += readAhead(rows, start, end);
                        for (int position = start; position < end; position++) {
                            long row = rows.get(position);
                            decay(row, kept, step);
                            update.apply(weight, moments, row, values, position, width);
                        }
                    }
                    sink = read;
                });
            }
        });
    }

    private double readAhead(IntBuffer rows, int start, int end) {
        double sum = 0;
        for (int position = start; position < end; position++) {
            long row = rows.get(position);
            sum += weight.get(row * width);
            for (int i = 0; i < moments.length; i++) {
                sum += moments[i].get(perRow[i] ? row : row * width);
            }
        }
        return sum;
    }

    /** Applies the decay of all steps since the row was last used, this one included. */
    private void decay(long row, double kept, long step) {
        if (lastUsed == null) {
            return;
        }
        double factor = Math.pow(kept, step - lastUsed.get(row));
        lastUsed.set(row, step);
        for (long at = row * width; at < (row + 1) * width; at++) {
            weight.set(at, weight.get(at) * factor);
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
