package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.Schedule;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Profiler;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Scope;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a {@link Trial} has in memory, and its steps; used on the trial's thread. */
final class TrialSteps implements AutoCloseable {
    final Network network;
    final SharedBatch shared;
    final Optimizer optimizer;
    final Task task;
    final int replicas;
    Profiler profiler;

    private final Recipe recipe;
    private final Dataset data;
    private final Members members;
    private final Schedule schedule;
    private @Nullable BatchStream open;
    private int epoch = 1;
    private int batch;
    private long step;
    private long samples;
    private double loss;

    TrialSteps(
            Recipe recipe,
            Dataset data,
            Members members,
            Network network,
            SharedBatch shared,
            Optimizer optimizer,
            Schedule schedule,
            Task task,
            int replicas) {
        this.recipe = recipe;
        this.data = data;
        this.members = members;
        this.network = network;
        this.shared = shared;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.task = task;
        this.replicas = replicas;
        this.profiler = Profiler.off(replicas);
    }

    /** How many samples all members have learnt from. */
    long samples() {
        return samples;
    }

    /** Bytes of weights, and of what the optimiser remembers. */
    long bytes() {
        try (Scope scope = Scope.open()) {
            return Stream.of(network.parameters().state(), optimizer.state())
                    .flatMap(state -> state.values().stream())
                    .mapToLong(Tensor::nbytes)
                    .sum();
        }
    }

    Trial.Steps steps(int count) {
        long before = samples;
        long last = step + count;
        long waited = 0;
        loss = 0;
        long started = System.nanoTime();
        while (step < last) {
            BatchStream batches = batches();
            long waitedBefore = batches.waitedNanos();
            boolean ended = recipe.engine().asynchronous() ? round(batches, last) : step(batches);
            waited += batches.waitedNanos() - waitedBefore;
            if (ended) {
                endEpoch();
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        return new Trial.Steps(samples - before, seconds, waited / 1e9, loss / (samples - before));
    }

    /** A step, if there is a batch left; whether there is none. */
    private boolean step(BatchStream batches) {
        Batch next = batches.next();
        if (next != null) {
            int size = TrainingLoop.size(recipe, data, batch++);
            made(size, step(next, size));
        }
        return next == null;
    }

    private double step(Batch own, int size) {
        double value;
        try (Scope scope = Scope.open()) {
            value = shared.gradients(network.assigned(own), size, recipe.seed(), step, /* stop= */ false)
                    .loss();
            if (!Double.isFinite(value)) {
                throw diverged(value);
            }
            profiler.leader().enter(Phase.UPDATE);
            optimizer.step(schedule.learningRate(step));
            profiler.leader().leave();
        }
        network.parameters().growing().forEach(rows -> rows.evict(/* now= */ false));
        return value;
    }

    /** Steps by replicas that do not wait for each other; whether the batches are at their end. */
    private boolean round(BatchStream batches, long last) {
        try (AsynchronousReplicas asynchronous = shared.asynchronous(optimizer, recipe.seed())) {
            return asynchronous.round(new AsynchronousReplicas.Round(
                    batches, step, last - step, schedule, () -> false, this::made, this::diverged));
        }
    }

    private void made(int size, double mean) {
        loss += size * mean;
        step++;
        samples += size;
    }

    private DivergedException diverged(double value) {
        return new DivergedException("the loss is " + value + " at step " + (step + 1));
    }

    private BatchStream batches() {
        BatchStream batches = open;
        if (batches == null) {
            batches = data.training(epoch, 0, members.share());
            batch = 0;
            open = batches;
        }
        return batches;
    }

    private void endEpoch() {
        closeBatches();
        network.parameters().growing().forEach(rows -> rows.evict(/* now= */ true));
        epoch++;
    }

    private void closeBatches() {
        BatchStream batches = open;
        open = null;
        if (batches != null) {
            batches.close();
        }
    }

    @Override
    public void close() {
        closeBatches();
        optimizer.close();
        shared.close();
        network.close();
    }
}
