package dev.marquee.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import dev.marquee.train.Progress;
import dev.marquee.train.Run;
import dev.marquee.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.data.Offset;

/** What the tests of this module share. */
final class LocalSpark {
    /** Of the workers' processes: little memory, and quick to start. */
    static final String[] SMALL = {"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"};

    private LocalSpark() {}

    static SparkSession.Builder session(String master) {
        assumeHadoopRuns();
        return SparkSession.builder()
                .master(master)
                .appName("marquee")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.codegen.wholeStage", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.session.timeZone", "UTC");
    }

    /** The Hadoop of Spark 4.1 asks for a security context in a way that Java 24 and newer refuse. */
    static void assumeHadoopRuns() {
        try {
            UserGroupInformation.getCurrentUser();
        } catch (UnsupportedOperationException e) {
            assumeTrue(false, "this Java does not run this Spark's Hadoop: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the clicks to one file, as any other program would have. */
    static Path file(SparkSession spark, Path folder) {
        try {
            spark.createDataFrame(Clicks.rows(), Clicks.TYPE)
                    .coalesce(1)
                    .write()
                    .parquet(folder.toUri().toString());
            try (Stream<Path> files = Files.list(folder)) {
                return files.filter(file -> file.toString().endsWith(".parquet"))
                        .findFirst()
                        .orElseThrow();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What one process measures that trains on a file, without Spark. */
    static Map<String, Double> metricsAlone(Path file, Path folder, String... overrides) {
        RecipeSource source = RecipeSource.ofText("alone", Clicks.RECIPE)
                .withText("data.path", file.toString(), "a test")
                .withText("data.prepared_path", folder.resolve("prepared").toString(), "a test");
        for (String override : overrides) {
            int equals = override.indexOf('=');
            source = source.with(override.substring(0, equals), override.substring(equals + 1), "a test");
        }
        Recipe recipe = source.bind();
        try (Run run = Trainer.train(recipe, folder.resolve("alone"), Progress.silent())) {
            return run.metrics();
        }
    }

    /** Several processes add in another order than one. */
    static void assertSameButForRounding(Map<String, Double> actual, Map<String, Double> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, value) -> assertThat(actual.get(name)).as(name).isCloseTo(value, Offset.offset(2e-4)));
    }
}
