package dev.marquee.spark;

import java.io.Serializable;
import java.util.List;

/**
 * What every worker of a training must know.
 *
 * @param recipe as YAML, with the data's folder in it
 * @param run the run's folder
 * @param data the data's folder
 * @param files the names of its files as the driver sees them
 * @param workers how many there are
 * @param secret what only they know
 * @param timeout how long one may be silent, such as {@code 30s}
 * @param javaOptions of the workers' processes
 */
record RankJob(
        String recipe,
        String run,
        String data,
        List<String> files,
        int workers,
        String secret,
        String timeout,
        List<String> javaOptions)
        implements Serializable {
    private static final long serialVersionUID = 1;

    RankJob {
        files = List.copyOf(files);
        javaOptions = List.copyOf(javaOptions);
    }
}
