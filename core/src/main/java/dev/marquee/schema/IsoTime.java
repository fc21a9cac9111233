package dev.marquee.schema;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Reads ISO 8601 from bytes: {@code 2024-01-31}, {@code 2024-01-31T18:05}, {@code 2024-01-31 18:05:09.123456+02:00}. A
 * letter T or a blank between date and time, a letter Z or an offset behind them, UTC without one, digits beyond
 * microseconds cut off.
 */
final class IsoTime {
    /** No time: the least long. */
    static final long NONE = Long.MIN_VALUE;

    private static final long SECOND = 1_000_000;
    private static final int MICRO_DIGITS = 6;

    private final byte[] bytes;
    private final int end;
    private int at;
    private boolean wrong;

    private IsoTime(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        at = from;
        end = to;
    }

    /** Microseconds since 1970 in UTC; {@link #NONE} for what is no time. */
    static long micros(byte[] bytes, int from, int to) {
        IsoTime time = new IsoTime(bytes, from, to);
        long micros = time.micros();
        return time.wrong || time.at != to ? NONE : micros;
    }

    private long micros() {
        int year = digits(4, 0, 9999);
        expect('-');
        int month = digits(2, 1, 12);
        expect('-');
        int day = digits(2, 1, 31);
        if (wrong || day > YearMonth.of(year, month).lengthOfMonth()) {
            wrong = true;
            return NONE;
        }
        long days = LocalDate.of(year, month, day).toEpochDay();
        long seconds = 0;
        long fraction = 0;
        if (at < end) {
            wrong |= (bytes[at] | 0x20) != 't' && bytes[at] != ' ';
            at++;
            int hour = digits(2, 0, 23);
            expect(':');
            int minute = digits(2, 0, 59);
            seconds = hour * 3600L + minute * 60L;
            if (accept(':')) {
                seconds += digits(2, 0, 59);
                if (accept('.') || accept(',')) {
                    fraction = fraction();
                }
            }
            seconds -= offset();
        }
        return (days * 86_400 + seconds) * SECOND + fraction;
    }

    private long fraction() {
        long value = 0;
        int digits = 0;
        for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++, digits++) {
            value = digits < MICRO_DIGITS ? value * 10 + bytes[at] - '0' : value;
        }
        wrong |= digits == 0;
        for (; digits < MICRO_DIGITS; digits++) {
            value *= 10;
        }
        return value;
    }

    /** Seconds ahead of UTC. */
    private long offset() {
        if (at == end || accept('Z') || accept('z')) {
            return 0;
        }
        boolean negative = accept('-');
        if (!negative) {
            expect('+');
        }
        long seconds = digits(2, 0, 18) * 3600L;
        if (at < end) {
            accept(':');
            seconds += digits(2, 0, 59) * 60L;
        }
        return negative ? -seconds : seconds;
    }

    private int digits(int count, int least, int most) {
        int value = 0;
        for (int i = 0; i < count; i++, at++) {
            int digit = at < end ? bytes[at] - '0' : -1;
            wrong |= digit < 0 || digit > 9;
            value = value * 10 + digit;
        }
        wrong |= value < least || value > most;
        return value;
    }

    private boolean accept(char letter) {
        if (at < end && bytes[at] == letter) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char letter) {
        wrong |= !accept(letter);
    }
}
