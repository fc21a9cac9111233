package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.GrowingRows;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.GrowingTableConfig;
import dev.marquee.schema.Ids;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The growing tables of a layout: finds the rows of their ids. */
final class GrowingIds {
    private static final int FIXED = -1;

    private final int[] positions;
    private final int[] offsets;
    private final int fixedRows;
    private final List<GrowingTableConfig> configs = new ArrayList<>();
    private final List<GrowingRows.Table> tables = new ArrayList<>();
    private @Nullable GrowingRows rows;

    /**
     * Finds the growing tables.
     *
     * @param all the tables of the layout
     * @param offsets the first fixed row of each
     * @param fixedRows how many fixed rows all have together
     */
    GrowingIds(List<FeatureLayout.Table> all, List<Integer> offsets, int fixedRows) {
        this.positions = new int[all.size()];
        this.offsets = offsets.stream().mapToInt(Integer::intValue).toArray();
        this.fixedRows = fixedRows;
        Arrays.fill(positions, FIXED);
        for (int i = 0; i < positions.length; i++) {
            FeatureLayout.Table table = all.get(i);
            int unknown = this.offsets[i] + Ids.UNKNOWN;
            int position = i;
            table.growing().ifPresent(config -> {
                positions[position] = tables.size();
                configs.add(config);
                tables.add(new GrowingRows.Table(
                        table.name(), unknown, config.admitAfter(), config.evictAfter(), config.ticksPerDay()));
            });
        }
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** Which rows the ids have, for the tables of all widths; made when first asked for. */
    GrowingRows rows(Parameters.Path path) {
        GrowingRows known = rows;
        if (known == null) {
            known = path.growing(tables, fixedRows);
            rows = known;
        }
        return known;
    }

    /** Uses what a network knows already. */
    void use(GrowingRows known) {
        rows = known;
    }

    /** Refuses batches whose times cannot tell when rows are to be taken away. */
    void requireTimes(Batch batch, Mode mode) {
        GrowingRows known = rows;
        if (known == null || !known.evicts()) {
            return;
        }
        long[] times = batch.times();
        if (times != null) {
            long newest = Arrays.stream(times).max().orElse(Long.MAX_VALUE);
            configs.forEach(config -> config.requirePlausible(newest));
        } else if (mode == Mode.TRAINING) {
            throw new IllegalArgumentException("the batch has no times, by which growing tables know whose rows to take"
                    + " away: leave evict_after_days out, or give the times");
        }
    }

    /** Finds the rows of ids in columns of these tables; null where none of them is growing. */
    DistinctIds.@Nullable RowFinder finder(List<Integer> columns, Batch batch, Mode mode) {
        GrowingRows known = rows;
        if (known == null || columns.stream().allMatch(table -> positions[table] == FIXED)) {
            return null;
        }
        int[] growing = columns.stream().mapToInt(table -> positions[table]).toArray();
        int[] first = columns.stream().mapToInt(table -> offsets[table]).toArray();
        boolean training = mode == Mode.TRAINING;
        long[] times = known.evicts() ? batch.times() : null;
        return (sample, column, id) -> {
            if (growing[column] == FIXED || id < Ids.FIRST) {
                return first[column] + id;
            }
            return training
                    ? known.train(growing[column], id, times == null ? 0 : times[sample])
                    : known.find(growing[column], id);
        };
    }
}
