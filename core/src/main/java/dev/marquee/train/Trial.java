package dev.marquee.train;

import dev.marquee.collective.Group;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.Schedule;
import dev.marquee.parallel.Replicas;
import dev.marquee.parallel.Traffic;
import dev.marquee.profile.Profiler;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Engine;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A recipe's training step by step, without a run folder: what it computes is what {@link Trainer} computes.
 *
 * <p>Several trials may be open in one process and take turns. Each computes on a thread of its own, so that its replicas and
 * its number of threads are not those of another, and sets the threads of matrix products, which are the process's, when
 * its turn comes; between turns its threads sleep. Only one may compute at a time.
 */
public final class Trial implements AutoCloseable {
    private final Recipe recipe;
    private final Dataset data;
    private final Members members;
    private final OwnThread thread = new OwnThread("marquee-trial", "the trial");
    private @Nullable TrialSteps state;

    /**
     * Some steps.
     *
     * @param samples how many samples they saw, over all members
     * @param seconds how long they took, the waiting for data counted
     * @param waiting how much of that was waiting for data
     * @param loss the mean of the batches' losses, by their samples
     */
    public record Steps(long samples, double seconds, double waiting, double loss) {}

    private Trial(Recipe recipe, Dataset data, Members members) {
        this.recipe = recipe;
        this.data = data;
        this.members = members;
    }

    /**
     * Makes the network with the recipe's first weights, and gets ready for its first step.
     *
     * @param recipe what to train
     * @param data what {@code recipe.data()} opens with {@code recipe.seed()}; it may serve several trials, and is closed
     *     after them
     * @param planned after how many samples the schedule of the learning rate is at its end; that of the recipe's epochs
     *     where empty
     * @return the trial; close it
     * @throws IllegalArgumentException when the recipe's settings do not go together
     */
    public static Trial open(Recipe recipe, Dataset data, OptionalLong planned) {
        return open(recipe, data, planned, Group.alone());
    }

    /**
     * As {@link #open(Recipe, Dataset, OptionalLong)}, of a member of a group, which has a share of every batch. All members
     * call the same methods in the same order.
     *
     * @param recipe what to train
     * @param data as above
     * @param planned as above
     * @param group the processes that train together; left open
     * @return the trial; close it
     * @throws IllegalArgumentException when the recipe's settings do not go together, or not with several processes
     */
    public static Trial open(Recipe recipe, Dataset data, OptionalLong planned, Group group) {
        Trial trial = new Trial(recipe, data, new Members(group));
        try {
            trial.thread.call(() -> {
                trial.state = trial.start(planned);
                return true;
            });
            return trial;
        } catch (RuntimeException | Error e) {
            trial.close();
            throw e;
        }
    }

