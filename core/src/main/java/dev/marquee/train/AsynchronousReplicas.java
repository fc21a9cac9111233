package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.model.Model;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.Tape;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.Schedule;
import dev.marquee.optim.UpdateRule;
import dev.marquee.parallel.Replicas;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Track;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Draws;
import dev.marquee.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Replicas that learn from batches of their own and change the weights that they share without waiting for each other
 * (Hogwild!; Recht, Ré, Wright and Niu, 2011). They take batches one at a time, in order. With one replica the numbers are
 * those of {@link SharedBatch}.
 */
final class AsynchronousReplicas implements AutoCloseable {
    private final Replicas<Model> replicas;
    private final Outputs outputs;
    private final Objective objective;
    private final long seed;
    private final List<UpdateRule> rules = new ArrayList<>();
    private final Object turn = new Object();

    /** What a model gives for a batch, in the precision of the training. */
    interface Outputs {
        Tensor of(Model model, Batch batch);
    }

    /** Told of each step, one at a time. */
    interface Made {
        void step(int size, double loss);
    }

    /**
     * Some steps.
     *
     * @param batches what to learn from
     * @param first the number of the first step
     * @param count how many steps at most
     * @param schedule the learning rate
     * @param stop whether to take no more batches
     * @param made told of each step
     * @param diverged the exception for a loss that is not finite
     */
    record Round(
            BatchStream batches,
            long first,
            long count,
            Schedule schedule,
            BooleanSupplier stop,
            Made made,
            DoubleFunction<? extends RuntimeException> diverged) {}

    /** The batches of a round, taken by one thread at a time. */
    private static final class Supply {
        private final Round round;
        private long taken;
        private boolean ended;

        Supply(Round round) {
            this.round = round;
        }

        /** A batch in memory of its own: the stream reuses its memory for the next one, which another replica takes. */
        @Nullable
        Batch take() {
            if (ended || taken == round.count() || round.stop().getAsBoolean()) {
                return null;
            }
            Batch batch = round.batches().next();
            if (batch == null) {
                ended = true;
                return null;
            }
            taken++;
            return batch.copy();
        }
    }

    AsynchronousReplicas(
            Replicas<Model> replicas, Outputs outputs, Objective objective, Optimizer optimizer, long seed) {
        this.replicas = replicas;
        this.outputs = outputs;
        this.objective = objective;
        this.seed = seed;
        for (Parameters parameters : replicas.parameters()) {
            rules.add(optimizer.replica(parameters));
        }
    }

    /**
     * Refuses networks that cannot be trained so.
     *
     * @throws IllegalArgumentException naming why
     */
    static void check(Recipe recipe, Parameters parameters) {
        String cannot = "engine.replica_updates=asynchronous does not go with this network: ";
        if (recipe.engine().asynchronous() && Replicas.seesWholeBatch(parameters)) {
            throw new IllegalArgumentException(
                    cannot + "batch norm and Dice keep statistics that every batch changes;" + " set it to together");
        }
        if (recipe.engine().asynchronous() && !parameters.growing().isEmpty()) {
            throw new IllegalArgumentException(cannot + "the rows of growing tables come and go; set it to together");
        }
    }

    /**
     * Makes the steps of a round. At its end no replica works.
     *
     * @return whether the batches are at their end
     */
    boolean round(Round round) {
        Supply supply = new Supply(round);
        replicas.apart((replica, model, tape, track) -> step(round, supply, replica, model, tape, track));
        return supply.ended;
    }

    private boolean step(Round round, Supply supply, int replica, Model model, Tape tape, Track track) {
        Batch batch;
        long step;
        track.enter(Phase.WAITING);
        synchronized (turn) {
            step = round.first() + supply.taken;
            batch = supply.take();
        }
        track.leave();
        if (batch == null) {
            return false;
        }
        Draws.seed(seed, step, 0);
        track.enter(Phase.FORWARD);
        Tensor loss = objective.of(outputs.of(model, batch), batch);
        double value = loss.item_float();
        track.leave();
        if (!Double.isFinite(value)) {
            synchronized (turn) {
                throw round.diverged().apply(value);
            }
        }
        track.enter(Phase.BACKWARD);
        tape.backward(loss);
        track.leave();
        track.enter(Phase.UPDATE);
        try (Scope scope = Scope.open()) {
            rules.get(replica).step(round.schedule().learningRate(step));
        }
        track.leave();
        synchronized (turn) {
            round.made().step(batch.size(), value);
        }
        return true;
    }

    @Override
    public void close() {
        rules.forEach(UpdateRule::close);
    }
}
