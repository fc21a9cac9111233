package dev.marquee.train;

import dev.marquee.collective.Group;
import dev.marquee.config.ConfigDifference;
import dev.marquee.recipe.Recipe;
import java.nio.file.Path;
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
            "engine.fused",
            "distributed.overlap",
            "distributed.transport",
            "distributed.tables",
            "distributed.table_memory_mib",
            "distributed.row_wise",
            "distributed.table_wise",
            "distributed.replicated");

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
        return train(recipe, folder, Group.alone(), profiling, progress);
    }

    /**
     * Trains a recipe from the start, together with other processes: each calls this with the same recipe and folder, and
     * gets the same weights. Every batch is shared by all; rank 0 writes the folder.
     *
     * @param recipe what to train
     * @param folder where the run is kept, which every member can read; must not exist or be empty
     * @param group the processes; left open
     * @param profiling whether to write {@code profile.json} and {@code trace.json} too, of rank 0
     * @param progress told how it goes; on other ranks than 0 of notices and warnings only
     * @return as {@link #train(Recipe, Path, Progress)}
     * @throws IllegalArgumentException when the recipe's network cannot be trained by several processes
     * @throws dev.marquee.collective.GroupException when a member is lost, or has another recipe or other data
     */
    public static Run train(Recipe recipe, Path folder, Group group, Optional<Profiling> profiling, Progress progress) {
        RunFolder run = new RunFolder(folder);
        if (group.rank() == 0) {
            run.requireFree();
        }
        return Training.of(recipe, run, group, profiling, progress).run(/* resume= */ false);
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
        return resume(recipe, folder, Group.alone(), profiling, progress);
    }

    /**
     * Goes on with a run, together with other processes, as {@link #train(Recipe, Path, Group, Optional, Progress)} does.
     *
     * @param recipe the run's recipe, changed
     * @param folder holds a run, and can be read by every member
     * @param group the processes; left open
     * @param profiling whether to write {@code profile.json} and {@code trace.json} too, of rank 0
     * @param progress told how it goes; on other ranks than 0 of notices and warnings only
     * @return as {@link #train(Recipe, Path, Progress)}
     * @throws dev.marquee.collective.GroupException when a member is lost, or has another recipe or other data
     */
    public static Run resume(
            Recipe recipe, Path folder, Group group, Optional<Profiling> profiling, Progress progress) {
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
        return Training.of(recipe, run, group, profiling, progress).run(/* resume= */ true);
    }

    /**
     * What all processes must have in common that train a recipe together, as far as it is known before data are read.
     *
     * @param recipe what to train
     * @return values by what they are, for people to read
     */
    public static Map<String, String> facts(Recipe recipe) {
        return Training.facts(recipe);
    }
}
