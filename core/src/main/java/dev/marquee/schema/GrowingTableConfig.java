package dev.marquee.schema;

import dev.marquee.config.About;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.Optional;

/**
 * A table whose rows appear when their ids do: no vocabulary is learnt, and values are hashed to so many ids that they
 * hardly ever meet.
 *
 * @param table the table, as features name it
 * @param admitAfter how often an id occurs in training until it has a row of its own; before, it is an unknown one
 * @param evictAfterDays for how many days of the log's time an id may not occur before its row is taken away; never
 *     where absent
 * @param ticksPerDay how long a day is in the schema's time column
 */
public record GrowingTableConfig(
        @About("table of ids and embeddings, as features name it")
        String table,

        @About("occurrences in training from which an id has a row of its own; before, it counts as unknown")
        @Range(atLeast = 1)
        int admitAfter,

        @About("days of log time without an occurrence after which a row is taken away; absent: never")
        @Range(atLeast = 1, atMost = 36_500)
        Optional<Integer> evictAfterDays,

        @About("length of a day in the time column: 86400000000 for dates and points in time, 86400 for seconds")
        @Range(atLeast = 1, atMost = 86_400_000_000_000.0)
        long ticksPerDay)
        implements Section {
    /** How many ids values are hashed to where the features do not say it. */
    public static final int IDS = 2_000_000_000;

    /** What dates and points in time are read as: microseconds since 1970. */
    public static final long MICROSECONDS_PER_DAY = 86_400_000_000L;

    /** The values of absent keys. */
    public static final GrowingTableConfig DEFAULT =
            new GrowingTableConfig("", 2, Optional.empty(), MICROSECONDS_PER_DAY);

    /** 1973: who counts in another unit has smaller numbers. */
    private static final long EARLIEST_MICROSECONDS = 100_000_000_000_000L;

    /** Checks the values. */
    public GrowingTableConfig {
        Sections.validate(GrowingTableConfig.class, table, admitAfter, evictAfterDays, ticksPerDay);
    }

    /**
     * How long an id may not occur.
     *
     * @return in the unit of the time column; {@link Long#MAX_VALUE} for ever
     */
    public long evictAfter() {
        return evictAfterDays.map(days -> days * ticksPerDay).orElse(Long.MAX_VALUE);
    }

    /**
     * Refuses times in another unit than the key says, where one can tell: rows would never be taken away.
     *
     * @param newest the latest time of some rows
     * @throws IllegalArgumentException when the numbers are too small to be microseconds since 1970
     */
    public void requirePlausible(long newest) {
        if (evictAfterDays.isPresent() && ticksPerDay == MICROSECONDS_PER_DAY && newest < EARLIEST_MICROSECONDS) {
            throw new IllegalArgumentException("evict_after_days of the growing table " + table
                    + " needs to know how long a day is in the time column: " + newest
                    + ", as microseconds since 1970, would be before 1973. Set ticks_per_day, to 86400 for seconds,"
                    + " 86400000 for milliseconds, 24 for hours, 1 for days");
        }
    }
}
