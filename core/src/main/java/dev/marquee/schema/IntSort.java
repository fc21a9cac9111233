package dev.marquee.schema;

/** Sorts ints by a comparison of what they stand for; stable, by merging, without boxing. */
final class IntSort {
    private static final int RUN = 16;

    private IntSort() {}

    /** Compares what two ints stand for. */
    interface Comparison {
        int compare(int a, int b);
    }

    /** Returns the ints in order: in the given array or another; the given one's content is lost. */
    static int[] sort(int[] values, Comparison comparison) {
        for (int from = 0; from < values.length; from += RUN) {
            insert(values, from, Math.min(values.length, from + RUN), comparison);
        }
        int[] source = values;
        int[] target = values.length > RUN ? new int[values.length] : values;
        for (long run = RUN; run < values.length; run *= 2) {
            for (long from = 0; from < values.length; from += 2 * run) {
                int middle = (int) Math.min(values.length, from + run);
                merge(source, (int) from, middle, (int) Math.min(values.length, from + 2 * run), target, comparison);
            }
            int[] swap = source;
            source = target;
            target = swap;
        }
        return source;
    }

    private static void insert(int[] values, int from, int to, Comparison comparison) {
        for (int i = from + 1; i < to; i++) {
            int value = values[i];
            int at = i;
            while (at > from && comparison.compare(values[at - 1], value) > 0) {
                values[at] = values[at - 1];
                at--;
            }
            values[at] = value;
        }
    }

    private static void merge(int[] source, int from, int middle, int to, int[] target, Comparison comparison) {
        int left = from;
        int right = middle;
        for (int at = from; at < to; at++) {
            boolean takeLeft = right == to || (left < middle && comparison.compare(source[left], source[right]) <= 0);
            target[at] = takeLeft ? source[left++] : source[right++];
        }
    }
}
