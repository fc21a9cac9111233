package dev.marquee.train;

import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.Group;
import dev.marquee.config.ConfigDifference;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.model.Model;
import dev.marquee.optim.Optimizer;
import dev.marquee.parallel.GradientExchange;
import dev.marquee.parallel.ReplicaRule;
import dev.marquee.parallel.Replicas;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Profiler;
import dev.marquee.profile.Track;
import dev.marquee.recipe.CheckpointConfig;
import dev.marquee.recipe.DistributedConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.TrainConfig;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Processor;
import dev.marquee.tensor.Tensors;
import dev.marquee.trained.CalibratedModel;
import dev.marquee.trained.CalibrationFile;
import dev.marquee.trained.LabelCalibration;
import dev.marquee.trained.SchemaFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One sitting of a training, from its start or its resumption to its end, as one of the members that train sees it. */
final class Training {
    /** What may differ between the processes of one training: where things lie, and how fast they are read. */
    private static final Set<String> OWN = Set.of(
            "data.path", "data.prepared_path", "data.download", "data.readers", "data.prefetch", "engine.threads");

    private final Recipe recipe;
    private final RunFolder folder;
    private final Members members;
    private final Optional<Profiling> profiling;
    private final Progress progress;

    private Training(
            Recipe recipe, RunFolder folder, Members members, Optional<Profiling> profiling, Progress progress) {
        this.recipe = recipe;
        this.folder = folder;
        this.members = members;
        this.profiling = profiling;
        this.progress = progress;
    }

    static Training of(Recipe recipe, RunFolder folder, Group group, Optional<Profiling> profiling, Progress progress) {
        Members members = new Members(group);
        return new Training(
                recipe, folder, members, members.lead() ? profiling : Optional.empty(), members.quiet(progress));
    }

    /** Trains until all epochs are done, or somebody asks to stop. */
    Run run(boolean resume) {
        PrecisionAdvice.of(recipe.engine(), Processor.detect()).ifPresent(progress::warning);
        int threads = recipe.engine().effectiveThreads();
        Engine.useThreads(recipe.model().operatorThreads(threads), threads);
        Supplier<Run> opening;
        try (Dataset data = recipe.data().open(recipe.seed(), message -> progress.notice("data", message))) {
            progress.notice("data", data.description());
            opening = train(data, threads, resume);
        } finally {
            // Replicas leave operators with one thread.
            Engine.useThreads(recipe.model().operatorThreads(threads), threads);
        }
        return opening.get();
    }

    /** Trains; returns how to open the run, when all that training needed has been given back. */
    private Supplier<Run> train(Dataset data, int threads, boolean resume) {
        if (recipe.engine().asynchronous() && profiling.isPresent()) {
            throw new IllegalArgumentException("a profile is of steps that replicas make together: set"
                    + " engine.replica_updates=together, or train without a profile");
        }
        Task task = Task.of(recipe, data.schema());
        Optional<SharedTables> planned = SharedTables.plan(recipe, data.schema(), members.group());
        Optional<SharedTables> tables = planned.filter(SharedTables::areSharded);
        try (Network network = Network.create(recipe, data.schema(), tables.map(SharedTables::sharding));
                SharedBatch shared = new SharedBatch(
                        replicas(recipe, network, members, progress),
                        task.objective(),
                        recipe.engine(),
                        members,
                        exchange(recipe, network, members),
                        tables.map(all -> all.fetch(network)).orElse(SharedTables.Fetch.NOTHING));
                Optimizer optimizer = recipe.optimizer().create(network.parameters());
                Profiler profiler =
                        profiling.isPresent() ? Profiler.on(shared.replicas()) : Profiler.off(shared.replicas())) {
            shared.useTracks(profiler.tracks());
            progress.notice("model", recipe.model().describe() + " · " + network.size());
            if (members.lead()) {
                planned.ifPresent(all -> all.describe().lines().forEach(line -> progress.notice("tables", line)));
            }
            members.requireSame(facts(data, network, shared, resume));
            TrainingLoop loop = new TrainingLoop(
                    recipe, folder, data, network, shared, task, optimizer, profiler, members, progress);
            // All that can be wrong with data, model and weights is found before anything is written.
            if (!resume) {
                initialise(network);
            }
            loop.rehearse();
            if (recipe.train().calibration() != TrainConfig.Calibration.NONE && !data.validationIsHeldOut()) {
                throw new IllegalStateException("train.calibration needs validation data that are not the test data");
            }
            if (!resume && members.lead()) {
                folder.create();
            }
            try (RunFolder.Lock lock = lock()) {
                if (resume) {
                    restore(loop, network);
                }
                if (members.lead()) {
                    describe(data, threads);
                    planned.ifPresent(all -> folder.write(folder.tables(), all.describe() + "\n"));
                }
                profiler.start();
                boolean complete = loop.run();
                if (complete) {
                    finish(loop, data, network, shared, task, profiler);
                }
                members.await();
                profiling.ifPresent(wanted -> ProfileFiles.write(wanted, profiler, folder, recipe, network, optimizer));
                if (complete && members.lead()) {
                    folder.writeReport();
                }
                OptionalLong unfinishedAt = complete
                        ? OptionalLong.empty()
                        : OptionalLong.of(loop.state().step());
                return network.subsets().isEmpty()
                        ? () -> Run.open(folder.path())
                        : () -> Run.later(folder.path(), unfinishedAt);
            }
        }
    }

