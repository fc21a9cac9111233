package dev.marquee.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the moments that divide rows by time. Rows at the moment itself are on the earlier side, all of them, so parts
 * never overlap in time. Holds 8 bytes a row while it looks.
 */
final class TimeCuts {
    private static final int BLOCK = 1 << 16;
    private static final int DIGIT = 16;

    private final List<long[]> blocks = new ArrayList<>();
    private long count;

    void add(long time) {
        int at = (int) (count % BLOCK);
        if (at == 0) {
            blocks.add(new long[BLOCK]);
        }
        blocks.get(blocks.size() - 1)[at] = time;
        count++;
    }

    long count() {
        return count;
    }

    /**
     * The latest moment of the earlier side.
     *
     * @param share how many of the rows are on the earlier side, above 0 and at most 1; rounded to the next whole row
     * @return the smallest time with at least that share of rows at or before it
     */
    long latest(double share) {
        // The share is the complement of a sum of fractions: 1 - 0.1 - 0.1 must not become one row more of ten.
        long rank = (long) Math.ceil(share * count - 1e-9 * count);
        return smallest(Math.max(1, Math.min(count, rank)));
    }

    /** The value of a rank from 1, exactly: one digit of 16 bits after the other, from the top. */
    private long smallest(long rank) {
        long found = 0;
        long left = rank;
        for (int shift = Long.SIZE - DIGIT; shift >= 0; shift -= DIGIT) {
            long[] counts = new long[1 << DIGIT];
            for (long i = 0; i < count; i++) {
                // Flipping the sign makes the order that of unsigned numbers, digit by digit.
                long key = blocks.get((int) (i / BLOCK))[(int) (i % BLOCK)] ^ Long.MIN_VALUE;
                if (shift == Long.SIZE - DIGIT || (key ^ found) >>> (shift + DIGIT) == 0) {
                    counts[(int) (key >>> shift) & 0xFFFF]++;
                }
            }
            int digit = 0;
            while (left > counts[digit]) {
                left -= counts[digit++];
            }
            found |= (long) digit << shift;
        }
        return found ^ Long.MIN_VALUE;
    }
}
