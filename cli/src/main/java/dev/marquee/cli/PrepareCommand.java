package dev.marquee.cli;

import dev.marquee.data.ClickLogConfig;
import dev.marquee.data.PreparedReport;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee prepare}: encodes the rows of a log once. */
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        description = {
            "Encodes the rows of a recipe's log and keeps them, so that training starts at once.",
            "Training does the same when it finds nothing prepared, or something out of date."
        })
final class PrepareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RECIPE", description = "Name of a recipe, or a YAML file.")
    private String name;

    @Mixin
    private RecipeOptions options = new RecipeOptions();

    @Option(names = "--json", description = "Print one JSON object, nothing else, on standard output.")
    private boolean json;

    PrepareCommand(CommandSpec spec, String name) {
        this.spec = spec;
        this.name = name;
    }

    PrepareCommand() {
        this(CommandSpec.create(), "");
    }

    @Override
    public Integer call() {
        PrintWriter results = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Recipe recipe = options.apply(RecipeSource.open(name));
        if (!(recipe.data() instanceof ClickLogConfig log)) {
            throw new IllegalArgumentException("only click logs are prepared; data.kind of " + name + " is another");
        }
        PreparedReport report = log.prepare(message -> err.println("data     " + message));
        if (json) {
            Json.print(results, report);
        } else {
            results.printf(
                    Locale.ROOT,
                    "rows     %,d to train on, %,d for validation, %,d for the test%n",
                    report.training(),
                    report.validation(),
                    report.test());
            results.printf(
                    Locale.ROOT,
                    "%s %s · %,d bytes · %.1f s%n",
                    report.written() ? "written " : "found   ",
                    report.folder(),
                    report.bytes(),
                    report.seconds());
        }
        return 0;
    }
}
