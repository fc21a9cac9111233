package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Which rows ids have, as tensors: for each growing table {@code ids.TABLE}, ascending, and {@code rows.TABLE}, the row
 * of each, or below 0 how often an id without a row occurred; where rows are evicted, {@code last_seen.TABLE}; and once
 * {@code seed} and {@code clock} (the latest time, and that of the last eviction).
 */
final class GrowingState {
    private static final String SEED = "seed";
    private static final String CLOCK = "clock";

    private GrowingState() {}

    /** The names of the tensors that {@link #write} makes. */
    static Set<String> names(GrowingRows rows) {
        Set<String> names = new HashSet<>(growing(rows));
        rows.pools().forEach(pool -> names.remove(pool.name()));
        names.add(rows.prefix() + SEED);
        names.add(rows.prefix() + CLOCK);
        return names;
    }

    /** The names of the tensors that have as many rows as there are ids or rows. */
    static Set<String> growing(GrowingRows rows) {
        Set<String> names = new HashSet<>();
        for (GrowingRows.Table table : rows.tables()) {
            names.add(ids(rows, table));
            names.add(numbers(rows, table));
            names.add(times(rows, table));
        }
        rows.pools().forEach(pool -> names.add(pool.name()));
        return names;
    }

    /** Everything but the values; the tensors belong to the arena. */
    static Map<String, Tensor> write(GrowingRows rows, Arena arena) {
        GrowingRows.Content content = rows.content();
        IdMap map = content.map();
        Map<String, Tensor> state = new LinkedHashMap<>();
        long[] keys = map.sortedKeys();
        try (Scope scope = Scope.open()) {
            state.put(rows.prefix() + SEED, arena.keep(Tensors.of(new long[] {content.seed()}, 1)));
            state.put(
                    rows.prefix() + CLOCK,
                    arena.keep(Tensors.of(new long[] {content.clock(), content.evictedAt()}, 2)));
            int from = 0;
            for (int i = 0; i < rows.tables().size(); i++) {
                GrowingRows.Table table = rows.tables().get(i);
                int to = from;
                while (to < keys.length && IdMap.table(keys[to]) == i) {
                    to++;
                }
                int[] ids = new int[to - from];
                int[] numbers = new int[to - from];
                long[] times = new long[table.evicts() ? to - from : 0];
                for (int at = 0; at < ids.length; at++) {
                    int place = map.find(keys[from + at]);
                    ids[at] = IdMap.id(keys[from + at]);
                    numbers[at] = map.value(place);
                    if (table.evicts()) {
                        times[at] = map.time(place);
                    }
                }
                state.put(ids(rows, table), arena.keep(ints(ids)));
                state.put(numbers(rows, table), arena.keep(ints(numbers)));
                if (table.evicts()) {
                    state.put(times(rows, table), arena.keep(longs(times)));
                }
                from = to;
            }
        }
        return state;
    }

    /**
     * Reads what {@link #write} made; names and dimensions were checked.
     *
     * @throws IllegalArgumentException when the tensors contradict each other
     */
    static GrowingRows.Content read(GrowingRows rows, Map<String, Tensor> values, String source) {
        long[] clock = longs(values, rows.prefix() + CLOCK);
        int size = rows.tables().stream()
                .mapToInt(table -> longs(values, ids(rows, table)).length)
                .reduce(0, Math::addExact);
        IdMap map = new IdMap(rows.evicts(), size);
        BitSet taken = new BitSet();
        for (int i = 0; i < rows.tables().size(); i++) {
            GrowingRows.Table table = rows.tables().get(i);
            long[] ids = longs(values, ids(rows, table));
            long[] numbers = longs(values, numbers(rows, table));
            long[] times = table.evicts() ? longs(values, times(rows, table)) : new long[ids.length];
            boolean fits = numbers.length == ids.length && times.length == ids.length;
            for (int at = 0; fits && at < ids.length; at++) {
                long id = ids[at];
                fits = id > (at == 0 ? 0 : ids[at - 1]) && id <= Integer.MAX_VALUE && (int) numbers[at] == numbers[at];
                if (fits && numbers[at] >= 0) {
                    fits = !taken.get((int) numbers[at]);
                    taken.set((int) numbers[at]);
                }
                if (fits) {
                    map.put(IdMap.key(i, (int) id), (int) numbers[at], times[at]);
                }
            }
            if (!fits) {
                throw damaged(source, "the ids, rows and times of table " + table.name());
            }
        }
        for (RowPool pool : rows.pools()) {
            if (values.get(pool.name()).size(0) != taken.length()) {
                throw damaged(
                        source,
                        pool.name() + " with " + values.get(pool.name()).size(0) + " rows, where the ids have "
                                + taken.length() + ",");
            }
        }
        return new GrowingRows.Content(longs(values, rows.prefix() + SEED)[0], map, taken.length(), clock[0], clock[1]);
    }

    private static IllegalArgumentException damaged(String source, String what) {
        return new IllegalArgumentException(source + " is damaged: " + what + " contradict each other");
    }

    private static long[] longs(Map<String, Tensor> values, String name) {
        Tensor tensor = values.get(name);
        return tensor.numel() == 0 ? new long[0] : Tensors.toLongs(tensor);
    }

    /** May be empty, which {@link Tensors#of(long[], long...)} does not allow. */
    private static Tensor longs(long... values) {
        Tensor tensor = Tensors.empty(DType.INT64, values.length);
        Tensors.bytes(tensor).asLongBuffer().put(values);
        return tensor;
    }

    private static String ids(GrowingRows rows, GrowingRows.Table table) {
        return rows.prefix() + "ids." + table.name();
    }

    private static String numbers(GrowingRows rows, GrowingRows.Table table) {
        return rows.prefix() + "rows." + table.name();
    }

    private static String times(GrowingRows rows, GrowingRows.Table table) {
        return rows.prefix() + "last_seen." + table.name();
    }

    private static Tensor ints(int... values) {
        Tensor tensor = Tensors.empty(DType.INT32, values.length);
        Tensors.bytes(tensor).asIntBuffer().put(values);
        return tensor;
    }
}
