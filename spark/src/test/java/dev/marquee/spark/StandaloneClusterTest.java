package dev.marquee.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/spark.md, as it stands there, on a real cluster of which an executor is killed while it trains. */
@Tag("trial")
@Timeout(400)
class StandaloneClusterTest {
    private static final Path PAGE = Path.of("../docs/spark.md");
    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?public class (\\w+).*?)```", Pattern.DOTALL);
    private static final String[] OVERRIDES = {"train.epochs=8", "checkpoint.every_steps=5"};

    @TempDir
    Path folder;

    @Test
    void documentedExample_anExecutorIsKilled_givesTheMetricsOfOneProcess() throws Exception {
        LocalSpark.assumeHadoopRuns();
        Path recipe = Files.writeString(
                folder.resolve("clicks.yaml"),
                Clicks.RECIPE.replace("  epochs: 2\n", "  epochs: 8\n") + "checkpoint: {every_steps: 5}\n");
        Path out = folder.resolve("runs");
        String printed;
        Map<String, Double> alone;
        try (StandaloneCluster cluster = StandaloneCluster.start(folder.resolve("home"))) {
            SparkSession spark = LocalSpark.session(cluster.url())
                    .config("spark.executor.memory", "480m")
                    .config("spark.executor.extraClassPath", StandaloneCluster.classFolders())
                    // What they start, the workers, has it too.
                    .config("spark.executorEnv.JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
                    .config("spark.executor.extraJavaOptions", "-XX:+UseSerialGC")
                    .getOrCreate();
            try {
                // One file, whose rows Spark reads in their order.
                Path data = LocalSpark.file(spark, folder.resolve("clicks"));
                CompletableFuture<Void> killer = CompletableFuture.runAsync(() -> killOneThatTrains(cluster, out));
                printed = runExample(recipe.toString(), data.toUri().toString(), out.toString());
                killer.get(1, TimeUnit.SECONDS);
                alone = LocalSpark.metricsAlone(data, folder, OVERRIDES);
            } finally {
                spark.stop();
            }
        }
        assertThat(out.resolve("clicks-1/logs/attempt-1/rank-0.log"))
                .content()
                .containsPattern("resume  from step [1-9]");
        assertThat(printed)
                .contains("auc=" + alone.get("auc").toString().substring(0, 5))
                .contains("|impression|");
        LocalSpark.assertSameButForRounding(
                RunLocation.of(out.resolve("clicks-1").toUri().toString(), new org.apache.hadoop.conf.Configuration())
                        .metrics(),
                alone);
    }

    private static void killOneThatTrains(StandaloneCluster cluster, Path out) {
        Path checkpoints = out.resolve("clicks-1/checkpoints");
        while (!holdsWhole(checkpoints)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        List<ProcessHandle> executors = cluster.executors();
        assertThat(executors).hasSize(2);
        assertThat(executors.get(1).destroyForcibly()).isTrue();
    }

    private static boolean holdsWhole(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (var files = Files.list(folder)) {
            return files.anyMatch(file -> String.valueOf(file.getFileName()).matches("step-0*[1-9]\\d*\\.safetensors"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String runExample(String... arguments) throws Exception {
        Matcher snippet = SNIPPET.matcher(Files.readString(PAGE));
        assertThat(snippet.find()).isTrue();
        Path file = Files.writeString(folder.resolve(snippet.group(2) + ".java"), snippet.group(1));
        ByteArrayOutputStream faults = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        faults,
                        faults,
                        "-proc:none",
                        "-nowarn",
                        "-cp",
                        System.getProperty("java.class.path"),
                        file.toString());
        assertThat(code).as(faults.toString(StandardCharsets.UTF_8)).isZero();
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            loader.loadClass(snippet.group(2)).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
