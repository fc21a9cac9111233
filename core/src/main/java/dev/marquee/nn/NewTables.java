package dev.marquee.nn;

import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.FloatRows;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.StoredRows;
import dev.marquee.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes embedding tables with new rows. */
final class NewTables {
    /** So many rows are drawn at once before they are kept in fewer bits. */
    private static final int DRAWN_AT_ONCE = 1 << 16;

    private NewTables() {}

    /** Where the rows go, and where the network is that reads them. */
    record Owner(DType type, Arena arena, Map<String, Tensor> sliced, Sharding sharding, Device device) {}

    /**
     * What is to be made.
     *
     * @param rows which rows the ids of growing tables have; null where there are none
     */
    record Wanted(
            List<EmbeddingTable.Slice> slices,
            int width,
            Initializer initializer,
            RowStorage storage,
            @Nullable GrowingRows rows) {
        /** How many rows the tables have. */
        long total() {
            return slices.stream().mapToLong(EmbeddingTable.Slice::rows).sum();
        }
    }

    static EmbeddingTable make(String name, Wanted wanted, Owner owner) {
        long total = wanted.total();
        if (wanted.slices().isEmpty() || total > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("embedding tables need 1 to 2,147,483,647 rows in all, not " + total);
        }
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            TableShard shard = shard(wanted, owner);
            TableRows rows = shard == null ? rows(wanted, owner) : rows(wanted, owner, shard);
            EmbeddingTable table =
                    new EmbeddingTable(name, wanted.slices(), rows, pool(name, wanted, owner), shard, owner.device());
            table.views(rows.values()).forEach((own, part) -> {
                RowSubset subset = table.subsets().getOrDefault(own, RowSubset.all(part.size(0)));
                if (subset.count() > 0 && subset.first() == 0) {
                    part.select(0, 0).zero_(); // padding
                }
                owner.sliced().put(own, owner.arena().keep(part));
            });
            scales(name, wanted, rows.scales(), owner);
            return table;
        }
    }

    private static void scales(String name, Wanted wanted, @Nullable Tensor scales, Owner owner) {
        if (scales == null) {
            return;
        }
        long first = 0;
        for (EmbeddingTable.Slice slice : wanted.slices()) {
            Tensor own = scales.narrow(0, first, slice.rows());
            own.select(0, 0).zero_();
            owner.sliced().put(scaleName(name, slice), owner.arena().keep(own));
            first += slice.rows();
        }
    }

    /** What this process keeps of the tables; null where it has all of them. */
    private static @Nullable TableShard shard(Wanted wanted, Owner owner) {
        Sharding sharding = owner.sharding();
        if (wanted.slices().stream().allMatch(slice -> sharding.isReplicated(slice.name()))) {
            return null;
        }
        if (wanted.rows() != null) {
            throw new IllegalArgumentException("growing tables are whole in one process, not shared by several");
        }
        if (wanted.storage() != RowStorage.FLOAT32) {
            throw new IllegalArgumentException(
                    "tables that processes share are kept as FLOAT32, not as " + wanted.storage());
        }
        return new TableShard(sharding, wanted.slices());
    }

    /**
     * The rows of this process, with the values that they would have where one process has all: all are drawn, a part at a
     * time, and its own are kept. The engine's generators give the same numbers in parts of a multiple of 16 elements, with
     * at least 16 in the last.
     */
    private static TableRows rows(Wanted wanted, Owner owner, TableShard shard) {
        int width = wanted.width();
        Tensor values = owner.arena().keep(Tensors.zeros(owner.type(), shard.localRows(), width));
        List<Tensor> parts = List.copyOf(shard.views("", values).values());
        long total = shard.allRows();
        long count;
        for (long first = 0; first < total; first += count) {
            count = total - first < 2L * DRAWN_AT_ONCE ? total - first : DRAWN_AT_ONCE;
            try (Scope scope = Scope.open()) {
                Tensor drawn = Tensors.empty(owner.type(), count, width);
                wanted.initializer().fill(drawn);
                RowSubset these = new RowSubset(first, 1, first + count);
                for (int i = 0; i < parts.size(); i++) {
                    shard.globally(i).copy(parts.get(i), these, drawn);
                }
            }
        }
        return new TableRows(values, null, owner.type());
    }

    /** Where a checkpoint has the scales of a table's rows. */
    static String scaleName(String name, EmbeddingTable.Slice slice) {
        return stem(name) + "_scale." + slice.name();
    }

    private static TableRows rows(Wanted wanted, Owner owner) {
        Arena arena = owner.arena();
        long total = wanted.total();
        int width = wanted.width();
        if (wanted.storage() == RowStorage.FLOAT32) {
            Tensor values = arena.keep(Tensors.empty(owner.type(), total, width));
            wanted.initializer().fill(values);
            return new TableRows(values, null, owner.type());
        }
        if (owner.type() != DType.FLOAT32) {
            throw new IllegalArgumentException(
                    "rows are kept as " + wanted.storage() + " by networks of FLOAT32, not of " + owner.type());
        }
        boolean half = wanted.storage() == RowStorage.FLOAT16;
        Tensor values = arena.keep(Tensors.empty(half ? DType.FLOAT16 : DType.INT8, total, width));
        Tensor scales = half ? null : arena.keep(Tensors.zeros(DType.BFLOAT16, total));
        TableRows rows = new TableRows(values, scales, DType.FLOAT32);
        StoredRows stored = rows.stored().orElseThrow();
        float[] row = new float[width];
        for (long first = 0; first < total; first += DRAWN_AT_ONCE) {
            try (Scope scope = Scope.open()) {
                int count = (int) Math.min(DRAWN_AT_ONCE, total - first);
                Tensor drawn = Tensors.empty(DType.FLOAT32, count, width);
                wanted.initializer().fill(drawn);
                FloatRows from = FloatRows.of(drawn);
                for (int i = 0; i < count; i++) {
                    from.get(i, row, 0);
                    stored.put(first + i, row, 0, 0);
                }
            }
        }
        return rows;
    }

    private static @Nullable RowPool pool(String name, Wanted wanted, Owner owner) {
        GrowingRows rows = wanted.rows();
        if (rows == null) {
            return null;
        }
        if (wanted.storage() != RowStorage.FLOAT32) {
            throw new IllegalArgumentException("growing tables are kept as FLOAT32, not as " + wanted.storage());
        }
        if (rows.fixedRows() != wanted.total()) {
            throw new IllegalArgumentException(
                    wanted.total() + " fixed rows, but the growing ones come after " + rows.fixedRows());
        }
        RowPool pool =
                new RowPool(rows.prefix() + "weight." + stem(name), owner.type(), wanted.width(), wanted.initializer());
        rows.add(pool);
        return pool;
    }

    /** A prefix without the dot at its end. */
    private static String stem(String prefix) {
        return prefix.isEmpty() ? "rows" : prefix.substring(0, prefix.length() - 1);
    }
}
