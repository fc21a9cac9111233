package dev.marquee.metric;

import java.util.Optional;

/** The AUC of each group, added up. */
final class GroupSweep {
    private final Sum area = new Sum();
    private final Sum weight = new Sum();
    private long groups;
    private long groupsLeftOut;
    private long rows;
    private long rowsLeftOut;

    private GroupSweep() {}

    /** Signed weights: negative where the label is 0. Groups are numbered from 0. */
    static GroupSweep of(long[] keys, double[] weights, int[] groups, int size, int count) {
        int[] ends = new int[count + 1];
        for (int i = 0; i < size; i++) {
            ends[groups[i] + 1]++;
        }
        for (int group = 0; group < count; group++) {
            ends[group + 1] += ends[group];
        }
        // ends[g] is the start of group g until its rows are placed, and its end then. The rows come by score.
        int[] placed = new int[size];
        for (int row : RadixSort.order(keys, size)) {
            placed[ends[groups[row]]++] = row;
        }
        GroupSweep sweep = new GroupSweep();
        int start = 0;
        for (int group = 0; group < count; group++) {
            sweep.group(keys, weights, placed, start, ends[group]);
            start = ends[group];
        }
        return sweep;
    }

    Optional<String> undefined() {
        if (groups > 0) {
            return Optional.empty();
        }
        return groupsLeftOut == 0
                ? Classes.needRows("a grouped AUC", 0)
                : Optional.of("a grouped AUC needs a group with both labels, and each of the " + groupsLeftOut
                        + " has one only");
    }

    double value() {
        return area.value() / weight.value();
    }

    GroupedAuc.Summary summary(double sampledShare) {
        return new GroupedAuc.Summary(groups, groupsLeftOut, rows, rowsLeftOut, sampledShare);
    }

    private void group(long[] keys, double[] weights, int[] placed, int start, int end) {
        double positives = 0;
        double negatives = 0;
        double pairs = 0;
        int i = start;
        while (i < end) {
            long key = keys[placed[i]];
            double positive = 0;
            double negative = 0;
            while (i < end && keys[placed[i]] == key) {
                double signed = weights[placed[i]];
                if (signed > 0) {
                    positive += signed;
                } else {
                    negative -= signed;
                }
                i++;
            }
            // From the lowest score up: each positive is above all negatives so far.
            pairs += positive * (negatives + negative / 2);
            positives += positive;
            negatives += negative;
        }
        if (positives > 0 && negatives > 0) {
            groups++;
            rows += end - start;
            area.add(pairs / (positives * negatives) * (positives + negatives));
            weight.add(positives + negatives);
        } else {
            groupsLeftOut++;
            rowsLeftOut += end - start;
        }
    }
}
