package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

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
     */
    public record Part(Tensor ids, List<Integer> offsets) {
        /** Copies the list. */
        public Part {
            offsets = List.copyOf(offsets);
        }
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
        int[] offsets = part.offsets().stream().mapToInt(Integer::intValue).toArray();
        int count = ids.limit();
        int column = 0;
        for (int i = 0; i < count; i++) {
            int id = ids.get(i);
            if (id < 0) {
                throw new IllegalArgumentException("ids must be at least 0, not " + id);
            }
            positions.put(i, id == 0 ? 0 : numbers.of(offsets[column] + id));
            column = column + 1 == offsets.length ? 0 : column + 1;
        }
        return tensor;
    }
}
