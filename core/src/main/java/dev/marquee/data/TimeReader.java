package dev.marquee.data;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Reads the column of times before anything is known of it: as numbers whose order is that of time. Whole numbers are
 * taken as they are; other numbers by their order; texts are numbers, dates ({@code 2026-11-24}) or points in time
 * ({@code 2026-11-24T10:00:00Z}, or with a blank for the T; UTC where no zone stands).
 */
final class TimeReader {
    /** Older than every time. */
    static final long NONE = Long.MIN_VALUE;

    private final String column;
    private final boolean strict;

    TimeReader(String column, boolean strict) {
        this.column = column;
        this.strict = strict;
    }

    /** A row's time; {@link #NONE} where there is none, or where it cannot be read and need not. */
    long read(RawChunk chunk, RawColumn values, int row) {
        if (values.isNull(row)) {
            return NONE;
        }
        if (values instanceof RawColumn.Longs longs) {
            return ordered(longs.value(row));
        }
        if (values instanceof RawColumn.Doubles doubles) {
            return ordered(doubles.value(row));
        }
        if (values instanceof RawColumn.Texts texts) {
            String text = texts.value(row).strip();
            Optional<Long> time = text.isEmpty() ? Optional.of(NONE) : parse(text);
            if (time.isEmpty() && strict) {
                throw new DataException(chunk.place(row) + ": column " + column + " holds \"" + text
                        + "\", which is neither a number nor a date nor a point in time such as 2026-11-24T10:00:00Z");
            }
            return time.orElse(NONE);
        }
        throw new DataException(chunk.place(row) + ": column " + column + " holds lists, not times");
    }

    private static Optional<Long> parse(String text) {
        try {
            return Optional.of(ordered(Double.parseDouble(text)));
        } catch (NumberFormatException e) {
            return instant(text.replace(' ', 'T')).map(instant -> ordered((double) micros(instant)));
        }
    }

    private static Optional<Instant> instant(String text) {
        try {
            if (text.indexOf('T') < 0) {
                return Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
            }
            boolean zoned =
                    text.endsWith("Z") || text.lastIndexOf('+') > 0 || text.lastIndexOf('-') > text.indexOf('T');
            return Optional.of(
                    zoned
                            ? OffsetDateTime.parse(text).toInstant()
                            : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    /** The bits of a double, turned so that their order as whole numbers is that of the doubles. */
    private static long ordered(double value) {
        if (Double.isNaN(value)) {
            return NONE;
        }
        long bits = Double.doubleToLongBits(value + 0.0);
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }

    private static long ordered(long value) {
        return Math.max(value, NONE + 1);
    }
}