    /** The replicas that a recipe asks for, or that suit it. */
    static Replicas<Model> replicas(Recipe recipe, Network network, Members members, Progress progress) {
        AsynchronousReplicas.check(recipe, network.parameters());
        boolean whole = Replicas.seesWholeBatch(network.parameters());
        int world = members.share().world();
        if (members.several() && (whole || !network.parameters().growing().isEmpty())) {
            throw new IllegalArgumentException(
                    "this network cannot be trained by " + world + " processes: with batch norm or Dice a sample's"
                            + " outcome depends on the whole batch, and the rows"
                            + " of growing tables come and go; train it with"
                            + " one");
        }
        if (members.several() && recipe.engine().asynchronous()) {
            throw new IllegalArgumentException("engine.replica_updates=asynchronous does not go with " + world
                    + " processes, which make every step together: set it to together");
        }
        if (recipe.engine().recompute() && whole) {
            throw new IllegalArgumentException("engine.recompute does not go with this network: batch norm and Dice"
                    + " would see every batch twice; set it to false");
        }
        boolean inPieces = recipe.engine().microBatch() > 0;
        if (recipe.engine().replicas() > 1 && whole && inPieces) {
            throw new IllegalArgumentException("engine.replicas="
                    + recipe.engine().replicas() + " and engine.micro_batch="
                    + recipe.engine().microBatch() + " do not go together with this network: with batch norm or Dice a"
                    + " sample's outcome depends on the whole batch; set one of them to 0");
        }
        // Not by this member's share, which may be smaller than that of others by one.
        int share = Math.max(1, recipe.data().batchSize() / world);
        int count = recipe.engine().effectiveReplicas(share, recipe.model().positions(), !whole);
        Processor processor = Processor.detect();
        boolean products = count == 1 && recipe.engine().sharesProducts(processor);
        if (count > 1) {
            progress.notice(
                    "replicas",
                    count + ", of one thread each" + (recipe.engine().asynchronous() ? ", each by itself" : ""));
        }
        Replicas<Model> replicas = network.replicas(products ? recipe.engine().effectiveThreads() : count);
        long rows = (long) share * recipe.model().positions();
        replicas.shareProducts(products, ReplicaRule.alone(network.parameters().count(), rows, processor));
        replicas.useHalves(recipe.engine().multipliesHalves(processor));
        replicas.useFused(recipe.engine().fused());
        replicas.useRecomputing(recipe.engine().recompute());
        return replicas;
    }

    /** How gradients go to the other members; null where they do not, or there are none. */
    static @Nullable GradientExchange exchange(Recipe recipe, Network network, Members members) {
        if (!members.several() || LocalSteps.wanted(recipe, members)) {
            return null;
        }
        DistributedConfig config = recipe.distributed();
        return new GradientExchange(
                members.group(),
                network.parameters(),
                config.gradientCompression() == DistributedConfig.Compression.BFLOAT16,
                config.overlap());
    }

