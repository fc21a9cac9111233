package dev.marquee.parallel;

import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.GradientListener;
import dev.marquee.nn.Meeting;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Tape;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Track;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Team;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One network on several threads: every replica has the same weights, which are in memory once, and computes activations
 * and gradients of its own share of a batch with operators of one thread. The gradients are summed in the order of the
 * replicas, so a step gives the same numbers in every run; those of one replica on the whole batch but for the order of
 * summation.
 *
 * <p>With one replica everything happens on the calling thread, and operators use the threads that they are given.
 *
 * @param <N> the network
 */
public final class Replicas<N> implements AutoCloseable {
    private final List<Replica<N>> replicas = new ArrayList<>();
    private final @Nullable Team team;
    private boolean fused = true;
    private @Nullable GradientListener listener;
    private boolean recomputing;
    private boolean halves;
    private int shares;

    /** What a replica's share of a batch costs. */
    @FunctionalInterface
    public interface Share<N> {
        /**
         * Computes the loss of a piece of a share, such that the sum over all pieces of all shares is the loss of the batch.
         *
         * @param replica whose share, from 0
         * @param piece which part of the share, from 0
         * @param network that replica's
         * @return a scalar; null where there is nothing to learn
         */
        @Nullable
        Tensor loss(int replica, int piece, N network);
    }

    private Replicas(Parameters parameters, N network, int count) {
        replicas.add(new Replica<>(0, parameters, network));
        shares = count;
        team = count == 1 ? null : Team.open(count);
    }

    /**
     * Makes replicas of a network.
     *
     * @param count how many, at least 1; 1 for the network alone
     * @param parameters the network's; it must be complete, and rows of growing tables must not come or go while replicas
     *     compute
     * @param network the network, which becomes replica 0
     * @param maker builds a network again, from the same config
     * @return the replicas; close them on this thread, before the parameters
     * @throws IllegalArgumentException when the count is not positive
     * @param <N> the network
     */
    public static <N> Replicas<N> create(
            int count, Parameters parameters, N network, Function<Parameters.Path, N> maker) {
        if (count < 1) {
            throw new IllegalArgumentException("there is at least 1 replica, not " + count);
        }
        Replicas<N> made = new Replicas<>(parameters, network, count);
        try {
            for (int i = 1; i < count; i++) {
                Parameters own = parameters.replica();
                made.replicas.add(new Replica<>(i, own, maker.apply(own.root())));
            }
            return made;
        } catch (RuntimeException | Error e) {
            made.close();
            throw e;
        }
    }

    /**
     * Whether a sample's outcome in training depends on the rest of its batch: replicas then {@link #meet()}.
     *
     * @param parameters the network's
     * @return true with batch norm or Dice
     */
    public static boolean seesWholeBatch(Parameters parameters) {
        return !parameters.buffers().isEmpty();
    }

    /**
     * Whether replicas meet at layers that look at the whole batch: a share with samples must then be computed, in one piece,
     * even where it has nothing to learn.
     *
     * @return false with one share
     */
    public boolean meet() {
        return shares > 1 && seesWholeBatch(replicas.get(0).parameters);
    }

    /**
     * Whether layers may compute gradients by formulas of their own ({@link Tape}), which they do unless this says no.
     *
     * @param whether they may
     */
    public void useFused(boolean whether) {
        fused = whether;
    }

    /**
     * Tells of parameters whose gradients have grown, while the backward pass goes on ({@link Tape#listen}): of one
     * replica's only, as the gradients of several are summed afterwards, and of the last piece's only.
     *
     * @param newListener told of a parameter
     */
    public void listen(GradientListener newListener) {
        listener = newListener;
    }

    /**
     * Where the phases of the thread that leads are recorded.
     *
     * @return the track of replica 0
     */
    public Track leader() {
        return replicas.get(0).track;
    }

    /**
     * Whether parts of the network keep their inputs alone and compute their activations once more when they go backward
     * ({@link dev.marquee.nn.Recomputed}), which they do not unless this says so.
     *
     * @param whether they do
     */
    public void useRecomputing(boolean whether) {
        recomputing = whether;
    }

    /**
     * Whether layers that can multiply by copies of the weights in bfloat16, made anew for each step ({@link Tape#useHalves}).
     *
     * @param whether they do; not at first
     */
    public void useHalves(boolean whether) {
        halves = whether;
    }

    /**
     * Where to record what each replica is busy with: its forward and backward passes, and the exchange of gradients. Others
     * enter the phases around these, on replica 0's.
     *
     * @param tracks one for each replica
     */
    public void useTracks(List<Track> tracks) {
        for (int i = 0; i < replicas.size(); i++) {
            replicas.get(i).track = tracks.get(i);
        }
    }

    /**
     * How many there are.
     *
     * @return at least 1
     */
    public int count() {
        return replicas.size();
    }

    /**
     * Whether the whole of a batch is one share, replica 0's, while the threads of all take a part of its large products
     * and of the update each: for batches of so few samples that every replica would read all weights for next to nothing.
     * What {@link #run} does is shared by all replicas in any case.
     *
     * @param whether it is; not at first
     * @param alone whether replica 0 does the whole step by itself then, as for batches of still fewer samples
     */
    public void shareProducts(boolean whether, boolean alone) {
        shares = whether ? 1 : replicas.size();
        if (team != null) {
            team.help(!(whether && alone));
        }
    }

    /**
     * How many shares a batch has in {@link #gradients(int, Share)}.
     *
     * @return {@link #count()}, or 1 where products are shared instead
     */
    public int shares() {
        return shares;
    }

