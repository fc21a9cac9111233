package dev.marquee.cli;

import dev.marquee.cli.bench.PlanBench;
import dev.marquee.cli.bench.PlanReport;
import dev.marquee.cli.bench.RecipeFile;
import dev.marquee.cli.bench.Timing;
import dev.marquee.measure.Network;
import dev.marquee.recipe.DistributedConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee plan}: predicts how a training scales. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Predicts the step of many workers, each with a batch of the recipe's size, from what one worker of this"
                    + " machine does, what two exchange, and the network between them.",
            "Compares the prediction for workers of this machine with what they do, and prints the error."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  marquee plan --workers 2..1024 --network 25Gbit",
            "  marquee plan --workers 4,8,16 --network 100Gbit --latency 10 --threads 8 mine.yaml"
        })
final class PlanCommand implements Callable<Integer> {
    private static final String RANGE = "..";

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            defaultValue = "simulated_impressions_din",
            description = "A recipe's name or file (default: ${DEFAULT-VALUE}).")
    private String recipe = "";

    @Option(
            names = "--workers",
            paramLabel = "N",
            split = ",",
            defaultValue = "2..1024",
            description = "Numbers of workers; A..B doubles from A on (default: ${DEFAULT-VALUE}).")
    private List<String> workers = List.of();

    @Option(
            names = "--network",
            paramLabel = "RATE",
            defaultValue = "25Gbit",
            description = "What a worker can send a second, while it receives as much (default: ${DEFAULT-VALUE}).")
    private String network = "";

    @Option(
            names = "--latency",
            paramLabel = "MICROS",
            defaultValue = "50",
            description = "Microseconds that an empty message takes (default: ${DEFAULT-VALUE}).")
    private double latency;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads of each worker (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--check",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4",
            description = "Numbers of workers to measure on this machine (default: ${DEFAULT-VALUE}).")
    private List<Integer> check = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "4",
            description = "Measuring time for each of them (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Mixin
    private RecipeOptions changes = new RecipeOptions();

    @SuppressWarnings("NullAway.Init")
    PlanCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        Recipe changed = changes.apply(RecipeSource.open(recipe));
        try (RecipeFile file = RecipeFile.of(changed)) {
            return Measurement.print(
                    spec,
                    "plan",
                    notices -> PlanBench.run(options(file, changed), notices),
                    json ? report -> report : null,
                    PlanReport::table);
        }
    }

    private PlanBench.Options options(RecipeFile file, Recipe changed) {
        return Measurement.options(spec, () -> {
            Network wires = new Network(latency / 1e6, Network.bytesPerSecond(network));
            boolean shared = changed.distributed().tables() != DistributedConfig.Tables.REPLICATED;
            return new PlanBench.Options(
                    file.path(),
                    changed.data().batchSize(),
                    shared,
                    numbers(workers),
                    check,
                    wires,
                    new Timing(threads, seconds));
        });
    }

    /** Numbers, and ranges that double. */
    static List<Integer> numbers(List<String> texts) {
        List<Integer> numbers = new ArrayList<>();
        for (String text : texts) {
            int at = text.indexOf(RANGE);
            try {
                int from = Integer.parseInt((at < 0 ? text : text.substring(0, at)).strip());
                int to = at < 0
                        ? from
                        : Integer.parseInt(text.substring(at + RANGE.length()).strip());
                if (from < 1 || to < from) {
                    throw new NumberFormatException();
                }
                for (long number = from; number <= to; number *= 2) {
                    numbers.add((int) number);
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "--workers takes numbers from 1 on, and ranges such as 2..1024, not \"" + text + "\"", e);
            }
        }
        return numbers;
    }
}
