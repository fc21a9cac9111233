package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.Schedule;
import dev.marquee.parallel.Replicas;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Profiler;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
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
    private final OwnThread thread;
    private @Nullable State state;
    private long samples;

    private static final class State {
        final Network network;
        final SharedBatch shared;
        final Optimizer optimizer;
        final Schedule schedule;
        final Task task;
        final int replicas;

        @Nullable
        BatchStream batches;

        int epoch = 1;
        long step;
        double loss;
        Profiler profiler;

        State(Network network, SharedBatch shared, Optimizer optimizer, Schedule schedule, Task task, int replicas) {
            this.network = network;
            this.shared = shared;
            this.optimizer = optimizer;
            this.schedule = schedule;
            this.task = task;
            this.replicas = replicas;
            this.profiler = Profiler.off(replicas);
        }
    }

    /**
     * Some steps.
     *
     * @param samples how many samples they saw
     * @param seconds how long they took, the waiting for data counted
     * @param waiting how much of that was waiting for data
     * @param loss the mean of the batches' losses, by their samples
     */
    public record Steps(long samples, double seconds, double waiting, double loss) {}

    private Trial(Recipe recipe, Dataset data) {
        this.recipe = recipe;
        this.data = data;
        this.thread = new OwnThread("marquee-trial", "the trial");
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
        Trial trial = new Trial(recipe, data);
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
        long before = samples;
        State own = own();
        try (Profiler counting = Profiler.on(own.replicas)) {
            return thread.call(() -> {
                own.profiler = counting;
                own.shared.useTracks(counting.tracks());
                counting.start();
                steps(own, 1);
                counting.stop();
                return StepWork.of(counting, samples - before);
            });
        } finally {
            own.profiler = Profiler.off(own.replicas);
            own.shared.useTracks(own.profiler.tracks());
        }
    }

    /**
     * How many samples it has learnt from.
     *
     * @return at least 0
     */
    public long samples() {
        return samples;
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
            State own = own();
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
        return thread.call(() -> bytes(own().network, own().optimizer));
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
            State own = state;
            state = null;
            if (own != null) {
                closeBatches(own);
                own.optimizer.close();
                own.shared.close();
                own.network.close();
            }
            return true;
        });
        thread.shutdown();
    }

    private State start(OptionalLong planned) {
        useThreads(recipe.replicas(true));
        Task task = Task.of(recipe, data.schema());
        Network network = Network.create(recipe, data.schema());
        SharedBatch shared = null;
        try {
            var replicas = Training.replicas(recipe, network, Members.alone(), Progress.silent());
            shared = new SharedBatch(replicas, task.objective(), recipe.engine());
            Optimizer optimizer = recipe.optimizer().create(network.parameters());
            recipe.model().initFrom().ifPresent(file -> network.load(Path.of(file)));
            return new State(network, shared, optimizer, schedule(planned), task, replicas.count());
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

    private static long bytes(Network network, Optimizer optimizer) {
        try (Scope scope = Scope.open()) {
            return Stream.of(network.parameters().state(), optimizer.state())
                    .flatMap(state -> state.values().stream())
                    .mapToLong(Tensor::nbytes)
                    .sum();
        }
    }

    private double step(State own, Batch batch) {
        double value;
        try (Scope scope = Scope.open()) {
            value = own.shared.gradients(own.network.assigned(batch), recipe.seed(), own.step);
            if (!Double.isFinite(value)) {
                throw diverged(own, value);
            }
            own.profiler.leader().enter(Phase.UPDATE);
            own.optimizer.step(own.schedule.learningRate(own.step));
            own.profiler.leader().leave();
        }
        own.network.parameters().growing().forEach(rows -> rows.evict(/* now= */ false));
        return value;
    }

    private Steps steps(State own, int count) {
        useThreads();
        long before = samples;
        long last = own.step + count;
        long waited = 0;
        own.loss = 0;
        long started = System.nanoTime();
        while (own.step < last) {
            BatchStream batches = batches(own);
            long waitedBefore = batches.waitedNanos();
            boolean ended = recipe.engine().asynchronous() ? round(own, batches, last) : step(own, batches);
            waited += batches.waitedNanos() - waitedBefore;
            if (ended) {
                endEpoch(own);
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        return new Steps(samples - before, seconds, waited / 1e9, own.loss / (samples - before));
    }

    /** A step, if there is a batch left; whether there is none. */
    private boolean step(State own, BatchStream batches) {
        Batch batch = batches.next();
        if (batch != null) {
            made(own, batch.size(), step(own, batch));
        }
        return batch == null;
    }

    /** Steps by replicas that do not wait for each other; whether the batches are at their end. */
    private boolean round(State own, BatchStream batches, long last) {
        try (AsynchronousReplicas replicas = own.shared.asynchronous(own.optimizer, recipe.seed())) {
            return replicas.round(new AsynchronousReplicas.Round(
                    batches,
                    own.step,
                    last - own.step,
                    own.schedule,
                    () -> false,
                    (size, loss) -> made(own, size, loss),
                    loss -> diverged(own, loss)));
        }
    }

    private void made(State own, int size, double loss) {
        own.loss += size * loss;
        own.step++;
        samples += size;
    }

    private static DivergedException diverged(State own, double loss) {
        return new DivergedException("the loss is " + loss + " at step " + (own.step + 1));
    }

    private BatchStream batches(State own) {
        BatchStream open = own.batches;
        if (open == null) {
            open = data.training(own.epoch, 0);
            own.batches = open;
        }
        return open;
    }

    private static void endEpoch(State own) {
        closeBatches(own);
        own.network.parameters().growing().forEach(rows -> rows.evict(/* now= */ true));
        own.epoch++;
    }

    private static void closeBatches(State own) {
        BatchStream open = own.batches;
        own.batches = null;
        if (open != null) {
            open.close();
        }
    }

    private State own() {
        State own = state;
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
