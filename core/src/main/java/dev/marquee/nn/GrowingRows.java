package dev.marquee.nn;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which rows the ids of growing tables have. In training an id gets a row on its {@code admitAfter}-th occurrence; before
 * that, and in evaluation where it has none, it stands for the table's unknown ids. Rows whose ids were not seen for long
 * are evicted, and given to other ids.
 *
 * <p>Occurrences are counted exactly, one after the other: a batch's ids have the rows that they would have in batches of
 * one. The first values of a row are drawn from the network's seed, table and id alone. Rows of all tables and all widths
 * have the same numbers: those of an {@link EmbeddingTable}'s fixed rows first, then those of its {@link RowPool}.
 */
public final class GrowingRows {
    /** That no time was seen yet. */
    static final long NEVER = Long.MIN_VALUE;

    private final String prefix;
    private final List<Table> tables;
    private final int fixedRows;
    private final long day;
    private final List<RowPool> pools = new ArrayList<>();

    private long seed;
    private IdMap map;
    private int rows;
    private int[] free = {};
    private int freeCount;
    private long clock = NEVER;
    private long evictedAt = NEVER;

    /**
     * A growing table.
     *
     * @param name its name
     * @param unknown the row, among the fixed ones, of ids that have none
     * @param admitAfter how often an id occurs until it has a row, at least 1
     * @param evictAfter for how long an id may not occur before its row is taken away; {@link Long#MAX_VALUE} for ever
     * @param day the length of a day, in the same unit, above 0
     */
    public record Table(String name, int unknown, int admitAfter, long evictAfter, long day) {
        /** Checks the numbers. */
        public Table {
            if (admitAfter < 1 || evictAfter < 1 || day < 1) {
                throw new IllegalArgumentException("table " + name + " needs numbers of at least 1, not admitAfter "
                        + admitAfter + ", evictAfter " + evictAfter + ", day " + day);
            }
        }

        boolean evicts() {
            return evictAfter < Long.MAX_VALUE;
        }
    }

    /** What a checkpoint holds of it. */
    record Content(long seed, IdMap map, int rows, long clock, long evictedAt) {}

    GrowingRows(String prefix, List<Table> tables, int fixedRows, long seed) {
        this.prefix = prefix;
        this.tables = List.copyOf(tables);
        this.fixedRows = fixedRows;
        this.seed = seed;
        this.day = tables.stream()
                .filter(Table::evicts)
                .mapToLong(Table::day)
                .min()
                .orElse(0);
        this.map = new IdMap(evicts());
    }

    /**
     * Whether any table takes rows away, so that times are needed.
     *
     * @return false when all rows stay for ever
     */
    public boolean evicts() {
        return day > 0;
    }

    /**
     * The number of rows in use, those evicted and not yet given away again left out.
     *
     * @return at least 0
     */
    public int inUse() {
        return rows - freeCount;
    }

    /**
     * The number of ids that were seen but have no row yet.
     *
     * @return at least 0
     */
    public int waiting() {
        return map.size() - inUse();
    }

    /**
     * Notes an occurrence in training.
     *
     * @param table the position of the table
     * @param id within the table, above 0
     * @param time when it occurred; any number where no rows are taken away
     * @return its row, or that of the unknown
     */
    public int train(int table, int id, long time) {
        clock = Math.max(clock, time);
        long key = IdMap.key(table, id);
        int place = map.find(key);
        int count = 1;
        if (place < 0) {
            place = map.put(key, -1, time);
        } else {
            map.touch(place, time);
            int value = map.value(place);
            if (value >= 0) {
                return fixedRows + value;
            }
            count = 1 - value;
        }
        if (count < tables.get(table).admitAfter()) {
            map.set(place, -count);
            return tables.get(table).unknown();
        }
        int row = take();
        map.set(place, row);
        for (RowPool pool : pools) {
            pool.begin(row, firstSeed(key, pool));
        }
        return fixedRows + row;
    }

