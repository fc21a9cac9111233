package dev.marquee.nn;

import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Of each sample, the keys from the first to the last that is not hidden; nothing outside them is worth any work. With
 * padding at an end, or at both, these are exactly the keys that are not hidden.
 */
final class KeyWindows {
    private final int keys;
    private final int[] first;
    private final int[] count;
    private final int[] before;
    private final boolean holes;

    private KeyWindows(int keys, int[] first, int[] count, int[] before, boolean holes) {
        this.keys = keys;
        this.first = first;
        this.count = count;
        this.before = before;
        this.holes = holes;
    }

    static KeyWindows of(@Nullable Tensor mask, long batch, long keys) {
        int samples = Math.toIntExact(batch);
        int width = Math.toIntExact(keys);
        int[] first = new int[samples];
        int[] count = new int[samples];
        int[] before = new int[samples + 1];
        boolean holes = false;
        byte[] hidden = new byte[mask == null ? 0 : Math.multiplyExact(samples, width)];
        if (mask != null) {
            Tensors.bytes(mask.contiguous()).get(hidden);
        }
        for (int n = 0; n < samples; n++) {
            int begin = 0;
            int end = width;
            if (mask != null) {
                int row = n * width;
                while (begin < end && hidden[row + begin] != 0) {
                    begin++;
                }
                while (end > begin && hidden[row + end - 1] != 0) {
                    end--;
                }
                for (int i = begin + 1; i < end && !holes; i++) {
                    holes = hidden[row + i] != 0;
                }
            }
            first[n] = begin;
            count[n] = end - begin;
            before[n + 1] = before[n] + count[n];
        }
        return new KeyWindows(width, first, count, before, holes);
    }

    int samples() {
        return count.length;
    }

    /** The keys of a sample, hidden ones included. */
    int keys() {
        return keys;
    }

    /** A sample's first key in its window. */
    int first(int sample) {
        return first[sample];
    }

    /** The keys in a sample's window; 0 where all are hidden. */
    int count(int sample) {
        return count[sample];
    }

    /** The keys in the windows before a sample's. */
    int before(int sample) {
        return before[sample];
    }

    /** Whether some window holds hidden keys. */
    boolean holes() {
        return holes;
    }

    /** The keys in all windows. */
    int total() {
        return before[count.length];
    }

    /** Whether all keys are in windows. */
    boolean full() {
        return total() == (long) keys * samples();
    }

    /** Whether some sample has no key. */
    boolean someEmpty() {
        return Arrays.stream(count).anyMatch(n -> n == 0);
    }

    /** Where the windows' keys are among all keys of the batch, {@code [total]}. */
    Tensor rows() {
        long[] rows = new long[total()];
        for (int n = 0; n < samples(); n++) {
            for (int i = 0; i < count[n]; i++) {
                rows[before[n] + i] = (long) n * keys + first[n] + i;
            }
        }
        return Tensors.of(rows);
    }
}
