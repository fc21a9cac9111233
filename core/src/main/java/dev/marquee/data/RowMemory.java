package dev.marquee.data;

import dev.marquee.schema.EncodedChunk;
import dev.marquee.schema.Ids;
import dev.marquee.schema.RawChunk;
import dev.marquee.tensor.DType;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one batch of encoded rows. Rows are put in one after the other; {@link #finish} makes the batch of them,
 * whose tensors are views of this memory.
 */
final class RowMemory implements AutoCloseable {
    private final RowFormat format;
    private final ReusedTensor dense = new ReusedTensor("numbers", DType.FLOAT32);
    private final ReusedTensor ids = new ReusedTensor("ids", DType.INT32);
    private final ReusedTensor labels = new ReusedTensor("labels", DType.FLOAT32);
    private final ReusedTensor weights = new ReusedTensor("weights", DType.FLOAT32);
    private final List<ListMemory> lists;
    private long[] groups = {};
    private boolean grouped;
    private long[] times = {};
    private boolean timed;

    private @Nullable RawChunk keys;

    RowMemory(RowFormat format, int capacity) {
        this.format = format;
        this.lists = format.lists().stream()
                .map(name -> new ListMemory(name, capacity))
                .toList();
        try {
            dense.reserve((long) capacity * format.dense());
            ids.reserve((long) capacity * format.fields());
            labels.reserve((long) capacity * format.labels());
            weights.reserve(format.weight() ? capacity : 0);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Forgets the rows. */
    void begin(int count) {
        lists.forEach(ListMemory::begin);
        keys = null;
        grouped = format.group();
        // Not reused: whoever gathers the groups of many batches may keep the arrays.
        groups = new long[grouped ? count : 0];
        timed = format.time();
        times = new long[timed ? count : 0];
    }

    FloatBuffer dense() {
        return dense.floats();
    }

    IntBuffer ids() {
        return ids.ints();
    }

    FloatBuffer labels() {
        return labels.floats();
    }

    FloatBuffer weights() {
        return weights.floats();
    }

    long[] groups() {
        return groups;
    }

    long[] times() {
        return times;
    }

    ListMemory list(int index) {
        return lists.get(index);
    }

    /** Puts in consecutive rows of a chunk. */
    void put(int index, EncodedChunk chunk, int row, int count) {
        dense().put(index * format.dense(), chunk.dense(), row * format.dense(), count * format.dense());
        ids().put(index * format.fields(), chunk.ids(), row * format.fields(), count * format.fields());
        labels().put(index * format.labels(), chunk.labels(), row * format.labels(), count * format.labels());
        if (format.weight()) {
            float[] given = chunk.weights();
            for (int i = 0; i < count; i++) {
                weights().put(index + i, given == null ? 1 : given[row + i]);
            }
        }
        if (format.group()) {
            grouped &= chunk.groups() != null;
            copy(chunk.groups(), row, groups, index, count);
        }
        if (format.time()) {
            timed &= chunk.times() != null;
            copy(chunk.times(), row, times, index, count);
        }
        for (int i = 0; i < lists.size(); i++) {
            EncodedChunk.Lists given = chunk.lists().get(i);
            int[] offsets = given.offsets();
            for (int at = row; at < row + count; at++) {
                lists.get(i).add(given.ids(), offsets[at], offsets[at + 1] - offsets[at]);
            }
        }
    }

    private static void copy(long @Nullable [] given, int from, long[] values, int to, int count) {
        if (given != null) {
            System.arraycopy(given, from, values, to, count);
        }
    }

    /** Makes the batch of the rows put in. */
    Batch finish(int size) {
        Map<String, Tensor> inputs = new HashMap<>();
        inputs.put(Batch.DENSE, dense.matrix(size, format.dense()));
        inputs.put(Batch.IDS, ids.matrix(size, format.fields()));
        for (ListMemory list : lists) {
            inputs.put(list.name, list.finish(size));
        }
        return new Batch(
                inputs,
                labels.matrix(size, format.labels()),
                size,
                format.weight() ? weights.vector(size) : null,
                grouped ? first(groups, size) : null,
                timed ? first(times, size) : null);
    }

    private static long[] first(long[] values, int size) {
        return size == values.length ? values : Arrays.copyOf(values, size);
    }

    /** The keys of the rows, where somebody wants them. */
    RawChunk keys() {
        if (keys == null) {
            throw new IllegalStateException("this batch was read without its keys");
        }
        return keys;
    }

    void keep(RawChunk chunk) {
        keys = chunk;
    }

    @Override
    public void close() {
        dense.close();
        ids.close();
        labels.close();
        weights.close();
        lists.forEach(ListMemory::close);
    }

    /** One bag or sequence of the batch: gathered one after the other first, as the longest decides the tensor's width. */
    static final class ListMemory implements AutoCloseable {
        private final String name;
        private final ReusedTensor tensor;
        private final int[] ends;
        private int[] gathered = new int[1024];
        private int rows;
        private int longest;

        ListMemory(String name, int capacity) {
            this.name = name;
            this.tensor = new ReusedTensor(name, DType.INT32);
            this.ends = new int[capacity];
        }

        void begin() {
            rows = 0;
            longest = 1;
        }

        void add(int[] source, int from, int length) {
            int start = grow(length);
            System.arraycopy(source, from, gathered, start, length);
        }

        void add(IntBuffer source, int from, int length) {
            int start = grow(length);
            source.get(from, gathered, start, length);
        }

        private int grow(int length) {
            int start = rows == 0 ? 0 : ends[rows - 1];
            int end = Math.addExact(start, length);
            if (end > gathered.length) {
                gathered = Arrays.copyOf(gathered, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(end, 2L * start)));
            }
            ends[rows++] = end;
            longest = Math.max(longest, length);
            return start;
        }

        private Tensor finish(int size) {
            tensor.reserve((long) size * longest);
            IntBuffer target = tensor.ints();
            int start = 0;
            for (int row = 0; row < size; row++) {
                int length = ends[row] - start;
                int at = row * longest;
                target.put(at, gathered, start, length);
                for (int i = length; i < longest; i++) {
                    target.put(at + i, Ids.PADDING);
                }
                start = ends[row];
            }
            return tensor.matrix(size, longest);
        }

        @Override
        public void close() {
            tensor.close();
        }
    }
}
