package dev.marquee.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.nn.Mode;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.Schedule;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Profiler;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The epochs of one run: forward, loss, backward, step; validation, metrics and checkpoints between. */
final class TrainingLoop {
    private final Recipe recipe;
    private final RunFolder folder;
    private final Dataset data;
    private final Network network;
    private final SharedBatch shared;
    private final Task task;
    private final Optimizer optimizer;
    private final Schedule schedule;
    private final TrainingCheckpoints checkpoints;
    private final Profiler profiler;
    private final Members members;
    private final Progress progress;
    private final @Nullable LocalSteps local;
    private TrainingState state;
    private long sittingStarted = System.nanoTime();
    private long savingNanos;
    private @Nullable EventFile events;

    TrainingLoop(
            Recipe recipe,
            RunFolder folder,
            Dataset data,
            Network network,
            SharedBatch shared,
            Task task,
            Optimizer optimizer,
            Profiler profiler,
            Members members,
            Progress progress) {
        this.recipe = recipe;
        this.folder = folder;
        this.data = data;
        this.network = network;
        this.shared = shared;
        this.task = task;
        this.optimizer = optimizer;
        int batchSize = recipe.data().batchSize();
        long batches = (data.trainingSamples() + batchSize - 1) / batchSize;
        this.schedule =
                recipe.schedule().create(rate(recipe), batches, recipe.train().epochs());
        this.checkpoints =
                new TrainingCheckpoints(folder, recipe.checkpoint().keep(), data, network, optimizer, members);
        this.profiler = profiler;
        this.members = members;
        this.progress = progress;
        this.local = LocalSteps.of(recipe, members, network, optimizer);
        this.state = TrainingState.start(data.fingerprint());
    }

    /** The learning rate for the recipe's size of a batch, which the schedule changes. */
    static double rate(Recipe recipe) {
        return recipe.schedule()
                .scaled(recipe.optimizer().learningRate(), recipe.data().batchSize());
    }

    TrainingState state() {
        return state;
    }

    boolean finished() {
        return state.epoch() > recipe.train().epochs() || stoppedEarly();
    }

    /** Whether the last epochs brought nothing better. */
    boolean stoppedEarly() {
        int done = state.epoch() - 1;
        return recipe.train()
                .patience()
                .filter(patience -> state.bestEpoch() > 0 && done - state.bestEpoch() >= patience)
                .isPresent();
    }

