package dev.marquee.serving;

import java.util.List;

/**
 * A request's rows, encoded: what a batch is made of.
 *
 * @param rows how many candidates
 * @param dense {@code [rows, dense size]}, row by row
 * @param ids {@code [rows, fields]}, row by row
 * @param lists the bags, then the sequences
 */
@SuppressWarnings("ArrayRecordComponent") // handed on within this package; never compared
record EncodedRequest(int rows, float[] dense, int[] ids, List<IdList> lists) {
    /**
     * A bag or a sequence.
     *
     * @param shared whether its one list is that of all rows
     * @param offsets where each row's ids begin, and at the end where the last row's end
     * @param ids of all rows, one after the other
     */
    record IdList(boolean shared, int[] offsets, int[] ids) {
        int begin(int row) {
            return offsets[shared ? 0 : row];
        }

        int end(int row) {
            return offsets[shared ? 1 : row + 1];
        }

        /** The length of the longest row. */
        int longest() {
            int longest = 0;
            for (int i = 0; i + 1 < offsets.length; i++) {
                longest = Math.max(longest, offsets[i + 1] - offsets[i]);
            }
            return longest;
        }
    }
}
