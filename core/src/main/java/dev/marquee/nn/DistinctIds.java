package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The ids of one batch over all tables, each distinct row once: what every {@link EmbeddingTable} of the same tables
 * gathers and updates by. Row 0 stands for padding, whatever the table.
 */
public final class DistinctIds {
    private final int count;
    private final Tensor rows;
    private final List<Tensor> positions;

    private DistinctIds(int count, Tensor rows, List<Tensor> positions) {
        this.count = count;
        this.rows = rows;
        this.positions = positions;
    }

    /**
     * Some ids of a batch.
     *
     * @param ids within their tables, {@code [batch, columns]} int32
     * @param offsets the first row of the table of each column; or of all columns, where it is one
     * @param finder tells the rows where some table is growing; null where id and offset do
     */
    public record Part(
            Tensor ids, List<Integer> offsets, @Nullable RowFinder finder) {
        /** Copies the list. */
        public Part {
            offsets = List.copyOf(offsets);
        }

        /**
         * Ids of tables that do not grow.
         *
         * @param ids within their tables
         * @param offsets the first row of the table of each column
         */
        public Part(Tensor ids, List<Integer> offsets) {
            this(ids, offsets, null);
        }
    }

    /** Finds the rows of ids that are not padding. */
    @FunctionalInterface
    public interface RowFinder {
        /**
         * Finds one; called for each place, in order.
         *
         * @param sample its row in the batch
         * @param column its position in the part's offsets
         * @param id within its table, above 0
         * @return the row, above 0
         */
        int row(int sample, int column, int id);
    }

    /**
     * Finds the distinct rows.
     *
     * @param parts the ids of a batch
     * @return the rows in the order of their first occurrence, in the open scope
     * @throws IllegalArgumentException when an id is negative
     */
    public static DistinctIds of(List<Part> parts) {
        RowNumbers numbers = RowNumbers.start();
        List<Tensor> positions = new ArrayList<>();
        for (Part part : parts) {
            positions.add(positions(part, numbers));
        }
        return new DistinctIds(numbers.count(), numbers.rows(), positions);
    }

    /** The union of the rows of several; the positions of each one's rows are its parts. */
    static DistinctIds union(List<DistinctIds> several) {
        return of(several.stream().map(one -> new Part(one.rows(), List.of(0))).toList());
    }

    /**
     * Rows that are distinct already, without the places that show them.
     *
     * @param rows {@code [count]} int32, none twice, the first 0
     * @return the rows
     */
    public static DistinctIds ofRows(Tensor rows) {
        return new DistinctIds(Math.toIntExact(rows.size(0)), rows, List.of());
    }

    /**
     * Finds the rows of a part's ids and does not make them distinct. What it gives is a part too, of one table that begins
     * at row 0: the ids of a batch may be found once, and shared then.
     *
     * @param part with a finder
     * @param finder the part's
     * @return {@code [batch, columns]} int32, in the open scope; 0 at padding
     */
    public static Tensor found(Part part, RowFinder finder) {
        Tensor rows = Tensors.empty(DType.INT32, Tensors.shape(part.ids()));
        find(
                Tensors.bytes(part.ids()).asIntBuffer(),
                Tensors.bytes(rows).asIntBuffer(),
                part,
                finder,
                IntUnaryOperator.identity());
        return rows;
    }

    /**
     * The number of distinct rows, that of padding included.
     *
     * @return at least 1
     */
    public int count() {
        return count;
    }

    /**
     * The distinct rows; the first is row 0, that of padding.
     *
     * @return {@code [count]} int32
     */
    public Tensor rows() {
        return rows;
    }

    /**
     * Where the rows of a part's ids stand among the distinct ones.
     *
     * @param part its position in the list of parts
     * @return {@code [batch, columns]} int32
     */
    public Tensor positions(int part) {
        return positions.get(part);
    }

    private static Tensor positions(Part part, RowNumbers numbers) {
        Tensor tensor = Tensors.empty(DType.INT32, Tensors.shape(part.ids()));
        IntBuffer ids = Tensors.bytes(part.ids()).asIntBuffer();
        IntBuffer positions = Tensors.bytes(tensor).asIntBuffer();
        RowFinder finder = part.finder();
        if (finder != null) {
            find(ids, positions, part, finder, numbers::of);
            return tensor;
        }
        int[] offsets = new int[part.offsets().size()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = part.offsets().get(i);
        }
        int count = ids.limit();
        int column = 0;
        for (int i = 0; i < count; i++) {
            int id = ids.get(i);
            if (id < 0) {
                throw negative(id);
            }
            positions.put(i, id == 0 ? 0 : numbers.of(offsets[column] + id));
            column = column + 1 == offsets.length ? 0 : column + 1;
        }
        return tensor;
    }

    private static void find(IntBuffer ids, IntBuffer positions, Part part, RowFinder finder, IntUnaryOperator number) {
        int columns = Math.toIntExact(part.ids().size(1));
        boolean each = part.offsets().size() > 1;
        int count = ids.limit();
        for (int i = 0; i < count; i++) {
            int id = ids.get(i);
            if (id < 0) {
                throw negative(id);
            }
            positions.put(i, id == 0 ? 0 : number.applyAsInt(finder.row(i / columns, each ? i % columns : 0, id)));
        }
    }

    private static IllegalArgumentException negative(int id) {
        return new IllegalArgumentException("ids must be at least 0, not " + id);
    }
}