    /** What must be the same in all processes, as far as it is known before anything is read. */
    static Map<String, String> facts(Recipe recipe) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("version of Marquee", Provenance.version());
        ConfigDifference.values(recipe).forEach((key, value) -> {
            if (!OWN.contains(key)) {
                facts.put("recipe's " + key, value);
            }
        });
        return facts;
    }

    /** What must be the same in all processes. */
    private Map<String, String> facts(Dataset data, Network network, SharedBatch shared, boolean resume) {
        Map<String, String> facts = facts(recipe);
        facts.put("version of the engine", Engine.version());
        facts.put("way to begin", resume ? "resumption of a run" : "start of a new run");
        facts.put("fingerprint of the training data", data.fingerprint());
        facts.put("number of training samples", String.valueOf(data.trainingSamples()));
        facts.put("number of replicas", String.valueOf(shared.replicas()));
        Map<String, Tensor> same = new LinkedHashMap<>(network.parameters().state());
        same.keySet().removeAll(network.subsets().keySet());
        same.forEach((name, tensor) -> facts.put("shape of " + name, Arrays.toString(Tensors.shape(tensor))));
        network.subsets().forEach((name, rows) -> facts.put("rows of " + name, String.valueOf(rows.end())));
        facts.put(
                "list of parameters",
                network.parameters().state().keySet().stream().collect(Collectors.joining(", ")));
        return facts;
    }

    private void initialise(Network network) {
        loadFirst(network);
        members.spread(
                "the initial weights",
                network.parameters().state(),
                network.subsets().keySet());
    }

    /** The weights that a run starts from; where members share tables, each reads its rows. */
    private void loadFirst(Network network) {
        if (members.lead() || !network.subsets().isEmpty()) {
            recipe.model().initFrom().ifPresent(file -> network.load(Path.of(file)));
        }
    }

    private RunFolder.@Nullable Lock lock() {
        return members.lead() ? folder.lock() : null;
    }

    private void describe(Dataset data, int threads) {
        folder.write(folder.recipe(), recipe.toYaml());
        data.schema().ifPresent(schema -> SchemaFile.write(folder.schema(), schema));
        if (!Files.exists(folder.provenance())) {
            folder.writeJson(
                    folder.provenance(),
                    Provenance.of(
                            recipe,
                            data.description(),
                            data.fingerprint(),
                            threads,
                            members.share().world()));
        }
    }

    /** The leader reads what is there, and the others learn from it; where members share tables, each reads its rows. */
    private void restore(TrainingLoop loop, Network network) {
        if (members.lead() || !network.subsets().isEmpty()) {
            restoreLatest(loop, network);
        }
        loop.spread();
        if (!members.lead()) {
            return;
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

    private void restoreLatest(TrainingLoop loop, Network network) {
        Optional<Safetensors> latest = loop.latest();
        if (latest.isEmpty()) {
            if (members.lead()) {
                progress.warning("no whole checkpoint in " + folder.checkpoints() + ": starting from the beginning");
            }
            // Only now: a run with a checkpoint goes on without the file that it once started from.
            loadFirst(network);
        } else {
            try (Safetensors checkpoint = latest.get()) {
                loop.restore(checkpoint);
            }
        }
    }

    private void finish(
            TrainingLoop loop, Dataset data, Network network, SharedBatch shared, Task task, Profiler profiler) {
        boolean wanted = recipe.checkpoint().select() == CheckpointConfig.Select.BEST;
        boolean best = wanted && loop.state().bestStep() > 0;
        if (best) {
            loop.loadBest();
        } else if (wanted && members.lead()) {
            progress.warning(
                    "no epoch could be compared with the others: the run ends with the weights of the last step");
        }
        if (!members.lead()) {
            // The leader measures what all compute.
            if (recipe.train().calibration() != TrainConfig.Calibration.NONE) {
                assist(shared, data.validation());
            }
            if (!network.subsets().isEmpty()) {
                new SharedWeights(members.group(), network).send();
            }
            assist(shared, data.test());
            return;
        }
        // Before the weights: where these are, the calibration that belongs to them is too.
        Track track = profiler.leader();
        track.enter(Phase.METRICS);
        Model model = calibrate(data, shared.model(), task);
        track.leave();
        profiler.mark();
        track.enter(Phase.SAVING);
        try {
            Map<String, String> metadata = Map.of("format", "pt");
            AtomicFile.write(folder.weights(), temporary -> {
                if (network.subsets().isEmpty()) {
                    Safetensors.write(temporary, network.parameters().state(), metadata);
                } else {
                    new SharedWeights(members.group(), network).write(temporary, metadata);
                }
            });
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

    private static void assist(SharedBatch shared, BatchStream batches) {
        try (batches) {
            Evaluator.assist(shared.model(), batches);
        }
    }

    private Model calibrate(Dataset data, Model model, Task task) {
        TrainConfig.Calibration method = recipe.train().calibration();
        if (method == TrainConfig.Calibration.NONE) {
            folder.delete(folder.calibration());
            return model;
        }
        try (BatchStream batches = data.validation()) {
            List<LabelCalibration> labels =
                    CalibrationFit.fit(method, task.labels(), model, batches, ClickEvaluation.EXACT_ROWS, progress);
            folder.writeJson(folder.calibration(), CalibrationFile.json(labels));
            return CalibratedModel.of(model, labels);
        }
    }
}
