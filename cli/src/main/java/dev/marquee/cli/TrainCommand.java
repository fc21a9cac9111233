package dev.marquee.cli;

import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.profile.Roof;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import dev.marquee.train.Profiling;
import dev.marquee.train.Run;
import dev.marquee.train.RunFolders;
import dev.marquee.train.Trainer;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee train}: trains a recipe into a run folder. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains the model of a recipe and keeps the run in a folder.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  marquee train",
            "  marquee train fashion_mnist_attention --set train.epochs=3",
            "  marquee train census_income_wide_deep --seeds 3",
            "  marquee train mine.yaml --data /data/mnist --out runs/mine",
            "  marquee train --resume --out runs/mine",
            "  marquee train --profile --set data.rows=200000"
        })
final class TrainCommand implements Callable<Integer> {
    static final String DEFAULT_RECIPE = "simulated_impressions_din";
    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RECIPE",
            description =
                    "Name of a recipe that comes with the software, or a YAML file. Default: " + DEFAULT_RECIPE + ".")
    private @Nullable String name;

    @Mixin
    private RecipeOptions options = new RecipeOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of the run. Default: runs/RECIPE-1, or the next free number.")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            description = "Go on with the run in --out (default: the newest run of the recipe) where it was cut off.")
    private boolean resume;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description =
                    "Train N times, with the recipe's seed and those after it, each into a folder of its own within"
                            + " --out, and give mean and standard deviation of the test metrics. With --resume, finished runs"
                            + " are kept.")
    private int seeds = 1;

    @Option(
            names = "--profile",
            description =
                    "Tell where the time goes: a table, profile.json and trace.json (for Perfetto) in the run's folder,"
                            + " and a section in its report. Slows training by less than 2 %%.")
    private boolean profile;

    private ProfileTable profiled = new ProfileTable();

    @Option(names = "--quiet", description = "Print results only: no bar, no notices.")
    private boolean quiet;

    TrainCommand(CommandSpec spec) {
        this.spec = spec;
    }

    TrainCommand() {
        this(CommandSpec.create());
    }

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw new ParameterException(spec.commandLine(), "--seeds takes a number of at least 1, not " + seeds);
        }
        // All members of a group have the same results; one tells them.
        PrintWriter results = Membership.leads() ? spec.commandLine().getOut() : new PrintWriter(Writer.nullWriter());
        PrintWriter err = spec.commandLine().getErr();
        try (TerminalProgress progress = new TerminalProgress(results, err, quiet);
                Interrupt interrupt = Interrupt.arm(progress::requestStop)) {
            return seeds == 1 ? trainOnce(results, err, progress) : trainSeeds(results, err, progress);
        }
    }

    /** Whether the user named the run's folder. */
    boolean hasOut() {
        return out != null;
    }

    /** Where the run is, or will be. */
    Path outFolder() {
        return folder(name == null ? DEFAULT_RECIPE : RecipeSource.open(name).name());
    }

    private int trainOnce(PrintWriter results, PrintWriter err, TerminalProgress progress) {
        Path mine = outFolder();
        RecipeSource source = resume && name == null
                ? RecipeSource.ofRun(mine)
                : RecipeSource.open(name == null ? DEFAULT_RECIPE : name);
        Recipe recipe = options.apply(source);
        try (Membership members = Membership.join(recipe, progress)) {
            Path folder = members.folder(mine);
            if (resume && name == null) {
                progress.notice("run", folder.toString());
            } else {
                greet(progress, source.name(), folder);
            }
            try (Run run = train(members, recipe, folder, resume, progress)) {
                return tell(run, results, err, progress);
            }
        }
    }

    private int tell(Run run, PrintWriter results, PrintWriter err, TerminalProgress progress) {
        progress.finish();
        if (run.unfinishedAt().isPresent()) {
            profiled.print(results);
            err.println("stopped after step " + run.unfinishedAt().getAsLong()
                    + " and saved; go on with:  marquee train" + " --resume --out " + Shell.word(run.path()));
            return INTERRUPTED;
        }
        print(results, run);
        profiled.print(results);
        progress.notice("run", run.path() + " · marquee evaluate " + Shell.word(run.path()));
        return 0;
    }

    private int trainSeeds(PrintWriter results, PrintWriter err, TerminalProgress progress) {
        RecipeSource source = RecipeSource.open(name == null ? DEFAULT_RECIPE : name);
        Recipe recipe = options.apply(source);
        try (Membership members = Membership.join(recipe, progress)) {
            Path folder = members.folder(folder(source.name()));
            greet(progress, source.name(), folder);
            return trainSeeds(members, source.name(), recipe, folder, results, err, progress);
        }
    }

    private int trainSeeds(
            Membership members,
            String name,
            Recipe recipe,
            Path folder,
            PrintWriter results,
            PrintWriter err,
            TerminalProgress progress) {
        Seeds measured = new Seeds();
        for (long seed = recipe.seed(); seed < recipe.seed() + seeds; seed++) {
            Path own = folder.resolve("seed-" + seed);
            progress.notice("seed", seed + " of " + recipe.seed() + " to " + (recipe.seed() + seeds - 1));
            Recipe seeded = recipe.with("seed", seed);
            try (Run run = train(members, seeded, own, resume && RunFolders.isRun(own), progress)) {
                progress.finish();
                if (run.unfinishedAt().isPresent()) {
                    err.println("stopped in " + own + " and saved; go on with:  marquee train " + name + " --seeds "
                            + seeds + " --resume --out " + Shell.word(folder));
                    return INTERRUPTED;
                }
                print(results, run);
                profiled.print(results);
                measured.add(run.metrics());
            }
        }
        if (measured.lines().isEmpty()) {
            return 0;
        }
        results.println();
        results.println("mean ± standard deviation over " + seeds + " seeds, on the test data");
        measured.lines().forEach(results::println);
        return 0;
    }

    private Run train(Membership members, Recipe recipe, Path folder, boolean wanted, TerminalProgress progress) {
        return members.resumes(wanted, folder)
                ? Trainer.resume(recipe, folder, members.group(), profiling(), progress)
                : Trainer.train(recipe, folder, members.group(), profiling(), progress);
    }

    private Optional<Profiling> profiling() {
        return profile ? Optional.of(new Profiling(Optional.of(TrainCommand::roof), profiled::tell)) : Optional.empty();
    }

    private static Roof roof(int threads, boolean bfloat16) {
        Roofline measured = Roofline.brief(threads);
        double gflops = bfloat16 ? measured.bfloat16().map(Spread::max).orElse(measured.peak()) : measured.peak();
        return new Roof(threads, gflops, measured.copy().max());
    }

    private Path folder(String recipe) {
        if (out != null) {
            return out;
        }
        Path runs = Path.of("runs");
        return resume ? RunFolders.newest(runs, recipe) : RunFolders.next(runs, recipe);
    }

    private static void greet(TerminalProgress progress, String recipe, Path folder) {
        progress.notice("recipe", recipe + "  (marquee recipes lists the others)");
        progress.notice("run", folder.toString());
    }

    private static void print(PrintWriter results, Run run) {
        results.println("test     "
                + (run.metrics().isEmpty()
                        ? "none: no samples are held out for it"
                        : MetricsTable.line(run.metrics())));
        if (!run.reachable().isEmpty()) {
            results.println("best     " + MetricsTable.line(run.reachable()) + "   (of any model)");
        }
        results.println("run      " + run.path());
    }
}
