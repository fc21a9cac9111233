package dev.marquee.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a recipe on a table without a line of code: the main class for {@code spark-submit}. */
@Command(
        name = "MarqueeSparkApp",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Trains the network of a recipe on the rows of a table, inside Spark.")
public final class MarqueeSparkApp implements Callable<Integer> {
    private static final List<String> FORMATS = List.of("parquet", "orc", "csv", "json");

    @Parameters(
            index = "0",
            paramLabel = "RECIPE",
            description = "Name of a recipe that comes with the software, or a YAML file on the driver.")
    private String recipe = "";

    @Option(
            names = "--data",
            required = true,
            paramLabel = "TABLE_OR_PATH",
            description = "A table of the catalog, or files that Spark reads: Parquet, or what their names end with"
                    + " (.orc, .csv, .json).")
    private String data = "";

    @Option(
            names = "--out",
            required = true,
            paramLabel = "PATH",
            description = "Folder for runs that the driver and all executors have mounted under this path.")
    private String out = "";

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Processes that train together, a task each. Default: 1.")
    private int workers = 1;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a key of the recipe, such as train.epochs=3. Repeatable.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--save",
            paramLabel = "PATH",
            description = "Save the model for MarqueeModel.load too, to any file system of Spark.")
    private @Nullable String save;

    @Option(names = "--keep-data", description = "Keep the rows that were written for the training.")
    private boolean keepData;

    @Option(
            names = "--java-option",
            paramLabel = "OPTION",
            description = "An option of the workers' Java, such as --java-option=-Xmx4g. Repeatable.")
    private List<String> javaOptions = new ArrayList<>();

    /** Made by the command-line parser. */
    public MarqueeSparkApp() {}

    /**
     * Trains, and ends the process with an exit code other than 0 where that failed.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        int code = execute(arguments);
        // On a cluster the application's end is its main method's: ending the process would look like a failure.
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Runs the command line; gives the exit code. */
    static int execute(String... arguments) {
        return new CommandLine(new MarqueeSparkApp())
                .setExecutionExceptionHandler((exception, line, parsed) -> {
                    line.getErr().println("marquee: " + exception.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws Exception {
        SparkSession spark = SparkSession.builder().appName("Marquee").getOrCreate();
        MarqueeModel model = new MarqueeEstimator()
                .setRecipe(recipe)
                .setOverrides(settings.toArray(String[]::new))
                .setNumWorkers(workers)
                .setOutputPath(out)
                .setKeepData(keepData)
                .setWorkerJavaOptions(javaOptions.toArray(String[]::new))
                .fit(rows(spark));
        StringBuilder line = new StringBuilder("test    ");
        model.metrics().forEach((name, value) -> line.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
        System.out.println(line);
        System.out.println("run       " + model.runPath());
        if (save != null) {
            model.write().overwrite().save(save);
            System.out.println("model     " + save);
        }
        return 0;
    }

    private Dataset<Row> rows(SparkSession spark) {
        if (!data.contains("/") && spark.catalog().tableExists(data)) {
            return spark.table(data);
        }
        String name = data.toLowerCase(Locale.ROOT).replaceAll("/+$", "");
        String format = FORMATS.stream()
                .filter(ending -> name.endsWith("." + ending))
                .findFirst()
                .orElse(FORMATS.get(0));
        return spark.read()
                .option("header", "true")
                .option("inferSchema", "true")
                .format(format)
                .load(data);
    }
}
