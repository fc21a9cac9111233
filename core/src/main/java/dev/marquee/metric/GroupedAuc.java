package dev.marquee.metric;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The mean of the AUC of each group (gAUC), such as each user, weighted by the group's impressions:
 *
 * <pre>gAUC = Σ_g w_g AUC_g / Σ_g w_g,   w_g = Σ of the weights of the group's rows</pre>
 *
 * over the groups with both labels; {@link #summary()} says how many groups and rows that leaves out. Rows of weight 0
 * belong to no group. It says how well the rows within a group are ranked, which is all that a service needs that never
 * ranks one user's ads against another's.
 *
 * <p>{@link #exact()} holds every row, 20 bytes each (40 with spare room) plus 24 a group, for the rows of a group may
 * come at any time. {@link #sampled(int)} holds no more rows than given: when there are more, it keeps every second
 * group, then every fourth and so on, chosen by a hash of the group and not by chance, so that two models are measured
 * on the same groups. A kept group has all of its rows. A single group with more rows than may be held leaves no value.
 */
public final class GroupedAuc {
    private static final int MOST = Integer.MAX_VALUE - 8;
    // Group 0 has no hash of 0, which would always be kept.
    private static final long ODD = 0x9E3779B97F4A7C15L;

    private final RowCheck check = new RowCheck(Scale.LOGIT);
    private final int most;
    private final boolean sampling;
    private LongIds ids = new LongIds();
    private long[] keys = new long[1];
    // Negative where the label is 0.
    private double[] weights = new double[1];
    private int[] groups = new int[1];
    private int size;
    private int halvings;
    private @Nullable String overflow;

    private GroupedAuc(int most, boolean sampling) {
        this.most = most;
        this.sampling = sampling;
    }

    /**
     * Over all groups.
     *
     * @return one with nothing added
     */
    public static GroupedAuc exact() {
        return new GroupedAuc(MOST, false);
    }

    /**
     * Over as many groups as fit.
     *
     * @param rows the most rows to hold, at least 1
     * @return one with nothing added
     * @throws IllegalArgumentException when there is no room for a row
     */
    public static GroupedAuc sampled(int rows) {
        if (rows < 1 || rows > MOST) {
            throw new IllegalArgumentException("rows to hold must be from 1 to " + MOST + ", not " + rows);
        }
        return new GroupedAuc(rows, true);
    }

    /**
     * What the groups came to.
     *
     * @param groups with both labels
     * @param groupsLeftOut with one label only
     * @param rows of the former, with a weight above 0
     * @param rowsLeftOut of the latter, with a weight above 0
     * @param sampledShare the share of all groups that was kept: 1, ½, ¼ …; the numbers are of those kept
     */
    public record Summary(long groups, long groupsLeftOut, long rows, long rowsLeftOut, double sampledShare) {}

    /**
     * Adds a row.
     *
     * @param score a finite number; only the order counts
     * @param label 0 or 1
     * @param weight what the row counts for: finite, at least 0
     * @param group any number that is the same for the rows of a group; hash strings to 64 bits
     * @throws IllegalArgumentException naming the row (the first is row 1) and the value that is not allowed
     */
    public void add(double score, double label, double weight, long group) {
        check.next(score, label, weight);
        addChecked(score, label == 1, weight, group);
    }

    void addChecked(double score, boolean positive, double weight, long group) {
        if (weight > 0) {
            append(RadixSort.key(score), positive ? weight : -weight, group);
        }
    }

    /**
     * Adds all rows of another. The result is as if this one had been given them.
     *
     * @param other stays as it is
     */
    public void merge(GroupedAuc other) {
        // Fixed before the loop, for one may be merged with itself.
        int count = other.size;
        if (overflow == null && other.overflow != null) {
            overflow(other.overflow);
        }
        while (halvings < other.halvings) {
            halve();
        }
        LongIds theirs = other.ids;
        int[] theirGroups = other.groups;
        long[] theirKeys = other.keys;
        double[] theirWeights = other.weights;
        for (int i = 0; i < count; i++) {
            append(theirKeys[i], theirWeights[i], theirs.value(theirGroups[i]));
        }
        check.merge(other.check);
    }

    /**
     * The number of rows added, kept or not.
     *
     * @return at least 0
     */
    public long rows() {
        return check.rows();
    }

    /**
     * Why there is no value.
     *
     * @return the reason; empty where {@link #value()} has one
     */
    public Optional<String> undefined() {
        return overflow == null ? compute().undefined() : Optional.of(overflow);
    }

    /**
     * The weighted mean of the groups' AUC.
     *
     * @return from 0 to 1
     * @throws IllegalStateException where no group has both labels
     */
    public double value() {
        if (overflow != null) {
            throw new IllegalStateException(overflow);
        }
        GroupSweep sweep = compute();
        Classes.require(sweep.undefined());
        return sweep.value();
    }

    /**
     * How many groups and rows count, and how many are left out.
     *
     * @return numbers of the groups kept
     */
    public Summary summary() {
        return compute().summary(Math.scalb(1.0, -halvings));
    }

    private GroupSweep compute() {
        return GroupSweep.of(keys, weights, groups, size, ids.size());
    }

    private void append(long key, double signed, long group) {
        while (size == most && overflow == null && kept(group)) {
            if (!sampling) {
                overflow("a grouped AUC holds at most " + MOST + " rows: use the sampled form, which takes any number");
            } else if (ids.size() == 1 && ids.value(0) == group) {
                overflow("group " + group + " alone has more than the " + most
                        + " rows that a grouped AUC may hold here: check that the field is a group, or allow more");
            } else {
                halve();
            }
        }
        if (overflow != null || !kept(group)) {
            return;
        }
        if (size == keys.length) {
            int room = (int) Math.min(most, 2L * size);
            keys = Arrays.copyOf(keys, room);
            weights = Arrays.copyOf(weights, room);
            groups = Arrays.copyOf(groups, room);
        }
        keys[size] = key;
        weights[size] = signed;
        groups[size] = ids.id(group);
        size++;
    }

    private boolean kept(long group) {
        return halvings == 0 || LongIds.mix(group + ODD) >>> (Long.SIZE - halvings) == 0;
    }

    /** There is no value from here on, and no memory is needed any more. */
    private void overflow(String reason) {
        overflow = reason;
        ids = new LongIds();
        keys = new long[1];
        weights = new double[1];
        groups = new int[1];
        size = 0;
    }

    /** Drops the groups that the next bit of their hash leaves out. New arrays: others may be reading the old ones. */
    private void halve() {
        halvings++;
        LongIds keptIds = new LongIds();
        long[] keptKeys = new long[keys.length];
        double[] keptWeights = new double[keys.length];
        int[] keptGroups = new int[keys.length];
        int count = 0;
        for (int i = 0; i < size; i++) {
            long group = ids.value(groups[i]);
            if (kept(group)) {
                keptKeys[count] = keys[i];
                keptWeights[count] = weights[i];
                keptGroups[count] = keptIds.id(group);
                count++;
            }
        }
        ids = keptIds;
        keys = keptKeys;
        weights = keptWeights;
        groups = keptGroups;
        size = count;
    }
}
