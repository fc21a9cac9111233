package dev.marquee.parallel;

import dev.marquee.collective.Group;
import dev.marquee.nn.FlatParameters;
import dev.marquee.nn.GradientListener;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Track;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.DoubleBuffer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Brings together the gradients that the members of a group have computed, each of its share of a batch: the sum over all,
 * with the same bits on every member. Those of embedding rows go apart from the dense ones.
 */
public final class GradientExchange implements GradientListener, AutoCloseable {
    /** What stands before the counts of the parameters in the report of a step. */
    private static final int LOSS = 0;

    private static final int STOP = 1;
    private static final int LATE = 2;
    private static final int COUNTS = 3;

    private final Group group;
    private final FlatParameters flat;
    private final DenseExchange dense;
    private final TableExchange rows;
    private final Arena arena = Arena.open("gradients that are exchanged");
    private final Tensor weight;
    private final DoubleBuffer weightSum;
    private final Tensor report;
    private final DoubleBuffer reported;
    private Group.@Nullable Exchange weighing;
    private Traffic traffic = Traffic.NONE;

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
     * @param compressed whether dense gradients travel as bfloat16, what is lost being added in the next step
     * @param overlap whether gradients that are {@link #given} travel while others are computed, if not compressed
     */
    public GradientExchange(Group group, Parameters parameters, boolean compressed, boolean overlap) {
        this.group = group;
        this.flat = parameters.flat();
        this.rows = parameters.tables().stream().anyMatch(table -> table.shard().isPresent())
                ? new ShardedRowExchange(group, parameters.tables())
                : new RowExchange(group, parameters.tables());
        this.dense = compressed
                ? new CompressedExchange(group, flat, arena)
                : new BucketExchange(group, parameters, arena, overlap);
        try (Scope scope = Scope.open()) {
            weight = arena.keep(Tensors.zeros(DType.FLOAT64, 1));
            report = arena.keep(
                    Tensors.zeros(DType.FLOAT64, COUNTS + (long) flat.places().size()));
            weightSum = Tensors.bytes(weight).asDoubleBuffer();
            reported = Tensors.bytes(report).asDoubleBuffer();
        }
    }

    /**
     * A step begins.
     *
     * @param own what this member's share of the batch counts for
     */
    public void begin(double own) {
        dense.begin();
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

    @Override
    public @Nullable Place place(Tensor parameter) {
        return dense.place(parameter);
    }

    @Override
    public void given(Tensor parameter, long own) {
        dense.given(parameter, own);
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
            long early = dense.arrived();
            dense.start(parameter -> reported.put(COUNTS + parameter, 1));
            reported.put(LOSS, loss);
            reported.put(STOP, stop ? 1 : 0);
            reported.put(LATE, dense.late() ? 1 : 0);
            Group.Exchange reporting = group.startSum(report);
            traffic = traffic.plus(dense.bytes(), rows.run(), early);
            dense.await();
            reporting.await();
            if (reported.get(LATE) > 0) {
                dense.repeat();
            }
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

    /**
     * What all steps so far have given to exchanges.
     *
     * @return bytes, and how many of them arrived early
     */
    public Traffic traffic() {
        return traffic;
    }

    /** What is kept for the next step is dropped. */
    public void forget() {
        dense.forget();
    }

    @Override
    public void close() {
        arena.close();
    }
}
