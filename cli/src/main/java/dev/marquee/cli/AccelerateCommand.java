package dev.marquee.cli;

import dev.marquee.accelerate.AccelerateOptions;
import dev.marquee.accelerate.Acceleration;
import dev.marquee.accelerate.AccelerationPage;
import dev.marquee.accelerate.Accelerator;
import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee accelerate}: which settings make a recipe train faster here, and what they cost. */
@Command(
        name = "accelerate",
        mixinStandardHelpOptions = true,
        description = {
            "Measures which settings make a recipe train faster on this machine, one by one and together, and what they"
                    + " cost in quality; writes the recipe with those that pay."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  marquee accelerate",
            "  marquee accelerate fashion_mnist_perceptron --output fast.yaml",
            "  marquee accelerate mine.yaml --seconds 600 --seeds 3 --quality-tolerance 0.002"
        })
final class AccelerateCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "Name of a recipe that comes with the software, or a YAML file. Default: "
                    + TrainCommand.DEFAULT_RECIPE + ".")
    private String name = TrainCommand.DEFAULT_RECIPE;

    @Mixin
    private RecipeOptions options = new RecipeOptions();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long to measure, more or less. Default: ${DEFAULT-VALUE}.")
    private double seconds = AccelerateOptions.DEFAULT.seconds();

    @Option(
            names = "--turns",
            paramLabel = "N",
            description = "How often each alternative has its turn. Default: ${DEFAULT-VALUE}.")
    private int turns = AccelerateOptions.DEFAULT.turns();

    @Option(
            names = "--quality-tolerance",
            paramLabel = "SHARE",
            description = "The largest relative rise of the validation loss that is fine: 0.005 is half a per cent."
                    + " Default: ${DEFAULT-VALUE}.")
    private double tolerance = AccelerateOptions.DEFAULT.tolerance();

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "Trainings of each alternative whose quality is measured. Default: ${DEFAULT-VALUE}.")
    private int seeds = AccelerateOptions.DEFAULT.seeds();

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "The most samples that such a training sees. Default: as many as there is time for.")
    private long rows;

    @Option(
            names = "--output",
            paramLabel = "FILE.yaml",
            description = "Write the recommended recipe: as given, with the changed keys.")
    private @Nullable Path output;

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description = "The page with the charts. Default: ${DEFAULT-VALUE}.")
    private Path report = Path.of("accelerate.html");

    @Option(names = "--json", description = "Print one JSON object, nothing else, on standard output.")
    private boolean json;

    @Option(names = "--quiet", description = "Print results only: no bar, no notices.")
    private boolean quiet;

    AccelerateCommand(CommandSpec spec) {
        this.spec = spec;
    }

    AccelerateCommand() {
        this(CommandSpec.create());
    }

    @Override
    public Integer call() {
        AccelerateOptions asked;
        try {
            asked = new AccelerateOptions(seconds, turns, tolerance, seeds, rows);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        RecipeSource opened = RecipeSource.open(name);
        RecipeSource source = options.change(opened);
        Recipe recipe = source.bind();
        requireFolder(report);
        requireFolder(output);
        PrintWriter results = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (MeasuringBar bar = new MeasuringBar(err, quiet);
                Interrupt interrupt = Interrupt.arm(bar::requestStop)) {
            bar.notice("recipe", opened.name());
            Acceleration found = Accelerator.run(opened.name(), recipe, asked, bar);
            bar.close();
            if (json) {
                Json.print(results, AccelerationPage.values(found));
            } else {
                AccelerationTable.lines(found).forEach(results::println);
                results.flush();
            }
            String yaml = found.recipeYaml(source);
            try {
                write(report, AccelerationPage.html(found, yaml));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            bar.notice("wrote", report.toString());
            Path file = output;
            if (file != null && found.complete()) {
                write(file, yaml);
                bar.notice("wrote", file + " · marquee train " + Shell.word(file));
            }
            return found.complete() ? 0 : INTERRUPTED;
        }
    }

    /** What cannot be written at the end is said at the beginning. */
    private static void requireFolder(@Nullable Path file) {
        if (file != null) {
            Path folder = file.toAbsolutePath().getParent();
            if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
                throw new IllegalArgumentException("cannot write " + file + ": "
                        + (Files.isDirectory(file) ? "it is a folder" : "no such folder"));
            }
        }
    }

    private static void write(Path file, String text) {
        try {
            AtomicFile.writeText(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + Failures.reason(e), e);
        }
    }
}
