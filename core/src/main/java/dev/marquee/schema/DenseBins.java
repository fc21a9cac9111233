package dev.marquee.schema;

import java.util.Arrays;

/**
 * The borders of the bins of a number. Each value that many rows have is a border of its own, and the others are
 * quantiles of the remaining values: else a column of which 96 % are 0 would have but a bin or two for all that is not.
 */
final class DenseBins {
    /** A value of more than this share of the rows is a border of its own, and of more than one bin's share. */
    private static final double FREQUENT = 0.02;

    private DenseBins() {}

    /**
     * The borders: {@code frequent ∪ quantiles(rest, 0, 1/k, …, 1)} with {@code k = max(1, bins − |frequent|)}, where
     * those values are frequent that more than {@code max(2 %, 1/bins)} of all are. Quantiles lie between neighbours in
     * proportion (numpy's default).
     *
     * @param sorted at least one value, ascending
     * @param bins how many bins there may be
     * @return ascending, all different, the least and the greatest value among them
     */
    static double[] edges(double[] sorted, int bins) {
        double least = Math.max(FREQUENT, 1.0 / bins) * sorted.length;
        double[] frequent = new double[Math.max(bins, 50)]; // more cannot be above their share
        double[] rest = new double[sorted.length];
        int frequents = 0;
        int others = 0;
        for (int from = 0, to; from < sorted.length; from = to) {
            to = from + 1;
            while (to < sorted.length && sorted[to] == sorted[from]) {
                to++;
            }
            if (to - from > least) {
                frequent[frequents++] = sorted[from];
            } else {
                System.arraycopy(sorted, from, rest, others, to - from);
                others += to - from;
            }
        }
        if (others == 0) {
            return Arrays.copyOf(frequent, frequents);
        }
        int parts = Math.max(1, bins - frequents);
        double[] edges = Arrays.copyOf(frequent, frequents + parts + 1);
        for (int part = 0; part <= parts; part++) {
            edges[frequents + part] = quantile(rest, others, part, parts);
        }
        return Arrays.stream(edges).sorted().distinct().toArray();
    }

    /**
     * For each edge the share of values below it, half of those equal to it: 0 for the least and 1 for the greatest of
     * different values, ½ for the only one.
     *
     * @param sorted the values, ascending
     * @param edges ascending, within the values' range
     * @return as many, ascending
     */
    static double[] shares(double[] sorted, double[] edges) {
        double[] shares = new double[edges.length];
        for (int i = 0, at = 0; i < edges.length; i++) {
            while (sorted[at] < edges[i]) {
                at++;
            }
            int first = at;
            while (at + 1 < sorted.length && sorted[at + 1] == edges[i]) {
                at++;
            }
            double place = sorted[first] == edges[i]
                    ? (first + at) / 2.0
                    : first - (sorted[first] - edges[i]) / (sorted[first] - sorted[first - 1]);
            shares[i] = sorted.length == 1 ? 0.5 : place / (sorted.length - 1);
        }
        return shares;
    }

    /** The value below which {@code part / parts} of the others lie, between neighbours in proportion. */
    private static double quantile(double[] sorted, int count, int part, int parts) {
        double position = (double) part * (count - 1) / parts;
        int below = (int) position;
        if (below == count - 1) {
            return sorted[below];
        }
        double next = sorted[below + 1];
        return Math.min(next, sorted[below] + (position - below) * (next - sorted[below]));
    }
}
