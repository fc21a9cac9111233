package dev.marquee.data;

/**
 * An order of rows for data larger than memory: blocks of neighbouring rows are shuffled, then some consecutive blocks at a
 * time (a group) are mixed row by row. Only the rows of a group need be in memory, and a block is read in one go.
 *
 * <p>It depends on the arguments alone, as {@link Order} does.
 */
final class BlockOrder {
    private static final long WITHIN = 0x6C62272E07BB0142L;

    private final int rows;
    private final int block;
    private final int group;
    private final int[] blocks;
    private final int[] order;

    /** Some neighbouring rows. */
    @FunctionalInterface
    interface Range {
        void accept(int from, int end);
    }

    /**
     * Draws an order.
     *
     * @param rows how many there are
     * @param block neighbours that stay together until their group is mixed, at least 1
     * @param buffer how many rows are mixed at a time; rounded up to whole blocks
     * @param seed the run's seed
     * @param epoch the number of the epoch, at least 0
     */
    BlockOrder(int rows, int block, int buffer, long seed, long epoch) {
        this.rows = rows;
        this.block = block;
        this.group = (int) Math.min(Integer.MAX_VALUE / block, Math.max(1, ((long) buffer + block - 1) / block));
        this.blocks = Order.shuffled((int) (((long) rows + block - 1) / block), seed, epoch);
        this.order = new int[rows];
        Order.SplitMix64 random = new Order.SplitMix64(
                Order.SplitMix64.mix(Order.SplitMix64.mix(Order.SplitMix64.mix(seed) + WITHIN) + epoch));
        int at = 0;
        for (int first = 0; first < blocks.length; first += group) {
            int from = at;
            for (int i = first; i < Math.min(blocks.length, first + group); i++) {
                for (int row = begin(i); row < end(i); row++) {
                    order[at++] = row;
                }
            }
            for (int i = at - 1; i > from; i--) {
                int j = from + random.below(i - from + 1);
                int swapped = order[i];
                order[i] = order[j];
                order[j] = swapped;
            }
        }
    }

    /** Which row comes when. */
    int[] order() {
        return order;
    }

    /**
     * Names the blocks that are wanted a group later, such that over a group all of the next are named.
     *
     * @param from the first place in the order that is read now
     * @param end after the last
     * @param first whether nothing was read before: then the present group is named too
     */
    void ahead(long from, long end, boolean first, Range range) {
        long whole = (long) group * block;
        long place = 0;
        long groupBegin = 0;
        for (int i = 0; i < blocks.length; i++) {
            if (i % group == 0) {
                groupBegin = place;
            }
            boolean present = first && place < from + whole && groupBegin + whole > from;
            if (present || (place >= from + whole && place < end + whole)) {
                range.accept(begin(i), end(i));
            }
            place += end(i) - begin(i);
        }
    }

    private int begin(int index) {
        return blocks[index] * block;
    }

    private int end(int index) {
        return (int) Math.min(rows, (long) begin(index) + block);
    }
}
