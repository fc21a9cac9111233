package dev.marquee.spark;

import dev.marquee.collective.Spans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** One training: the rows to the shared folder, a barrier stage whose tasks train, and what came of it. */
final class SparkTraining {
    private static final Logger LOGGER = LoggerFactory.getLogger(SparkTraining.class);
    private static final int SECRET_BITS = 256;
    private static final int REASON_LINES = 12;

    private SparkTraining() {}

    /**
     * How to train.
     *
     * @param outputPath the folder for runs
     * @param workers how many processes
     * @param keepData whether the rows stay
     * @param timeout how long a worker may be silent
     * @param javaOptions of the workers
     */
    record Settings(String outputPath, int workers, boolean keepData, String timeout, List<String> javaOptions) {
        Settings {
            Spans.parse(timeout);
            javaOptions = List.copyOf(javaOptions);
        }
    }

    static RunLocation run(SparkRecipe recipe, Map<String, String> renamed, Dataset<?> dataset, Settings settings) {
        SparkContext context = dataset.sparkSession().sparkContext();
        Slots.require(context, settings.workers());
        RunPlace place = RunPlace.next(settings.outputPath(), recipe.name());
        try {
            Set<String> columns = new LinkedHashSet<>(recipe.trainingColumns());
            recipe.data().keys().stream()
                    .filter(key -> Columns.readable(dataset.schema(), key))
                    .forEach(columns::add);
            // A job of its own, so that all attempts of the training see the same files.
            dataset.toDF()
                    .select(Columns.of(dataset.schema(), columns, renamed))
                    .write()
                    .parquet(place.dataUri());
            List<String> files = RunPlace.files(place.data());
            if (files.isEmpty()) {
                throw new IllegalStateException(
                        "the driver sees no rows in " + place.data() + ", where the executors have"
                                + " written them: outputPath must be a folder that the driver and all executors have mounted"
                                + " under the same path");
            }
            LOGGER.info("training {} with {} workers", place.run(), settings.workers());
            train(
                    context,
                    new RankJob(
                            recipe.yaml(place.data()),
                            place.run().toString(),
                            place.data().toString(),
                            files,
                            settings.workers(),
                            new BigInteger(SECRET_BITS, new SecureRandom()).toString(16),
                            settings.timeout(),
                            settings.javaOptions()));
            return RunLocation.of(place.run().toUri().toString(), context.hadoopConfiguration());
        } finally {
            tidy(place, settings.keepData());
        }
    }

    /** Failing here would hide what came of the training. */
    private static void tidy(RunPlace place, boolean keepData) {
        try {
            if (!keepData) {
                RunPlace.delete(place.data());
            }
            deleteEmpty(place.run());
        } catch (UncheckedIOException e) {
            LOGGER.warn("something is left behind: {}", e.getMessage());
        }
    }

    private static void train(SparkContext context, RankJob job) {
        ClassTag<String> texts = ClassTag$.MODULE$.apply(String.class);
        List<Integer> ranks = IntStream.range(0, job.workers()).boxed().toList();
        RDD<String> endings = JavaSparkContext.fromSparkContext(context)
                .parallelize(ranks, job.workers())
                .rdd()
                .barrier()
                .mapPartitions(new RankTask(job), false, texts);
        try {
            // Spark starts a barrier stage again only where another stage follows.
            for (String written : JavaRDD.fromRDD(endings, texts).repartition(1).collect()) {
                Ending ending = Ending.parse(written);
                if (ending.kind() == Ending.Kind.FAULT) {
                    throw new IllegalStateException("the training failed: " + ending.text());
                }
            }
        } catch (IllegalStateException e) {
            throw e;
        } catch (Exception e) { // checked exceptions of Scala are not declared
            throw new IllegalStateException(
                    "the training was lost too often (spark.stage.maxConsecutiveAttempts); what the"
                            + " workers printed is in " + Path.of(job.run(), "logs") + ". " + reason(e),
                    e);
        }
    }

    private static String reason(Exception e) {
        return String.join(
                "\n", String.valueOf(e.getMessage()).lines().limit(REASON_LINES).toList());
    }

    /** A run that never began leaves nothing. */
    private static void deleteEmpty(Path run) {
        try (Stream<Path> entries = Files.list(run)) {
            if (entries.findAny().isEmpty()) {
                Files.delete(run);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + run + ": " + e.getMessage(), e);
        }
    }
}
