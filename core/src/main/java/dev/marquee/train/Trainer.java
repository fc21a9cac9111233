package dev.marquee.train;

import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.checkpoint.CheckpointStore;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.config.ConfigDifference;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.model.Model;
import dev.marquee.optim.Optimizer;
import dev.marquee.parallel.Replicas;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Profiler;
import dev.marquee.profile.Track;
import dev.marquee.recipe.CheckpointConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.TrainConfig;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Processor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Trains the model of a recipe into a run folder, and goes on with trainings that were cut off. */
public final class Trainer {
    /** What may differ when a run is resumed: nothing that decides the numbers of the steps already made. */
    private static final Set<String> MAY_CHANGE = Set.of(
            "description",
            "train.epochs",
            "train.patience",
            "train.log_every_steps",
            "train.tensorboard",
            "train.calibration",
            "data.path",
            "data.prepared_path",
            "data.download",
            "data.readers",
            "data.prefetch",
            "checkpoint.every_steps",
            "checkpoint.keep",
            "checkpoint.select",
            "engine.threads",
            "engine.replicas",
            "engine.replica_updates",
            "engine.micro_batch",
            "engine.recompute",
            "engine.fused");

    private Trainer() {}

    /**
     * Trains a recipe from the start.
     *
     * @param recipe what to train
     * @param folder where the run is kept; must not exist or be empty
     * @param progress told how it goes
     * @return the finished run, or the interrupted one when the progress asked to stop; close it
     * @throws IllegalStateException when the folder holds something, or another training writes to it
     * @throws DivergedException when the loss is not a finite number any more
     */
    public static Run train(Recipe recipe, Path folder, Progress progress) {
        return train(recipe, folder, Optional.empty(), progress);
    }

    /**
     * Trains a recipe from the start, and tells where the time goes.
     *
     * @param recipe what to train
     * @param folder where the run is kept; must not exist or be empty
     * @param profiling whether to write {@code profile.json} and {@code trace.json} too
     * @param progress told how it goes
     * @return as {@link #train(Recipe, Path, Progress)}
     */
    public static Run train(Recipe recipe, Path folder, Optional<Profiling> profiling, Progress progress) {
        RunFolder run = new RunFolder(folder);
        run.requireFree();
        return train(recipe, run, false, profiling, progress);
    }

    /**
     * Goes on with a run where its latest whole checkpoint was taken. The result is bit for bit that of a run that was
     * never cut off, on the same machine and number of threads.
     *
     * @param folder holds a run
     * @param progress told how it goes
     * @return the run; close it
     * @throws IllegalStateException when the folder holds no run, or another training writes to it
     */
    public static Run resume(Path folder, Progress progress) {
        return resume(Run.recipe(folder), folder, progress);
    }

    /**
     * Goes on with a run, with changes that do not concern the steps already made: more epochs, other checkpoints.
     *
     * @param recipe the run's recipe, changed
     * @param folder holds a run
     * @param progress told how it goes
     * @return the run; close it
     * @throws IllegalStateException when the folder holds no run, or another training writes to it
     * @throws IllegalArgumentException when the recipe differs in what must not change, listing the keys
     */
    public static Run resume(Recipe recipe, Path folder, Progress progress) {
        return resume(recipe, folder, Optional.empty(), progress);
    }

