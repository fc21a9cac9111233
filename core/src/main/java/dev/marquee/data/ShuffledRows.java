package dev.marquee.data;

import dev.marquee.schema.EncodedChunk;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Shuffles rows on their way: a buffer is filled, and each row that leaves it, drawn at random, is replaced by the next.
 * A row so moves forward by at most the size of the buffer, and backward without limit, by that size on average. With a
 * buffer of one row the order is that of the source.
 */
final class ShuffledRows implements RowFeed {
    /** Apart from the draws of {@link Order}. */
    private static final long STREAM = 0x53687566666C65L;

    private final RowFormat format;
    private final RowCursor cursor;
    private final long expected;
    private final int capacity;
    private final Order.SplitMix64 random;

    private final float[] dense;
    private final int[] ids;
    private final float[] labels;
    private final float[] weights;
    private final long[] groups;
    private final long[] times;
    private final int[][][] lists;

    private int held;
    private long taken;
    private boolean ended;

    /**
     * Empty as yet.
     *
     * @param format of the rows
     * @param cursor gives them; closed with this
     * @param expected how many there are
     * @param buffer how many are shuffled at a time, at least 1
     * @param seed the run's seed
     * @param epoch decides the order together with the seed
     */
    ShuffledRows(RowFormat format, RowCursor cursor, long expected, int buffer, long seed, int epoch) {
        this.format = format;
        this.cursor = cursor;
        this.expected = expected;
        this.capacity = (int) Math.min(buffer, Math.max(1, expected));
        this.random = new Order.SplitMix64(
                Order.SplitMix64.mix(Order.SplitMix64.mix(Order.SplitMix64.mix(seed) + STREAM) + epoch));
        long widest = Math.max(format.dense(), Math.max(format.fields(), format.labels()));
        if (capacity * widest > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a buffer of " + capacity + " rows with " + widest
                    + " values each is too large to be shuffled in memory: lower data.shuffle_buffer to "
                    + (Integer.MAX_VALUE - 8) / widest + " or less");
        }
        dense = new float[capacity * format.dense()];
        ids = new int[capacity * format.fields()];
        labels = new float[capacity * format.labels()];
        weights = new float[format.weight() ? capacity : 0];
        groups = new long[format.group() ? capacity : 0];
        times = new long[format.time() ? capacity : 0];
        lists = new int[format.lists().size()][capacity][];
    }

    @Override
    public boolean next(RowMemory memory, int index) {
        int slot = draw();
        if (slot < 0) {
            return false;
        }
        memory.dense().put(index * format.dense(), dense, slot * format.dense(), format.dense());
        memory.ids().put(index * format.fields(), ids, slot * format.fields(), format.fields());
        memory.labels().put(index * format.labels(), labels, slot * format.labels(), format.labels());
        if (format.weight()) {
            memory.weights().put(index, weights[slot]);
        }
        if (format.group()) {
            memory.groups()[index] = groups[slot];
        }
        if (format.time()) {
            memory.times()[index] = times[slot];
        }
        for (int i = 0; i < lists.length; i++) {
            memory.list(i).add(lists[i][slot], 0, lists[i][slot].length);
        }
        replace(slot);
        return true;
    }

    @Override
    public boolean skip() {
        int slot = draw();
        if (slot >= 0) {
            replace(slot);
        }
        return slot >= 0;
    }

    @Override
    public void close() {
        cursor.close();
    }

    private int draw() {
        while (held < capacity && advance()) {
            store(held++);
        }
        return held == 0 ? -1 : random.below(held);
    }

    private void replace(int slot) {
        if (advance()) {
            store(slot);
        } else {
            move(--held, slot);
        }
    }

    private boolean advance() {
        if (ended) {
            return false;
        }
        if (cursor.advance()) {
            taken++;
            return true;
        }
        ended = true;
        if (taken != expected) {
            throw new DataException("the rows changed while they were read: there were " + expected
                    + " training rows when the run began, now there are " + taken + "; start the run again");
        }
        return false;
    }

    private void store(int slot) {
        EncodedChunk chunk = cursor.chunk();
        int row = cursor.row();
        System.arraycopy(chunk.dense(), row * format.dense(), dense, slot * format.dense(), format.dense());
        System.arraycopy(chunk.ids(), row * format.fields(), ids, slot * format.fields(), format.fields());
        System.arraycopy(chunk.labels(), row * format.labels(), labels, slot * format.labels(), format.labels());
        if (format.weight()) {
            float @Nullable [] given = chunk.weights();
            weights[slot] = given == null ? 1 : given[row];
        }
        if (format.group()) {
            long @Nullable [] given = chunk.groups();
            groups[slot] = given == null ? 0 : given[row];
        }
        if (format.time()) {
            long @Nullable [] given = chunk.times();
            times[slot] = given == null ? 0 : given[row];
        }
        for (int i = 0; i < lists.length; i++) {
            EncodedChunk.Lists given = chunk.lists().get(i);
            lists[i][slot] = Arrays.copyOfRange(given.ids(), given.offsets()[row], given.offsets()[row + 1]);
        }
    }

    private void move(int from, int to) {
        System.arraycopy(dense, from * format.dense(), dense, to * format.dense(), format.dense());
        System.arraycopy(ids, from * format.fields(), ids, to * format.fields(), format.fields());
        System.arraycopy(labels, from * format.labels(), labels, to * format.labels(), format.labels());
        if (format.weight()) {
            weights[to] = weights[from];
        }
        if (format.group()) {
            groups[to] = groups[from];
        }
        if (format.time()) {
            times[to] = times[from];
        }
        for (int[][] list : lists) {
            list[to] = list[from];
        }
    }
}
