package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Kept;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The part of tables of one width that this process keeps, and what it has been given of the rest for one batch.
 *
 * <p>The rows of all tables together are numbered as where one process has all of them. The tensor of a process has, by
 * rows of its own: one for padding, zeros; all rows of the replicated tables, which stand at the same place in every
 * process; then those rows of the other tables that are this process's.
 */
public final class TableShard {
    /** What {@link #owner} says of rows that every process has. */
    public static final int EVERYBODY = -1;

    private static final int ROW_WISE = -2;
    private static final int PADDING_ROWS = 1;

    private final Sharding sharding;
    private final List<EmbeddingTable.Slice> slices;
    /** The first row of each table, and that after the last. */
    private final int[] firsts;
    /** Which process has each table, {@link #EVERYBODY}, or {@link #ROW_WISE}. */
    private final int[] owners;
    /** Where the rows of each table begin in the tensor of each process. */
    private final int[][] starts;

    private final int[] sizes;
    private final int replicated;
    private @Nullable FetchedRows fetched;
    private @Nullable Kept<Tensor> values;

    TableShard(Sharding sharding, List<EmbeddingTable.Slice> slices) {
        this.sharding = sharding;
        this.slices = List.copyOf(slices);
        firsts = new int[slices.size() + 1];
        owners = new int[slices.size()];
        for (int i = 0; i < slices.size(); i++) {
            int owner = sharding.owners().getOrDefault(slices.get(i).name(), EVERYBODY);
            owners[i] = sharding.isReplicated(slices.get(i).name())
                    ? EVERYBODY
                    : owner == Sharding.BY_ROW ? ROW_WISE : owner;
            firsts[i + 1] = Math.addExact(firsts[i], slices.get(i).rows());
        }
        starts = new int[sharding.world()][slices.size()];
        sizes = new int[sharding.world()];
        Arrays.fill(sizes, PADDING_ROWS);
        for (int process = 0; process < sizes.length; process++) {
            place(process, /* whole= */ true);
        }
        replicated = sizes[0] - PADDING_ROWS;
        for (int process = 0; process < sizes.length; process++) {
            place(process, /* whole= */ false);
        }
    }

    /**
     * Who keeps what.
     *
     * @return as the tables were made with
     */
    public Sharding sharding() {
        return sharding;
    }

    /**
     * Who has a row.
     *
     * @param row as numbered over all tables
     * @return the process, or {@link #EVERYBODY}
     */
    public int owner(int row) {
        if (row == 0) {
            return EVERYBODY;
        }
        int slice = slice(row);
        int owner = owners[slice];
        return owner == ROW_WISE ? (row - firsts[slice]) % sharding.world() : owner;
    }

    /**
     * Where a row stands in the tensor of the process that has it.
     *
     * @param row as numbered over all tables
     * @return the row's number there; 0 for row 0, that of padding
     */
    public int localRow(int row) {
        if (row == 0) {
            return 0;
        }
        int slice = slice(row);
        int id = row - firsts[slice];
        int owner = owners[slice];
        if (owner == ROW_WISE) {
            return starts[id % sharding.world()][slice] + id / sharding.world();
        }
        return starts[Math.max(0, owner)][slice] + id; // what everybody has is at one place everywhere
    }

    /**
     * Whether a row of this process's tensor is its alone.
     *
     * @param localRow its number there
     * @return false where every process has it
     */
    public boolean isOwn(int localRow) {
        return localRow > replicated;
    }

    /**
     * Whether every process has some of the tables.
     *
     * @return false where all of them are shared out
     */
    public boolean hasReplicated() {
        return replicated > 0;
    }

    /**
     * Hands over rows that a batch needs, wherever they are kept; valid until the next call.
     *
     * @param rows which, the same for all tables of a network
     * @param of their values here, {@code [rows, width]}; zeros in the first, that of padding
     */
    public void give(FetchedRows rows, Tensor of) {
        Kept<Tensor> given = Kept.of(of);
        release();
        values = given;
        fetched = rows;
    }

    /** Gives back what was handed over. */
    void release() {
        Kept<Tensor> before = values;
        values = null;
        fetched = null;
        if (before != null) {
            before.close();
        }
    }

    /** The rows of some ids of the batch, {@code [distinct, width]}, in the open scope. */
    Tensor gather(DistinctIds ids) {
        FetchedRows rows = fetched;
        Kept<Tensor> all = values;
        if (rows == null || all == null) {
            throw new IllegalStateException("the rows of this batch were not fetched");
        }
        if (rows.are(ids)) {
            return all.get().detach();
        }
        Tensor positions = Tensors.empty(DType.INT32, ids.count());
        IntBuffer into = Tensors.bytes(positions).asIntBuffer();
        IntBuffer wanted = Tensors.bytes(ids.rows()).asIntBuffer();
        for (int i = 0; i < ids.count(); i++) {
            into.put(i, rows.position(wanted.get(i)));
        }
        return all.get().index_select(0, positions);
    }

    /**
     * Which rows of a table a process has.
     *
     * @param table of this shard
     * @param name the table's in checkpoints
     * @param process which
     * @return its rows
     */
    public RowSubset subset(EmbeddingTable table, String name, int process) {
        return slices.stream()
                .filter(slice -> name.equals(table.name() + slice.name()))
                .map(slice -> sharding.rows(slice, process))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no table " + name));
    }

    /** How many rows the tensor of this process has. */
    int localRows() {
        return sizes[sharding.rank()];
    }

    /** The number of rows of all tables over all processes. */
    int allRows() {
        return firsts[slices.size()];
    }

    /** The part of each table that this process has, as a view of a tensor with a row for each of its rows. */
    Map<String, Tensor> views(String prefix, Tensor ofRows) {
        Map<String, Tensor> views = new LinkedHashMap<>();
        for (int i = 0; i < slices.size(); i++) {
            long count = sharding.rows(slices.get(i), sharding.rank()).count();
            views.put(
                    prefix + slices.get(i).name(),
                    ofRows.narrow(0, count == 0 ? 0 : starts[sharding.rank()][i], count));
        }
        return views;
    }

    /** Which rows of each table these are; those of replicated tables are left out. */
    Map<String, RowSubset> subsets(String prefix) {
        Map<String, RowSubset> subsets = new LinkedHashMap<>();
        slices.stream()
                .filter(slice -> !sharding.isReplicated(slice.name()))
                .forEach(slice -> subsets.put(prefix + slice.name(), sharding.rows(slice, sharding.rank())));
        return subsets;
    }

    /** Which rows, as numbered over all tables, the rows of a table are that this process has. */
    RowSubset globally(int slice) {
        RowSubset own = sharding.rows(slices.get(slice), sharding.rank());
        return new RowSubset(firsts[slice] + own.first(), own.step(), firsts[slice + 1]);
    }

    private void place(int process, boolean whole) {
        for (int i = 0; i < slices.size(); i++) {
            if (sharding.isReplicated(slices.get(i).name()) == whole) {
                starts[process][i] = sizes[process];
                sizes[process] = Math.addExact(
                        sizes[process],
                        Math.toIntExact(sharding.rows(slices.get(i), process).count()));
            }
        }
    }

    private int slice(int row) {
        int found = Arrays.binarySearch(firsts, row);
        return found >= 0 ? found : -found - 2;
    }
}
