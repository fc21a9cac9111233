package dev.marquee.accelerate;

import static dev.marquee.accelerate.Technique.Effect.QUALITY;
import static dev.marquee.accelerate.Technique.Effect.ROUNDING;

import dev.marquee.config.Faults;
import dev.marquee.data.ClickLogConfig;
import dev.marquee.data.PictureDataConfig;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.optim.ScheduleConfig;
import dev.marquee.optim.SparseOptimizerConfig;
import dev.marquee.recipe.Recipe;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The techniques that are tried. A new one is an entry of {@link #ALL}. */
public final class Techniques {
    /** Below this share of the time, data that come sooner cannot be seen in the speed. */
    private static final double WAITING = 0.02;
    /** An epoch of fewer steps is no training. */
    private static final int FEWEST_STEPS = 20;

    private static final int SMALLEST_PIECE = 32;
    private static final int PIECES = 4;
    /** A sum of squares starts at the first gradient, so its steps shrink at once. */
    private static final double ADAGRAD_FACTOR = 10;

    /** What every technique is measured against: one thread, one replica, float32, nothing fused. */
    public static final Map<String, Object> BASELINE = baseline();

    /** The techniques in the order of reports. */
    public static final List<Technique> ALL = List.of(
            new Technique(
                    "fused layers",
                    "Perceptrons and attention are computed by few large operators, with gradients of their own.",
                    ROUNDING,
                    situation -> Proposal.set("engine.fused", true)),
            new Technique(
                    "threads inside operators",
                    "Every operator is divided among the cores: pays where operators are large.",
                    ROUNDING,
                    Techniques::operatorThreads),
            new Technique(
                    "replica threads",
                    "Every core computes its share of each batch from the same weights, and gradients are summed.",
                    ROUNDING,
                    Techniques::replicaThreads),
            new Technique(
                    "smaller pieces",
                    "A batch is computed in pieces whose gradients add up: pays where activations outgrow the cache.",
                    ROUNDING,
                    Techniques::pieces),
            new Technique(
                    "recomputed activations",
                    "Layers compute their activations once more going backward: less memory, and more work where it fits.",
                    ROUNDING,
                    situation -> situation.apart()
                            ? Proposal.set("engine.recompute", true)
                            : Proposal.refused("batch norm and Dice would see every batch twice")),
            new Technique(
                    "asynchronous replicas",
                    "Every core learns from batches of its own and waits for none: no two trainings are alike.",
                    QUALITY,
                    Techniques::asynchronous),
            new Technique(
                    "bfloat16",
                    "Matrix products take half of the bits; weights and sums stay float32.",
                    QUALITY,
                    Techniques::bfloat16),
            batch(2),
            batch(4),
            new Technique(
                    "row-wise Adagrad",
                    "Embedding tables remember one number a row instead of two for each value: less memory to go through.",
                    QUALITY,
                    Techniques::rowwise),
            new Technique(
                    "batches further ahead",
                    "More batches wait in memory, and pictures are read by two threads: pays where training waits.",
                    ROUNDING,
                    Techniques::ahead),
            new Technique(
                    "prepared rows",
                    "Rows are encoded once and kept, instead of read and encoded in every epoch.",
                    QUALITY, // the order of the rows is another one
                    Techniques::prepared));

    private Techniques() {}

    private static Map<String, Object> baseline() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("engine.threads", 1);
        settings.put("engine.replicas", 1);
        settings.put("engine.micro_batch", 0);
        settings.put("engine.fused", false);
        settings.put("engine.precision", "float32");
        settings.put("engine.recompute", false);
        settings.put("engine.replica_updates", "together");
        return Map.copyOf(settings);
    }

    private static Proposal operatorThreads(Situation situation) {
        return situation.cores() == 1
                ? Proposal.refused("there is one core")
                : Proposal.set(Map.of("engine.threads", situation.cores(), "engine.replicas", 1));
    }

    private static Proposal replicaThreads(Situation situation) {
        if (situation.cores() == 1) {
            return Proposal.refused("there is one core");
        }
        int batch = situation.recipe().data().batchSize();
        int replicas = Math.min(situation.cores(), batch);
        return replicas == 1
                ? Proposal.refused("a batch of one sample has no shares")
                : Proposal.set(Map.of("engine.threads", situation.cores(), "engine.replicas", replicas));
    }

    private static Proposal pieces(Situation situation) {
        if (!situation.apart()) {
            return Proposal.refused("with batch norm or Dice a sample's outcome depends on the whole batch");
        }
        int piece = situation.recipe().data().batchSize() / PIECES;
        return piece < SMALLEST_PIECE
                ? Proposal.refused("the batches are small already")
                : Proposal.set("engine.micro_batch", piece);
    }

    private static Proposal asynchronous(Situation situation) {
        if (situation.cores() == 1) {
            return Proposal.refused("there is one core");
        }
        if (!situation.apart()) {
            return Proposal.refused("batch norm and Dice keep statistics that every batch changes");
        }
        Faults faults = new Faults();
        situation.recipe().optimizer().checkLostChanges(faults, situation.tables());
        if (!faults.isEmpty()) {
            return Proposal.refused(faults.list().stream()
                    .map(fault -> "optimizer." + fault.key() + " " + fault.message())
                    .collect(Collectors.joining("; ")));
        }
        return Proposal.set(Map.of(
                "engine.threads",
                situation.cores(),
                "engine.replicas",
                situation.cores(),
                "engine.replica_updates",
                "asynchronous"));
    }

    /** Whether two sets of settings contradict each other under different keys. */
    static boolean exclude(Map<String, Object> one, Map<String, Object> other) {
        return excludes(one, other) || excludes(other, one);
    }

    private static boolean excludes(Map<String, Object> one, Map<String, Object> other) {
        return "asynchronous".equals(one.get("engine.replica_updates")) && other.containsKey("engine.micro_batch");
    }

    private static Proposal bfloat16(Situation situation) {
        return situation.processor().bfloat16().isEmpty()
                ? Proposal.refused("not on this processor: it has no instructions that multiply bfloat16")
                : Proposal.set("engine.precision", "bfloat16");
    }

    private static Technique batch(int times) {
        return new Technique(
                "batch size × " + times,
                "Larger operators and fewer updates; the learning rate is scaled with the batch, for Adam and its like with"
                        + " its square root.",
                QUALITY,
                situation -> batch(situation, times));
    }

    private static Proposal batch(Situation situation, int times) {
        Recipe recipe = situation.recipe();
        long size = (long) times * recipe.data().batchSize();
        if (size * FEWEST_STEPS > situation.trainingSamples()) {
            return Proposal.refused("an epoch would have fewer than " + FEWEST_STEPS + " steps");
        }
        if (recipe.schedule().scaleWithBatch() != ScheduleConfig.Scaling.NONE) {
            return Proposal.set(warmedUp(recipe, times, Map.of("data.batch_size", Math.toIntExact(size))));
        }
        OptimizerConfig optimizer = recipe.optimizer();
        double factor = optimizer.name() == OptimizerConfig.Name.SGD ? times : Math.sqrt(times);
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("data.batch_size", Math.toIntExact(size));
        settings.put("optimizer.learning_rate", rounded(factor * optimizer.learningRate()));
        optimizer
                .sparse()
                .learningRate()
                .ifPresent(rate -> settings.put(
                        "optimizer.sparse.learning_rate",
                        rounded(rate
                                * (optimizer.sparse().name() == SparseOptimizerConfig.Name.SGD
                                        ? times
                                        : Math.sqrt(times)))));
        return Proposal.set(warmedUp(recipe, times, settings));
    }

    /** A warm-up that sees as many samples as before. */
    private static Map<String, Object> warmedUp(Recipe recipe, int times, Map<String, Object> settings) {
        Map<String, Object> all = new LinkedHashMap<>(settings);
        if (recipe.schedule().warmupSteps() > 0) {
            all.put("schedule.warmup_steps", Math.max(1, recipe.schedule().warmupSteps() / times));
        }
        return all;
    }

    private static Proposal rowwise(Situation situation) {
        if (!situation.tables()) {
            return Proposal.refused("there are no embedding tables");
        }
        OptimizerConfig optimizer = situation.recipe().optimizer();
        SparseOptimizerConfig sparse = optimizer.sparse();
        if (sparse.name() != SparseOptimizerConfig.Name.ADAM && sparse.name() != SparseOptimizerConfig.Name.ADAGRAD) {
            return Proposal.refused("optimizer.sparse.name is "
                    + sparse.name().name().toLowerCase(Locale.ROOT) + ", which remembers as little");
        }
        double rate = sparse.learningRate().orElse(optimizer.learningRate());
        return Proposal.set(Map.of(
                "optimizer.sparse.name",
                "rowwise_adagrad",
                "optimizer.sparse.learning_rate",
                rounded(sparse.name() == SparseOptimizerConfig.Name.ADAM ? ADAGRAD_FACTOR * rate : rate)));
    }

    private static Proposal ahead(Situation situation) {
        if (situation.waiting() < WAITING) {
            return Proposal.refused("training does not wait for data");
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("data.prefetch", 16);
        if (situation.recipe().data() instanceof PictureDataConfig) {
            settings.put("data.readers", 2);
        }
        return Proposal.set(settings);
    }

    private static Proposal prepared(Situation situation) {
        if (situation.recipe().data() instanceof ClickLogConfig log) {
            return log.prepared() == ClickLogConfig.Prepared.NEVER
                    ? Proposal.set("data.prepared", "always")
                    : Proposal.refused("the rows are prepared already, where there is room");
        }
        return Proposal.refused("these data need no preparation, or are prepared already");
    }

    /** Three digits say all that a scaled rate says. */
    private static double rounded(double rate) {
        return new BigDecimal(rate).round(new MathContext(3)).doubleValue();
    }
}
