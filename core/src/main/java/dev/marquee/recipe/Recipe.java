package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Binder;
import dev.marquee.config.ConfigTree;
import dev.marquee.config.ConfigWriter;
import dev.marquee.config.Faults;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import dev.marquee.data.ClickLogConfig;
import dev.marquee.data.DataConfig;
import dev.marquee.data.PictureDataConfig;
import dev.marquee.loss.CrossEntropyConfig;
import dev.marquee.loss.LossConfig;
import dev.marquee.model.ModelConfig;
import dev.marquee.model.PerceptronConfig;
import dev.marquee.model.PictureModelConfig;
import dev.marquee.optim.OptimizerConfig;
import dev.marquee.optim.ScheduleConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * A run as one value: everything that decides what a training computes. Two runs of equal recipes on one machine with
 * the same data give the same weights, bit for bit.
 *
 * @param description what the run shows, in a line
 * @param seed decides initial weights, order of samples, dropout
 * @param data what is read
 * @param model the network
 * @param loss what is minimised
 * @param optimizer the update rule
 * @param schedule how the learning rate changes
 * @param train the loop
 * @param checkpoint what is saved, and when
 * @param engine how the engine computes
 * @param distributed what several processes exchange
 */
public record Recipe(
        @About("what the run shows, in a line") String description,

        @About("decides initial weights, order of samples, dropout")
        long seed,

        @About("what is read") DataConfig data,
        @About("the network") ModelConfig model,
        @About("what is minimised") LossConfig loss,
        @About("the update rule") OptimizerConfig optimizer,
        @About("how the learning rate changes") ScheduleConfig schedule,
        @About("the loop") TrainConfig train,
        @About("what is saved, and when") CheckpointConfig checkpoint,
        @About("how the engine computes") EngineConfig engine,

        @About("what several processes that train together exchange")
        DistributedConfig distributed)
        implements Section {
    /** The values of absent keys. */
    public static final Recipe DEFAULT = new Recipe(
            "",
            1,
            PictureDataConfig.DEFAULT,
            PerceptronConfig.DEFAULT,
            CrossEntropyConfig.DEFAULT,
            OptimizerConfig.DEFAULT,
            ScheduleConfig.DEFAULT,
            TrainConfig.DEFAULT,
            CheckpointConfig.DEFAULT,
            EngineConfig.DEFAULT,
            DistributedConfig.DEFAULT);

    /** Checks the values. */
    public Recipe {
        Sections.validate(
                Recipe.class,
                description,
                seed,
                data,
                model,
                loss,
                optimizer,
                schedule,
                train,
                checkpoint,
                engine,
                distributed);
    }

    @Override
    public void check(Faults faults) {
        if (checkpoint.select() == CheckpointConfig.Select.BEST && !data.holdsOut()) {
            faults.add(
                    "checkpoint.select",
                    "best needs validation data, such as data.validation_fraction above 0: otherwise the test data"
                            + " would choose the weights");
        }
        if (train.patience().isPresent() && !data.holdsOut()) {
            faults.add(
                    "train.patience",
                    "needs validation data, such as data.validation_fraction above 0: otherwise the test data would"
                            + " choose when to stop");
        }
        if (train.calibration() != TrainConfig.Calibration.NONE) {
            if (data instanceof PictureDataConfig) {
                faults.add("train.calibration", "must be none for pictures");
            } else if (!data.holdsOut()) {
                faults.add(
                        "train.calibration",
                        "needs validation data, such as data.split.validation above 0: otherwise the test data would"
                                + " decide the scores that they measure");
            }
        }
        if (data instanceof PictureDataConfig && checkpoint.metric() != CheckpointConfig.Metric.LOSS) {
            faults.add("checkpoint.metric", "must be loss for pictures");
        }
        if (data instanceof ClickLogConfig log
                && log.group().isEmpty()
                && checkpoint.metric() == CheckpointConfig.Metric.GAUC) {
            faults.add("checkpoint.metric", "gauc needs data.group: the column within which rows are ranked");
        }
        if (data instanceof PictureDataConfig && distributed.tables() != DistributedConfig.Tables.REPLICATED) {
            faults.add(
                    "distributed.tables", "must be replicated for pictures, whose networks have no embedding tables");
        }
        if (!(data instanceof PictureDataConfig) && loss instanceof CrossEntropyConfig) {
            faults.add("loss.kind", "cross_entropy is for classes; use binary_cross_entropy for the rows of a log");
        }
        if (engine.asynchronous()) {
            Faults optimizerFaults = new Faults();
            optimizer.checkLostChanges(optimizerFaults, !(model instanceof PictureModelConfig));
            faults.addAll("optimizer", optimizerFaults);
        }
        if (model instanceof PictureModelConfig != data instanceof PictureDataConfig) {
            faults.add(
                    "model.kind",
                    model instanceof PictureModelConfig
                            ? "is a network for pictures, data.kind gives the rows of a log"
                            : "is a network for the rows of a log, data.kind gives pictures");
        }
    }

    /**
     * The number of replicas of the network that this recipe comes to on this machine.
     *
     * @param apart whether the network computes each sample by itself
     * @return at least 1
     */
    public int replicas(boolean apart) {
        return engine.effectiveReplicas(data.batchSize(), model.positions(), apart);
    }

    /**
     * Reads a recipe from a YAML file.
     *
     * @param file its path
     * @return the recipe, with every default filled in
     * @throws dev.marquee.config.ConfigException listing all faults, with the line of each
     */
    public static Recipe load(Path file) {
        return RecipeSource.ofFile(file).bind();
    }

    /**
     * A recipe that comes with the software.
     *
     * @param name one of {@link RecipeSource#names()}
     * @return the recipe
     * @throws IllegalArgumentException when there is none of that name
     */
    public static Recipe named(String name) {
        return RecipeSource.open(name).bind();
    }

    /**
     * The same recipe with one key changed.
     *
     * @param key dotted, such as {@code optimizer.learning_rate}
     * @param value a number, a text, a truth value, or a list of these
     * @return the changed recipe
     * @throws dev.marquee.config.ConfigException when the key is unknown or the value not allowed
     */
    public Recipe with(String key, Object value) {
        return Binder.bind(Recipe.class, ConfigTree.of(this).with(key, value), "the recipe");
    }

    /**
     * The same recipe with several keys changed at once.
     *
     * @param values by dotted key, as {@link #with(String, Object)} takes them
     * @return the changed recipe
     * @throws dev.marquee.config.ConfigException when a key is unknown, a value not allowed, or they contradict each other
     */
    public Recipe with(Map<String, ?> values) {
        ConfigTree tree = ConfigTree.of(this);
        for (Map.Entry<String, ?> value : values.entrySet()) {
            tree = tree.with(value.getKey(), value.getValue());
        }
        return Binder.bind(Recipe.class, tree, "the recipe");
    }

    /**
     * The recipe as YAML, with every default filled in.
     *
     * @return text that {@link #load} reads back as an equal recipe
     */
    public String toYaml() {
        return ConfigWriter.write(this);
    }
}