    /**
     * Goes on with a run, with changes that do not concern the steps already made, and tells where the time goes from here
     * on.
     *
     * @param recipe the run's recipe, changed
     * @param folder holds a run
     * @param profiling whether to write {@code profile.json} and {@code trace.json} too
     * @param progress told how it goes
     * @return as {@link #resume(Recipe, Path, Progress)}
     */
    public static Run resume(Recipe recipe, Path folder, Optional<Profiling> profiling, Progress progress) {
        RunFolder run = new RunFolder(folder);
        Recipe before = Run.recipe(folder);
        List<String> differences = ConfigDifference.between(before, recipe).stream()
                .filter(difference -> !MAY_CHANGE.contains(difference.key()))
                .map(difference ->
                        "\n  " + difference.key() + "   was " + difference.before() + ", is now " + difference.after())
                .toList();
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException("the run in " + folder + " cannot go on with another recipe:"
                    + String.join("", differences) + "\nTake the changes back, or start a new run with --out");
        }
        return train(recipe, run, true, profiling, progress);
    }

    private static Run train(
            Recipe recipe, RunFolder folder, boolean resume, Optional<Profiling> profiling, Progress progress) {
        PrecisionAdvice.of(recipe.engine(), Processor.detect()).ifPresent(progress::warning);
        int threads = recipe.engine().effectiveThreads();
        Engine.useThreads(recipe.model().operatorThreads(threads), threads);
        try (Dataset data = recipe.data().open(recipe.seed(), message -> progress.notice("data", message))) {
            progress.notice("data", data.description());
            train(recipe, folder, data, threads, resume, profiling, progress);
        } finally {
            // Replicas leave operators with one thread.
            Engine.useThreads(recipe.model().operatorThreads(threads), threads);
        }
        return Run.open(folder.path());
    }

    private static void train(
            Recipe recipe,
            RunFolder folder,
            Dataset data,
            int threads,
            boolean resume,
            Optional<Profiling> profiling,
            Progress progress) {
        if (recipe.engine().asynchronous() && profiling.isPresent()) {
            throw new IllegalArgumentException("a profile is of steps that replicas make together: set"
                    + " engine.replica_updates=together, or train without a profile");
        }
        Task task = Task.of(recipe, data.schema());
        try (Network network = Network.create(recipe, data.schema());
                SharedBatch shared =
                        new SharedBatch(replicas(recipe, network, progress), task.objective(), recipe.engine());
                Optimizer optimizer = recipe.optimizer().create(network.parameters());
                Profiler profiler =
                        profiling.isPresent() ? Profiler.on(shared.replicas()) : Profiler.off(shared.replicas())) {
            shared.useTracks(profiler.tracks());
            progress.notice("model", recipe.model().describe() + " · " + network.size());
            TrainingLoop loop =
                    new TrainingLoop(recipe, folder, data, network, shared, task, optimizer, profiler, progress);
            // All that can be wrong with data, model and weights is found before anything is written.
            if (!resume) {
                recipe.model().initFrom().ifPresent(file -> network.load(Path.of(file)));
            }
            loop.rehearse();
            if (recipe.train().calibration() != TrainConfig.Calibration.NONE && !data.validationIsHeldOut()) {
                throw new IllegalStateException("train.calibration needs validation data that are not the test data");
            }
            if (!resume) {
                folder.create();
            }
            try (RunFolder.Lock lock = folder.lock()) {
                if (resume) {
                    restore(loop, recipe, folder, network, progress);
                }
                folder.write(folder.recipe(), recipe.toYaml());
                data.schema().ifPresent(schema -> SchemaFile.write(folder.schema(), schema));
                if (!Files.exists(folder.provenance())) {
                    folder.writeJson(
                            folder.provenance(),
                            Provenance.of(recipe, data.description(), data.fingerprint(), threads));
                }
                profiler.start();
                boolean complete = loop.run();
                if (complete) {
                    finish(loop, recipe, folder, data, network, shared, task, profiler, progress);
                }
                profiling.ifPresent(wanted -> ProfileFiles.write(wanted, profiler, folder, recipe, network, optimizer));
                if (complete) {
                    folder.writeReport();
                }
            }
        }
    }

    /** The replicas that a recipe asks for, or that suit it. */
    static Replicas<Model> replicas(Recipe recipe, Network network, Progress progress) {
        AsynchronousReplicas.check(recipe, network.parameters());
        boolean possible = Replicas.possible(network.parameters());
        if (recipe.engine().recompute() && !possible) {
            throw new IllegalArgumentException("engine.recompute does not go with this network: batch norm and Dice"
                    + " would see every batch twice; set it to false");
        }
        if (recipe.engine().replicas() > 1 && !possible) {
            throw new IllegalArgumentException(
                    "engine.replicas=" + recipe.engine().replicas() + " does not go with this"
                            + " network: with batch norm or Dice a sample's outcome depends on the whole batch; set"
                            + " engine.replicas to 0 or 1");
        }
        int count = recipe.replicas(possible);
        boolean products = count == 1 && possible && recipe.engine().sharesProducts();
        if (count > 1) {
            progress.notice(
                    "replicas",
                    count + ", of one thread each" + (recipe.engine().asynchronous() ? ", each by itself" : ""));
        }
        Replicas<Model> replicas =
                network.replicas(products ? recipe.engine().effectiveThreads() : count);
        replicas.shareProducts(products);
        replicas.useFused(recipe.engine().fused());
        replicas.useRecomputing(recipe.engine().recompute());
        return replicas;
    }

    private static void restore(
            TrainingLoop loop, Recipe recipe, RunFolder folder, Network network, Progress progress) {
        CheckpointStore checkpoints =
                new CheckpointStore(folder.checkpoints(), recipe.checkpoint().keep());
        try {
            Optional<Safetensors> latest = checkpoints.latest(progress::warning);
            if (latest.isEmpty()) {
                progress.warning("no whole checkpoint in " + folder.checkpoints() + ": starting from the beginning");
                // Only now: a run with a checkpoint goes on without the file that it once started from.
                recipe.model().initFrom().ifPresent(file -> network.load(Path.of(file)));
            } else {
                try (Safetensors checkpoint = latest.get()) {
                    loop.restore(checkpoint);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the checkpoints in " + folder.checkpoints() + ": " + RunFolder.reason(e), e);
        }
        folder.truncateMetrics(loop.state().step());
        if (loop.finished()) {
            progress.notice(
                    "resume",
                    loop.stoppedEarly()
                            ? "the last epochs brought nothing better; raise train.patience to go on"
                            : "all " + recipe.train().epochs() + " epochs are done; raise train.epochs to go on");
        } else {
            folder.reopen();
            progress.notice(
                    "resume",
                    "from step " + loop.state().step() + ", epoch "
                            + loop.state().epoch());
        }
    }

    private static void finish(
            TrainingLoop loop,
            Recipe recipe,
            RunFolder folder,
            Dataset data,
            Network network,
            SharedBatch shared,
            Task task,
            Profiler profiler,
            Progress progress) {
        boolean wanted = recipe.checkpoint().select() == CheckpointConfig.Select.BEST;
        boolean best = wanted && loop.state().bestStep() > 0;
        if (best) {
            loop.loadBest();
        } else if (wanted) {
            progress.warning(
                    "no epoch could be compared with the others: the run ends with the weights of the last step");
        }
        // Before the weights: where these are, the calibration that belongs to them is too.
        Track track = profiler.leader();
        track.enter(Phase.METRICS);
        Model model = calibrate(recipe, folder, data, shared.model(), task, progress);
        track.leave();
        profiler.mark();
        track.enter(Phase.SAVING);
        try {
            AtomicFile.write(
                    folder.weights(),
                    temporary ->
                            Safetensors.write(temporary, network.parameters().state(), Map.of("format", "pt")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder.weights() + ": " + RunFolder.reason(e), e);
        }
        track.leave();
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("epochs", loop.state().epoch() - 1);
        summary.put("steps", loop.state().step());
        summary.put(
                "weights_of_step", best ? loop.state().bestStep() : loop.state().step());
        summary.put("seconds", loop.state().seconds());
        summary.put("parameters", network.parameters().count());
        summary.put("embedding_parameters", network.parameters().embeddingCount());
        track.enter(Phase.METRICS);
        Evaluation evaluation = task.evaluation();
        try (BatchStream batches = data.test()) {
            Map<String, Double> metrics = task.evaluate(model, batches, evaluation);
            summary.put("test", metrics);
            folder.writeJson(folder.evaluation(), evaluation.measured(metrics));
        }
        recipe.data().testTruth().ifPresent(truth -> summary.put("reachable", Reachable.of(truth, task.labels())));
        track.leave();
        folder.writeJson(folder.summary(), summary);
    }

    private static Model calibrate(
            Recipe recipe, RunFolder folder, Dataset data, Model model, Task task, Progress progress) {
        TrainConfig.Calibration method = recipe.train().calibration();
        if (method == TrainConfig.Calibration.NONE) {
            folder.delete(folder.calibration());
            return model;
        }
        try (BatchStream batches = data.validation()) {
            List<LabelCalibration> labels =
                    LabelCalibration.fit(method, task.labels(), model, batches, ClickEvaluation.EXACT_ROWS, progress);
            folder.writeJson(folder.calibration(), CalibrationFile.json(labels));
            return CalibratedModel.of(model, labels);
        }
    }
}
