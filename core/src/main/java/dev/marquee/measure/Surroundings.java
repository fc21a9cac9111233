package dev.marquee.measure;

import java.util.Map;
import java.util.Properties;

/**
 * All that {@link Warning} looks at, so that it can be tried with made-up values.
 *
 * @param environment the process's environment variables
 * @param properties the virtual machine's system properties
 * @param threads how many threads a run is going to use
 * @param cores processors that the process may use
 * @param blasHasThreads whether the BLAS brings a thread pool of its own beside OpenMP's
 * @param load the number of runnable threads on the machine over the last minute; negative where unknown
 */
record Surroundings(
        Map<String, String> environment,
        Properties properties,
        int threads,
        int cores,
        boolean blasHasThreads,
        double load) {
    Surroundings {
        environment = Map.copyOf(environment);
    }

    String variable(String name) {
        return environment.getOrDefault(name, "").strip();
    }

    boolean hasProperty(String name, String value) {
        return value.equals(properties.getProperty(name));
    }
}