    /**
     * Makes steps, going on where the last ones ended, in the next epoch after the last batch of one.
     *
     * @param count how many, at least 1
     * @return what they took
     * @throws DivergedException when the loss is not a finite number any more
     */
    public Steps steps(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("a trial makes at least 1 step, not " + count);
        }
        return thread.call(() -> steps(own(), count));
    }

    /**
     * Makes a step and counts its work.
     *
     * @return arithmetic and memory traffic a sample
     */
    public StepWork work() {
        long before = samples();
        TrialSteps own = own();
        try (Profiler counting = Profiler.on(own.replicas)) {
            return thread.call(() -> {
                own.profiler = counting;
                own.shared.useTracks(counting.tracks());
                counting.start();
                steps(own, 1);
                counting.stop();
                return StepWork.of(counting, own.samples() - before);
            });
        } finally {
            own.profiler = Profiler.off(own.replicas);
            own.shared.useTracks(own.profiler.tracks());
        }
    }

    /**
     * What the steps so far have given to exchanges with other members.
     *
     * @return nothing where there are none
     */
    public Traffic traffic() {
        return own().shared.traffic();
    }

    /**
     * How many samples it has learnt from, over all members.
     *
     * @return at least 0
     */
    public long samples() {
        return own().samples();
    }

    /**
     * Measures what has been learnt so far on the validation samples.
     *
     * @param rows how many samples at most, the first
     * @return the metrics, {@code loss} among them, and the loss of each sample; without samples where there are none
     */
    public RowLosses evaluate(int rows) {
        return thread.call(() -> {
            useThreads();
            TrialSteps own = own();
            try (BatchStream batches = data.validation()) {
                return RowLosses.of(own.shared.model(), recipe.loss(), own.task.evaluation(), batches, rows);
            }
        });
    }

    /**
     * What is in memory as long as the trial is open: weights, and what the optimiser remembers. Activations and gradients,
     * which come and go, are not counted.
     *
     * @return bytes
     */
    public long stateBytes() {
        return thread.call(() -> own().bytes());
    }

    /**
     * How many replicas the network has.
     *
     * @return at least 1
     */
    public int replicas() {
        return own().replicas;
    }

    /**
     * Whether each sample is computed by itself in training.
     *
     * @return false where a sample's outcome depends on the rest of its batch (batch norm, Dice)
     */
    public boolean samplesApart() {
        return !Replicas.seesWholeBatch(own().network.parameters());
    }

    /**
     * The number of trainable values, those of embedding tables left out.
     *
     * @return how many numbers the dense optimiser changes
     */
    public long denseParameters() {
        return own().network.parameters().count();
    }

    /**
     * The number of values in embedding tables.
     *
     * @return 0 where there are none
     */
    public long embeddingParameters() {
        return own().network.parameters().embeddingCount();
    }

    /** The weights by name, for as long as the trial is open. */
    Map<String, Tensor> weights() {
        return own().network.parameters().state();
    }

    /** Frees everything; harmless when repeated. */
    @Override
    public void close() {
        if (thread.isShutdown()) {
            return;
        }
        thread.call(() -> {
            TrialSteps own = state;
            state = null;
            if (own != null) {
                own.close();
            }
            return true;
        });
        thread.shutdown();
    }

    private TrialSteps start(OptionalLong planned) {
        recipe.engine().place().require();
        useThreads(recipe.replicas(true));
        if (LocalSteps.wanted(recipe, members)) {
            throw new IllegalArgumentException(
                    "steps that members make by themselves are not tried: set" + " distributed.local_steps=1");
        }
        Task task = Task.of(recipe, data.schema());
        Optional<SharedTables> tables =
                SharedTables.plan(recipe, data.schema(), members.group()).filter(SharedTables::areSharded);
        Network network = Network.create(recipe, data.schema(), tables.map(SharedTables::sharding));
        SharedBatch shared = null;
        try {
            var replicas = Workings.replicas(recipe, network, members, Progress.silent());
            shared = new SharedBatch(
                    replicas,
                    task.objective(),
                    recipe.engine(),
                    members,
                    Workings.exchange(recipe, network, members),
                    tables.map(all -> all.fetch(network)).orElse(SharedTables.Fetch.NOTHING));
            Optimizer optimizer = Workings.optimizer(recipe, network, shared);
            recipe.model().initFrom().ifPresent(file -> network.load(Path.of(file)));
            members.spread(
                    "the initial weights",
                    network.parameters().state(),
                    network.subsets().keySet());
            return new TrialSteps(
                    recipe, data, members, network, shared, optimizer, schedule(planned), task, replicas.count());
        } catch (RuntimeException | Error e) {
            if (shared != null) {
                shared.close();
            }
            network.close();
            throw e;
        }
    }

    private Schedule schedule(OptionalLong planned) {
        double rate = TrainingLoop.rate(recipe);
        if (planned.isPresent()) {
            return recipe.schedule().create(rate, Math.max(1, batches(planned.getAsLong())), 1);
        }
        return recipe.schedule()
                .create(rate, batches(data.trainingSamples()), recipe.train().epochs());
    }

    private long batches(long of) {
        int batchSize = recipe.data().batchSize();
        return (of + batchSize - 1) / batchSize;
    }

    private Steps steps(TrialSteps own, int count) {
        useThreads();
        return own.steps(count);
    }

    private TrialSteps own() {
        TrialSteps own = state;
        if (own == null) {
            throw new IllegalStateException("the trial is closed");
        }
        return own;
    }

    private void useThreads() {
        useThreads(own().replicas);
    }

    private void useThreads(int replicas) {
        int threads = recipe.engine().effectiveThreads();
        if (replicas > 1) {
            Engine.useThreads(1, 1);
        } else {
            Engine.useThreads(recipe.model().operatorThreads(threads), threads);
        }
    }
}
