package dev.marquee.cli.bench;

import dev.marquee.accelerate.Gain;
import dev.marquee.measure.Interleaved.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Ways of doing the same work, measured in turn.
 *
 * @param work what was done
 * @param unit of the rates
 * @param ways in the order in which they were measured
 * @param chosen the number of the one that is taken without doing anything
 * @param advice what to set for the fastest, where it is faster than the chosen one by more than noise
 */
public record Choice(String work, String unit, List<Way> ways, int chosen, Optional<String> advice) {
    /** Differences that are not worth a setting, whatever the noise. */
    private static final double WORTHWHILE = 1.03;

    /**
     * One way.
     *
     * @param name in words
     * @param rate the median
     * @param gain over the chosen one
     */
    public record Way(String name, double rate, Gain gain) {}

    /** Copies the list. */
    public Choice {
        ways = List.copyOf(ways);
    }

    /**
     * Compares what was measured in the same turns.
     *
     * @param work what was done
     * @param unit of the rates
     * @param amount how much of that unit's numerator a measurement is
     * @param series seconds, by way
     * @param settings what to set for each way
     * @param chosen the number of the one that is taken
     * @return the choice
     */
    static Choice of(String work, String unit, double amount, List<Series> series, List<String> settings, int chosen) {
        List<Way> ways = new ArrayList<>();
        int best = chosen;
        double fastest = WORTHWHILE;
        for (int i = 0; i < series.size(); i++) {
            Series own = series.get(i);
            Gain gain = Gain.of(series.get(chosen), own);
            ways.add(new Way(own.name(), amount / own.seconds().median(), gain));
            if (i != chosen && gain.faster() && gain.times() > fastest) {
                best = i;
                fastest = gain.times();
            }
        }
        return new Choice(
                work, unit, ways, chosen, best == chosen ? Optional.empty() : Optional.of(settings.get(best)));
    }
}
