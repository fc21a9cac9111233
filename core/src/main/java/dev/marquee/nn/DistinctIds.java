package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
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
     * @return the rows, in the open scope
     */
    public static DistinctIds of(List<Part> parts) {
        int size = 1;
        for (Part part : parts) {
            size += (int) part.ids().numel();
        }
        Finder finder = new Finder(size);
        List<Tensor> positions = new ArrayList<>();
        for (Part part : parts) {
            positions.add(finder.positions(part));
        }
        return new DistinctIds(
                finder.count, Tensors.of(Arrays.copyOf(finder.distinct, finder.count), finder.count), positions);
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
     * @return {@code [count]} int64
     */
    public Tensor rows() {
        return rows;
    }

    /**
     * Where the rows of a part's ids stand among the distinct ones.
     *
     * @param part its position in the list of parts
     * @return {@code [batch, columns]} int64
     */
    public Tensor positions(int part) {
        return positions.get(part);
    }

    /** A hash table from row to position. */
    private static final class Finder {
        private final int mask;
        private final int[] keys;
        private final int[] values;
        private final long[] distinct;
        private int count;

        Finder(int ids) {
            int capacity = Integer.highestOneBit(Math.max(4, ids) * 2 - 1) * 2;
            mask = capacity - 1;
            keys = new int[capacity];
            values = new int[capacity];
            Arrays.fill(values, -1);
            distinct = new long[ids];
            position(0);
        }

        Tensor positions(Part part) {
            long[] shape = Tensors.shape(part.ids());
            IntBuffer ids = Tensors.bytes(part.ids()).asIntBuffer();
            long[] found = new long[ids.remaining()];
            List<Integer> offsets = part.offsets();
            int columns = offsets.size();
            for (int i = 0; i < found.length; i++) {
                int id = ids.get(i);
                found[i] = id == 0 ? 0 : position(offsets.get(columns == 1 ? 0 : i % columns) + id);
            }
            Tensor tensor = Tensors.empty(DType.INT64, shape);
            Tensors.bytes(tensor).asLongBuffer().put(found);
            return tensor;
        }

        private int position(int row) {
            int slot = (row * 0x9E3779B9) >>> 7 & mask;
            while (values[slot] >= 0) {
                if (keys[slot] == row) {
                    return values[slot];
                }
                slot = slot + 1 & mask;
            }
            keys[slot] = row;
            values[slot] = count;
            distinct[count] = row;
            return count++;
        }
    }
}
