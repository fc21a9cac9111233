package dev.marquee.measure;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What lies between processes, as a message takes: {@code latency + bytes / bandwidth}. The times of the collectives follow
 * from how many messages go one after the other (Thakur, Rabenseifner and Gropp, "Optimization of collective communication
 * operations in MPICH", 2005).
 *
 * @param latency seconds of an empty message, at least 0
 * @param bandwidth bytes a second that a process can send while it receives as many, above 0
 */
public record Network(double latency, double bandwidth) {
    private static final Pattern RATE =
            Pattern.compile("(\\d+(?:\\.\\d+)?) ?([KMGT]?)bit(?:/s)?", Pattern.CASE_INSENSITIVE);
    private static final String PREFIXES = "KMGT";
    private static final double BITS_A_BYTE = 8;
    private static final double THOUSAND = 1000;

    /** Checks the numbers. */
    public Network {
        if (!(latency >= 0) || !(bandwidth > 0)) {
            throw new IllegalArgumentException(
                    "a network has a latency of 0 or more seconds and a bandwidth above 0 bytes" + " a second, not "
                            + latency + " and " + bandwidth);
        }
    }

    /**
     * Reads a rate.
     *
     * @param text such as {@code 25Gbit}
     * @return bytes a second
     * @throws IllegalArgumentException when it is none
     */
    public static double bytesPerSecond(String text) {
        Matcher matcher = RATE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a rate is a number and Kbit, Mbit, Gbit or Tbit, such as 25Gbit, not \"" + text + "\"");
        }
        int power = 1 + PREFIXES.indexOf(matcher.group(2).toUpperCase(Locale.ROOT));
        return Double.parseDouble(matcher.group(1))
                * (matcher.group(2).isEmpty() ? 1 : Math.pow(THOUSAND, power))
                / BITS_A_BYTE;
    }

    /**
     * An all-reduce round a ring: every process sends a part of the bytes to the next one, {@code 2 (workers - 1)} times.
     *
     * @param bytes that each process has
     * @param workers at least 1
     * @return seconds
     */
    public double ring(double bytes, int workers) {
        int rounds = 2 * (workers - 1);
        return rounds * (latency + bytes / workers / bandwidth);
    }

    /**
     * An all-reduce up a binary tree and down again: all bytes, {@code 2 log2 workers} times.
     *
     * @param bytes that each process has
     * @param workers at least 1
     * @return seconds
     */
    public double tree(double bytes, int workers) {
        return 2 * levels(workers) * (latency + bytes / bandwidth);
    }

    /**
     * An all-gather: everybody gets the bytes of all others.
     *
     * @param bytes that each process has
     * @param workers at least 1
     * @return seconds
     */
    public double gather(double bytes, int workers) {
        return (workers - 1) * (latency + bytes / bandwidth);
    }

    /**
     * An all-to-all: everybody has something else for each of the others.
     *
     * @param bytes that each process has, its own part included
     * @param workers at least 1
     * @return seconds
     */
    public double exchange(double bytes, int workers) {
        return (workers - 1) * (latency + bytes / workers / bandwidth);
    }

    private static int levels(int workers) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(workers - 1);
    }
}
