package dev.marquee.parallel;

import dev.marquee.collective.Group;
import dev.marquee.nn.FlatParameters;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Tally;
import dev.marquee.profile.Track;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Brings together the gradients that the members of a group have computed, each of its share of a batch: the sum over all,
 * with the same bits on every member. Dense gradients go in buckets, the last layers' first, and those of embedding rows
 * by {@link RowExchange}.
 */
public final class GradientExchange implements AutoCloseable {
    /** Elements of a bucket: large enough for the time of its bytes to hide that of a message. */
    private static final int BUCKET = 1 << 18;

    /** What stands before the counts of the parameters in the report of a step. */
    private static final int LOSS = 0;

    private static final int STOP = 1;
    private static final int COUNTS = 2;

    private final Group group;
    private final FlatParameters flat;
    private final RowExchange rows;
    private final Arena arena = Arena.open("gradients that are exchanged");
    private final List<Bucket> buckets = new ArrayList<>();
    private final Tensor weight;
    private final DoubleBuffer weightSum;
    private final Tensor report;
    private final DoubleBuffer reported;
    private Group.@Nullable Exchange weighing;

    /** Neighbours whose gradients are exchanged together: the parameters from here to there, and their part of the memory. */
    private record Bucket(int from, int end, Tensor values) {}

    /**
     * What a step gave over all members.
     *
     * @param loss the sum of the members' losses
     * @param stop whether a member asked to stop
     */
    public record Outcome(double loss, boolean stop) {}

    /**
     * Made for the parameters of a complete network.
     *
     * @param group the members; left open
     * @param parameters of replica 0
     */
    public GradientExchange(Group group, Parameters parameters) {
        this.group = group;
        this.flat = parameters.flat();
        this.rows = new RowExchange(group, parameters.tables());
        try (Scope scope = Scope.open()) {
            int count = flat.places().size();
            weight = arena.keep(Tensors.zeros(DType.FLOAT64, 1));
            report = arena.keep(Tensors.zeros(DType.FLOAT64, COUNTS + count));
            weightSum = Tensors.bytes(weight).asDoubleBuffer();
            reported = Tensors.bytes(report).asDoubleBuffer();
            int end = count;
            while (end > 0) {
                int from = end - 1;
                while (from > 0 && size(from - 1, end) <= BUCKET) {
                    from--;
                }
                long start = flat.places().get(from).from();
                buckets.add(new Bucket(from, end, arena.keep(flat.gradients().narrow(0, start, size(from, end)))));
                end = from;
            }
        }
    }

    /**
     * A step begins.
     *
     * @param own what this member's share of the batch counts for
     */
    public void begin(double own) {
        weightSum.put(0, own);
        weighing = group.startSum(weight);
    }

    /**
     * What the whole batch counts for. Any replica may ask.
     *
     * @return the sum over all members
     */
    public synchronized double weight() {
        Group.Exchange open = weighing;
        if (open != null) {
            open.await();
            weighing = null;
        }
        return weightSum.get(0);
    }

    /**
     * Replaces the gradients of the parameters and tables by the sums over all members. Call it in the scope of the step.
     *
     * @param track where the time is recorded
     * @param loss of this member's share
     * @param stop whether this member asks to stop
     * @return of all members
     */
    public Outcome finish(Track track, double loss, boolean stop) {
        track.enter(Phase.EXCHANGE);
        try {
            weight(); // a member without samples has not asked
            for (int i = 0; i < reported.limit(); i++) {
                reported.put(i, 0);
            }
            reported.put(LOSS, loss);
            reported.put(STOP, stop ? 1 : 0);
            List<Group.Exchange> started = new ArrayList<>();
            for (Bucket bucket : buckets) {
                flat.take(bucket.from(), bucket.end(), parameter -> reported.put(COUNTS + parameter, 1));
                Tally.bytes(bucket.values(), 2);
                started.add(group.startSum(bucket.values()));
            }
            started.add(group.startSum(report));
            rows.run();
            started.forEach(Group.Exchange::await);
            // Where no member has learnt anything of a parameter, no optimiser may think that it has.
            for (int i = 0; i < flat.places().size(); i++) {
                if (reported.get(COUNTS + i) > 0) {
                    flat.give(i);
                }
            }
            return new Outcome(reported.get(LOSS), reported.get(STOP) > 0);
        } finally {
            track.leave();
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private long size(int from, int end) {
        return flat.places().get(end - 1).end() - flat.places().get(from).from();
    }
}
