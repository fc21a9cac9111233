package dev.marquee.spark;

import java.time.Duration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** Whether an application can run all workers at once, found out before anything is started. */
final class Slots {
    private static final String DYNAMIC = "spark.dynamicAllocation.enabled";
    private static final String TASK_CPUS = "spark.task.cpus";
    private static final long LOOK_MILLIS = 200;

    private Slots() {}

    /**
     * Refuses what cannot be.
     *
     * @throws IllegalStateException saying what to set
     */
    static void require(SparkContext context, int workers) {
        SparkConf conf = context.conf();
        boolean local = context.isLocal();
        requireSettings(conf, local, workers);
        // Executors may still be on their way, for as long as Spark itself would wait for them.
        Duration patience = local
                ? Duration.ZERO
                : Duration.ofSeconds(conf.getTimeAsSeconds("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s"));
        long end = System.nanoTime() + patience.toNanos();
        int slots = slots(context);
        while (slots < workers && System.nanoTime() < end) {
            pause();
            slots = slots(context);
        }
        if (slots < workers) {
            throw tooFew(conf, local, slots, workers);
        }
    }

    static void requireSettings(SparkConf conf, boolean local, int workers) {
        if (!local && conf.getBoolean(DYNAMIC, false)) {
            throw new IllegalStateException("the " + workers
                    + " workers of a training must run at once, which Spark does"
                    + " not do with dynamic allocation: set " + DYNAMIC + "=false, and executors for " + workers
                    + " tasks of " + TASK_CPUS + "=" + cpus(conf) + " (spark.executor.instances, or spark.cores.max)");
        }
        int most = Integer.MAX_VALUE;
        if (!local && conf.contains("spark.executor.instances") && conf.contains("spark.executor.cores")) {
            most = conf.getInt("spark.executor.instances", 0) * (conf.getInt("spark.executor.cores", 1) / cpus(conf));
        }
        if (!local && conf.contains("spark.cores.max")) {
            most = Math.min(most, conf.getInt("spark.cores.max", 0) / cpus(conf));
        }
        if (most < workers) {
            throw tooFew(conf, local, most, workers);
        }
    }

    static IllegalStateException tooFew(SparkConf conf, boolean local, int slots, int workers) {
        return new IllegalStateException("the training has " + workers
                + " workers, which must run at once, and there is"
                + " room for " + slots + " tasks of " + TASK_CPUS + "=" + cpus(conf) + ": set numWorkers to " + slots
                + " or fewer, or give the application more cores ("
                + (local ? "master local[N]" : "spark.executor.instances and spark.executor.cores, or spark.cores.max")
                + ")");
    }

    private static int cpus(SparkConf conf) {
        return conf.getInt(TASK_CPUS, 1);
    }

    /** As many as Spark itself counts for a barrier stage. */
    private static int slots(SparkContext context) {
        return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", e);
        }
    }
}