    /**
     * Computes the loss of the first batch, to find out whether data, model and loss fit together. Changes nothing.
     *
     * @throws IllegalArgumentException when they do not
     */
    void rehearse() {
        try (BatchStream batches = data.training(1, 0, members.share());
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Batch batch = batches.next();
            if (batch != null) {
                shared.fetch(batch);
            }
            if (batch != null && batch.size() > 0) {
                double value = task.objective()
                        .of(network.model().forward(batch, Mode.EVALUATION), batch)
                        .item_float();
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException("the loss is " + value + " before the first step: "
                            + recipe.model()
                                    .initFrom()
                                    .map(file -> "the weights in " + file + " are not all finite, or far too large")
                                    .orElse("the initial weights do not suit the data"));
                }
            }
        }
    }

    /**
     * Goes back to where a checkpoint was taken.
     *
     * @throws IllegalArgumentException when it does not fit the recipe or the data
     */
    void restore(Safetensors checkpoint) {
        state = checkpoints.restore(checkpoint);
        schedule.load(state.schedule());
    }

    /** Reads the latest checkpoint that is whole, to be closed; see {@link TrainingCheckpoints#latest}. */
    Optional<Safetensors> latest() {
        return checkpoints.latest(members.lead() ? progress::warning : message -> {});
    }

    /** Lets all members go on from where the leader is. */
    void spread() {
        if (members.several()) {
            state = TrainingState.parse(members.textOfLeader(state::toJson));
            schedule.load(state.schedule());
            spreadWeights("the weights");
            members.spread(
                    "what the optimiser remembers",
                    optimizer.state(),
                    optimizer.subsets().keySet());
        }
    }

    /**
     * Trains until the last epoch is done or the progress asks to stop. Either way the last thing done is to save.
     *
     * @return whether all epochs are done
     */
    boolean run() {
        sittingStarted = System.nanoTime();
        if (state.step() == 0) {
            save();
        }
        while (!finished()) {
            if (!epoch()) {
                save();
                return false;
            }
        }
        return true;
    }

    private boolean epoch() {
        long started = System.nanoTime();
        long waitedNanos;
        long seenBefore = state.samples();
        int epoch = state.epoch();
        savingNanos = 0;
        progress.epochStarted(epoch, seenBefore, data.trainingSamples());
        int everySteps = recipe.checkpoint().everySteps();
        try (BatchStream batches = data.training(epoch, state.batch(), members.share())) {
            if (recipe.engine().asynchronous() && !asynchronousSteps(batches, started)) {
                return false;
            }
            for (Batch batch = next(batches); batch != null; batch = next(batches)) {
                int size = size(recipe, data, state.batch());
                boolean stop = step(batch, size);
                double elapsed = System.nanoTime() - started;
                progress.step(size, state.meanLoss(), batches.waitedNanos() / elapsed);
                boolean last = state.samples() >= data.trainingSamples();
                boolean saves = everySteps > 0 && state.step() % everySteps == 0;
                LocalSteps alone = local;
                if (alone != null) {
                    LocalSteps.Met met = alone.due(state.batch(), last) ? alone.meet(progress.stopRequested()) : null;
                    state = state.corrected(met == null ? 0 : met.lossSum());
                    stop = met != null && met.stop();
                    saves = met != null && alone.passed(state.step(), everySteps);
                }
                if (!last && (members.several() ? stop : progress.stopRequested())) {
                    return false;
                }
                if (!last && saves) {
                    save();
                }
            }
            waitedNanos = batches.waitedNanos();
        }
        endEpoch(state.samples() - seenBefore, System.nanoTime() - started, waitedNanos);
        return finished() || !members.any(progress.stopRequested());
    }

    /** How many samples a batch of the epoch has, over all members. */
    static int size(Recipe recipe, Dataset data, int batch) {
        int most = recipe.data().batchSize();
        return (int) Math.min(most, data.trainingSamples() - (long) batch * most);
    }

    /** All steps that are left of the epoch, by replicas that do not wait for each other; false when asked to stop. */
    private boolean asynchronousSteps(BatchStream batches, long started) {
        int every = recipe.checkpoint().everySteps();
        try (AsynchronousReplicas replicas = shared.asynchronous(optimizer, recipe.seed())) {
            while (true) {
                boolean ended = replicas.round(new AsynchronousReplicas.Round(
                        batches,
                        state.step(),
                        every > 0 ? every - state.step() % every : Long.MAX_VALUE,
                        schedule,
                        progress::stopRequested,
                        (size, value) -> {
                            made(size, value);
                            double elapsed = System.nanoTime() - started;
                            progress.step(size, state.meanLoss(), batches.waitedNanos() / elapsed);
                        },
                        this::diverged));
                if (ended || state.samples() >= data.trainingSamples()) {
                    return true;
                }
                if (progress.stopRequested()) {
                    return false;
                }
                save();
            }
        }
    }

    private @Nullable Batch next(BatchStream batches) {
        profiler.leader().enter(Phase.WAITING);
        Batch batch = batches.next();
        profiler.leader().leave();
        return batch;
    }

    /**
     * Makes a step.
     *
     * @param batch this member's share of it
     * @param size how many samples the whole batch has
     * @return whether a member had asked to stop before; false where there is one only
     */
    private boolean step(Batch batch, int size) {
        double value;
        boolean stop;
        profiler.stepStarted();
        try (Scope scope = Scope.open()) {
            SharedBatch.Outcome outcome = shared.gradients(
                    network.assigned(batch),
                    size,
                    recipe.seed(),
                    state.step(),
                    members.several() && progress.stopRequested());
            value = outcome.loss();
            stop = outcome.stop();
            if (!Double.isFinite(value)) {
                throw diverged(value);
            }
            profiler.leader().enter(Phase.UPDATE);
            optimizer.step(schedule.learningRate(state.step()));
            profiler.leader().leave();
        }
        evict(/* now= */ false);
        if (local != null) {
            local.made(value, batch.size() == 0 ? 0 : task.objective().divisor(batch), batch.size(), size);
        }
        made(size, value);
        profiler.stepEnded(state.step(), state.epoch(), batch.size(), value);
        return stop;
    }

    private void made(int size, double value) {
        state = state.afterBatch(value, size);
        int every = recipe.train().logEverySteps();
        if (every > 0 && state.step() % every == 0 && members.lead()) {
            ObjectNode line = folder.newObject();
            line.put("step", state.step()).put("epoch", state.epoch()).put("loss", value);
            line.put("learning_rate", schedule.learningRate(state.step() - 1));
            append(line);
        }
    }

    private void evict(boolean now) {
        network.parameters().growing().forEach(rows -> rows.evict(now));
    }

    private void endEpoch(long samples, long nanos, long waitedNanos) {
        double samplesPerSecond = samples / (nanos / 1e9);
        int epoch = state.epoch();
        double trainingLoss = state.meanLoss();
        evict(/* now= */ true);
        long evaluationStarted = System.nanoTime();
        profiler.leader().enter(Phase.METRICS);
        Map<String, Double> validation = validation();
        profiler.leader().leave();
        double evaluating = (System.nanoTime() - evaluationStarted) / 1e9;
        OptionalDouble cost = task.cost(recipe.checkpoint().metric(), validation);
        if (cost.isEmpty() && !validation.isEmpty() && members.lead()) {
            progress.warning("epoch " + epoch + " cannot be compared: the validation samples have no "
                    + recipe.checkpoint().metric().name().toLowerCase(Locale.ROOT)
                    + "; do they hold both classes, and does checkpoint.metric suit them?");
        }
        boolean best = cost.orElse(Double.POSITIVE_INFINITY) < state.bestCost();
        if (best) {
            state = state.withBest(state.step(), epoch, cost.getAsDouble());
        }
        if (validation.containsKey("loss")) {
            schedule.observe(validation.get("loss"));
        }
        state = state.afterEpoch();
        if (!members.lead()) {
            save();
            return;
        }
        ObjectNode line = folder.newObject();
        line.put("step", state.step()).put("epoch", epoch).put("training_loss", trainingLoss);
        validation.forEach((name, value) -> line.put("validation_" + name, value));
        network.parameters().growing().forEach(rows -> line.put("growing_rows", rows.inUse()));
        line.put("samples_per_second", samplesPerSecond);
        line.put("seconds_training", (nanos - waitedNanos - savingNanos) / 1e9);
        line.put("seconds_waiting", waitedNanos / 1e9);
        line.put("seconds_evaluating", evaluating);
        line.put("seconds_saving", savingNanos / 1e9);
        append(line);
        save();
        progress.epochEnded(new Progress.EpochResult(
                epoch, trainingLoss, validation, data.validationIsHeldOut(), best, samplesPerSecond));
    }

    /** All members compute, the leader measures, and its figures decide. */
    private Map<String, Double> validation() {
        try (BatchStream batches = data.validation()) {
            if (!members.lead()) {
                Evaluator.assist(shared.model(), batches);
            }
            return members.ofLeader(() -> task.evaluate(shared.model(), batches, task.evaluation()));
        }
    }

    private void append(ObjectNode line) {
        folder.appendMetrics(line);
        if (recipe.train().tensorboard()) {
            if (events == null) {
                events = EventFile.open(folder.path(), state.step());
            }
            events.append(line);
        }
    }

    private void save() {
        profiler.mark();
        profiler.leader().enter(Phase.SAVING);
        write();
        profiler.leader().leave();
        profiler.mark();
    }

    private void write() {
        long now = System.nanoTime();
        state = state.with(schedule.state(), state.seconds() + (now - sittingStarted) / 1e9);
        sittingStarted = now;
        shared.forget();
        checkpoints.save(state);
        savingNanos += System.nanoTime() - now;
    }

    /** Loads the weights of the best checkpoint, if another one than the last was better. */
    void loadBest() {
        if (members.lead() || !network.subsets().isEmpty()) {
            checkpoints.loadBest(state.bestStep());
        }
        spreadWeights("the best weights");
    }

    private void spreadWeights(String what) {
        members.spread(what, network.parameters().state(), network.subsets().keySet());
    }

    private DivergedException diverged(double value) {
        return new DivergedException("the loss is " + value + " at step " + (state.step() + 1) + " (epoch "
                + state.epoch() + "): training stopped before that step changed the weights; the checkpoints in "
                + folder.checkpoints() + " are from before. Try a smaller optimizer.learning_rate, or"
                + " optimizer.clip_norm=1");
    }
}