    /**
     * Finds a row and changes nothing.
     *
     * @param table the position of the table
     * @param id within the table, above 0
     * @return its row, or that of the unknown
     */
    public int find(int table, int id) {
        int place = map.find(IdMap.key(table, id));
        int value = place < 0 ? -1 : map.value(place);
        return value < 0 ? tables.get(table).unknown() : fixedRows + value;
    }

    /**
     * Takes the rows of ids away that did not occur for longer than their table allows, looking back from the latest time
     * that was seen, and forgets such ids that have no row yet. Not between a forward pass and the step that belongs to
     * it.
     *
     * @param now whether to do it at once; otherwise it is done where a day has passed since the last time
     */
    public void evict(boolean now) {
        if (!evicts() || clock == NEVER) {
            return;
        }
        if (evictedAt == NEVER) {
            evictedAt = clock;
        }
        if (!now && clock - evictedAt < day) {
            return;
        }
        evictedAt = clock;
        int kept = 0;
        for (int place = 0; place < map.places(); place++) {
            kept += map.key(place) != 0 && stays(place) ? 1 : 0;
        }
        if (kept == map.size()) {
            return;
        }
        IdMap smaller = new IdMap(/* timed= */ true, kept);
        for (int place = 0; place < map.places(); place++) {
            if (map.key(place) == 0) {
                continue;
            }
            if (stays(place)) {
                smaller.put(map.key(place), map.value(place), map.time(place));
            } else if (map.value(place) >= 0) {
                int row = map.value(place);
                pools.forEach(pool -> pool.clear(row)); // a checkpoint keeps nothing of who is gone
            }
        }
        map = smaller;
        findFree();
    }

    String prefix() {
        return prefix;
    }

    List<Table> tables() {
        return tables;
    }

    int fixedRows() {
        return fixedRows;
    }

    /** Gives all rows to a pool too; it must be new, and no id must have a row. */
    void add(RowPool pool) {
        pools.add(pool);
    }

    List<RowPool> pools() {
        return pools;
    }

    Content content() {
        return new Content(seed, map, rows, clock, evictedAt);
    }

    /** Becomes what a checkpoint holds; the values of the rows are zeros. */
    void restore(Content content) {
        seed = content.seed();
        map = content.map();
        clock = content.clock();
        evictedAt = content.evictedAt();
        findFree();
        pools.forEach(RowPool::clearCompanions);
    }

    private boolean stays(int place) {
        Table table = tables.get(IdMap.table(map.key(place)));
        return !table.evicts() || clock - map.time(place) <= table.evictAfter();
    }

    /** The smallest free row, so that what is restored from a checkpoint goes on as what was saved. */
    private int take() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (rows == Integer.MAX_VALUE - fixedRows) {
            throw new IllegalStateException("growing tables have " + rows + " rows, and there is no room for more:"
                    + " raise admit_after, or lower evict_after_days");
        }
        rows++;
        pools.forEach(pool -> pool.resize(rows));
        return rows - 1;
    }

    private void findFree() {
        BitSet taken = new BitSet(rows);
        for (int place = 0; place < map.places(); place++) {
            if (map.key(place) != 0 && map.value(place) >= 0) {
                taken.set(map.value(place));
            }
        }
        rows = taken.length();
        freeCount = rows - taken.cardinality();
        free = new int[freeCount];
        int at = freeCount;
        for (int row = taken.nextClearBit(0); row < rows; row = taken.nextClearBit(row + 1)) {
            free[--at] = row;
        }
        pools.forEach(pool -> pool.resize(rows));
    }

    private long firstSeed(long key, RowPool pool) {
        Table table = tables.get(IdMap.table(key));
        long names = table.name().hashCode() * 31L + pool.name().hashCode();
        return IdMap.mix(IdMap.mix(IdMap.mix(seed) + names) + IdMap.id(key));
    }
}
