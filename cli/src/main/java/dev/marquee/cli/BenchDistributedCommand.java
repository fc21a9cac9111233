package dev.marquee.cli;

import dev.marquee.cli.bench.DistributedBench;
import dev.marquee.cli.bench.DistributedBench.Work;
import dev.marquee.cli.bench.DistributedReport;
import dev.marquee.cli.bench.RecipeFile;
import dev.marquee.cli.bench.Timing;
import dev.marquee.collective.Transport;
import dev.marquee.measure.Workload;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code marquee bench distributed}: times several processes that train one model, in turn with one. */
@Command(
        name = "distributed",
        mixinStandardHelpOptions = true,
        description = {
            "Steps of several worker processes that share gradients, in turn with one worker's.",
            "Each worker has a batch of its own: the perceptron and DeepFM (a million rows, on every worker) 1,024"
                    + " samples, recipes their data.batch_size."
        })
final class BenchDistributedCommand implements Callable<Integer> {
    private static final int BATCH = 1024;
    private static final int ROWS = 1_000_000;
    /** The default recipe reads these, over and over, rather than all that it learns from. */
    private static final String SIMULATED_ROWS = "200000";

    private static final String DEFAULT_RECIPE = "simulated_impressions_din";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--workers",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2",
            description = "Numbers of worker processes, a row each (default: ${DEFAULT-VALUE}).")
    private List<Integer> workers = List.of();

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads of each worker (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "5",
            description = "Measuring time for each row and side (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "What carries exchanges: auto, shared_memory or gloo (default: ${DEFAULT-VALUE}).")
    private Transport transport = Transport.AUTO;

    @Option(
            names = "--recipe",
            paramLabel = "RECIPE",
            description = "A recipe to time, by name or file; may be repeated. Default: the perceptron, DeepFM and "
                    + DEFAULT_RECIPE + ".")
    private List<String> recipes = List.of();

    @Option(
            names = "--against-python",
            paramLabel = "PYTHON",
            description = "Do the perceptron and DeepFM, in turn, by as many processes of the PyTorch of this"
                    + " interpreter (DistributedDataParallel over Gloo), and print the ratio.")
    private @Nullable String python;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Mixin
    private RecipeOptions changes = new RecipeOptions();

    @SuppressWarnings("NullAway.Init")
    BenchDistributedCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        List<RecipeFile> files = new ArrayList<>();
        try {
            return Measurement.print(
                    spec,
                    "bench",
                    notices -> DistributedBench.run(options(), works(files), notices),
                    json ? report -> Map.of("rows", report.rows()) : null,
                    DistributedReport::table);
        } finally {
            files.forEach(RecipeFile::close);
        }
    }

    private DistributedBench.Options options() {
        return Measurement.options(
                spec,
                () -> new DistributedBench.Options(
                        workers, new Timing(threads, seconds), transport, Optional.ofNullable(python)));
    }

    private List<Work> works(List<RecipeFile> files) {
        List<Work> works = new ArrayList<>();
        for (String name : recipes) {
            works.add(recipe(name, changes.apply(RecipeSource.open(name)), files));
        }
        if (works.isEmpty()) {
            works.add(new Work(
                    "perceptron batch " + BATCH,
                    Map.of("work", "perceptron", "batch", BATCH, "sizes", List.of(784, 512, 128, 10)),
                    /* peer= */ true));
            works.add(new Work(
                    "DeepFM batch " + BATCH,
                    Workload.rankingDescription(BATCH, ROWS, /* peerIsSparse= */ true),
                    /* peer= */ true));
            RecipeSource shortened = RecipeSource.open(DEFAULT_RECIPE).with("data.rows", SIMULATED_ROWS, "benchmark");
            works.add(recipe(DEFAULT_RECIPE, shortened.bind(), files));
        }
        return works;
    }

    private static Work recipe(String name, Recipe recipe, List<RecipeFile> files) {
        RecipeFile file = RecipeFile.of(recipe);
        files.add(file);
        int batch = recipe.data().batchSize();
        return new Work(
                name + " batch " + batch,
                Map.of("work", "recipe", "recipe", file.path(), "batch", batch),
                /* peer= */ false);
    }
}