    /**
     * Computes the gradients of a batch and leaves them where an optimiser finds them, in the parameters of replica 0.
     * They are valid until the next call. Call it in a scope that lasts until they have been used.
     *
     * @param pieces how many pieces each share is computed in, one after the other, at least 1: their gradients add up, and
     *     only one piece's activations are in memory
     * @param share the loss of each piece
     * @return the sum of the losses
     * @throws IllegalStateException when there are several pieces of shares whose replicas {@link #meet()}
     */
    public double gradients(int pieces, Share<N> share) {
        if (pieces > 1 && meet()) {
            throw new IllegalStateException(
                    "batch norm and Dice look at the whole batch: replicas compute their shares of it in one piece");
        }
        return gradients((replica, network, tape) -> {
            Replica<N> own = replicas.get(replica);
            if (pieces == 1) {
                listen(tape);
                return own.piece(tape, () -> share.loss(replica, 0, network));
            }
            double sum = 0;
            for (int piece = 0; piece < pieces; piece++) {
                try (Scope inner = Scope.open()) {
                    int number = piece;
                    if (piece == pieces - 1) {
                        listen(tape);
                    }
                    sum += own.piece(tape, () -> share.loss(replica, number, network));
                    own.parameters.tables().forEach(table -> table.outlive(inner));
                }
            }
            return sum;
        });
    }

    private void listen(Tape tape) {
        GradientListener told = listener;
        if (told != null && shares == 1) {
            tape.listen(told);
        }
    }

    /**
     * As {@link #gradients(int, Share)}, where the backward pass begins elsewhere than at a loss.
     *
     * @param pass forward and backward on each replica's part
     * @return the sum of the losses
     */
    public double gradients(Pass<N> pass) {
        Track leader = replicas.get(0).track;
        int depth = leader.depth();
        if (halves) {
            replicas.forEach(replica -> replica.parameters.halves()); // here, as replicas share them
            leader().enter(Phase.FORWARD);
            replicas.get(0).parameters.halves().refresh();
            leader().leave();
        }
        try {
            if (shares == 1) {
                pass(pass, 0, replicas.get(0), null);
            } else {
                Meeting meeting = new Meeting(shares);
                meeting.hold(() -> each((replica, own) -> {
                    meeting.attend(replica, () -> pass(pass, replica, own, meeting));
                    if (replica == 0) {
                        leader.enter(Phase.EXCHANGE); // waiting for the slowest is a part of it
                    }
                }));
                replicas.get(0)
                        .parameters
                        .sumGradients(replicas.stream()
                                .map(replica -> replica.parameters)
                                .toList());
            }
        } finally {
            leader.leaveTo(depth);
        }
        double sum = 0;
        for (Replica<N> replica : replicas.subList(0, shares)) {
            sum += replica.loss;
        }
        return sum;
    }

    private void pass(Pass<N> pass, int replica, Replica<N> own, @Nullable Meeting meeting) {
        Track track = own.track;
        int depth = track.depth();
        try {
            own.parameters.zeroGradients();
            own.loss = 0;
            try (Tape tape = Tape.open(fused, recomputing)) {
                if (meeting != null && meet()) {
                    tape.meet(meeting, replica);
                }
                if (halves) {
                    tape.useHalves(own.parameters.halves());
                }
                own.loss = pass.run(replica, own.network, tape);
            }
            track.enter(Phase.BACKWARD);
            own.parameters.tables().forEach(EmbeddingTable::uses); // sums the gradients of this share by row
        } finally {
            track.leaveTo(depth);
        }
    }

    /**
     * Lets every replica go its own way, turn after turn, until it has nothing more to do. None waits for another one, and
     * all end their turns when one fails.
     *
     * @param turn what a replica does in a turn; it changes the weights by its own gradients ({@link #parameters()})
     * @throws RuntimeException what the first replica to fail threw
     */
    public void apart(Turn<N> turn) {
        AtomicBoolean failed = new AtomicBoolean();
        each((replica, own) -> {
            int depth = own.track.depth();
            try {
                boolean more = true;
                while (more && !failed.get()) {
                    try (Scope scope = Scope.open();
                            Tape tape = Tape.open(fused, recomputing)) {
                        own.parameters.zeroGradients();
                        more = turn.run(replica, own.network, tape, own.track);
                    }
                }
            } catch (RuntimeException | Error e) {
                failed.set(true);
                throw e;
            } finally {
                own.track.leaveTo(depth);
                own.parameters.zeroGradients();
            }
        });
    }

    /**
     * The parameters of each replica: the same weights, gradients apart.
     *
     * @return in their order; unmodifiable
     */
    public List<Parameters> parameters() {
        return replicas.stream().map(replica -> replica.parameters).toList();
    }

    /**
     * Lets every replica compute something. What it makes is valid until the next call; replica 0 computes in the caller's
     * scope.
     *
     * @param work what
     */
    public void run(Work<N> work) {
        each((replica, own) -> {
            own.track.enter(Phase.METRICS);
            try {
                work.run(replica, own.network);
            } finally {
                own.track.leave();
            }
        });
    }

    @Override
    public void close() {
        if (team != null) {
            team.run(member -> {
                if (member < replicas.size()) {
                    replicas.get(member).release();
                }
            });
            team.close();
        }
        replicas.subList(1, replicas.size()).forEach(replica -> replica.parameters.close());
        replicas.subList(1, replicas.size()).clear();
    }

    private interface Each<N> {
        void run(int replica, Replica<N> own);
    }

    private void each(Each<N> work) {
        if (team == null) {
            work.run(0, replicas.get(0));
            return;
        }
        team.run(member -> {
            Replica<N> own = replicas.get(member);
            if (member > 0) {
                own.release();
                own.scope = Scope.open();
            }
            work.run(member, own);
        });
    }
}
