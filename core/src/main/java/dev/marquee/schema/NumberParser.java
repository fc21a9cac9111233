package dev.marquee.schema;

import java.nio.charset.StandardCharsets;

/**
 * Reads decimal numbers from UTF-8 bytes without making texts of them: an optional sign, digits with at most one point,
 * an optional exponent; blanks around; {@code true} and {@code false}, in any case, as 1 and 0. The result is the
 * nearest double, as {@link Double#parseDouble} gives it, whose further forms (hexadecimal, {@code 1f}, {@code NaN}) are
 * no numbers here.
 */
final class NumberParser {
    /** With a mantissa below 2^53 and one of these, one division or product rounds right (Clinger 1990). */
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private static final long EXACT = 1L << 53;
    private static final int DIGITS = 18;
    private static final int LARGEST_EXPONENT = 100_000;

    private NumberParser() {}

    /** Whether there is nothing but blanks. */
    static boolean isBlank(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isBlank(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /** The number; NaN if there is none. */
    static double parse(byte[] bytes, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && isBlank(bytes[start])) {
            start++;
        }
        while (start < end && isBlank(bytes[end - 1])) {
            end--;
        }
        int at = start;
        boolean negative = at < end && bytes[at] == '-';
        if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
            at++;
        }
        long mantissa = 0;
        int significant = 0;
        int exponent = 0;
        int digits = 0;
        boolean point = false;
        for (; at < end; at++) {
            int digit = bytes[at] - '0';
            if (digit >= 0 && digit <= 9) {
                digits++;
                if (point) {
                    exponent--;
                }
                if (significant < DIGITS) {
                    mantissa = mantissa * 10 + digit;
                }
                if (mantissa != 0) {
                    significant++;
                }
            } else if (bytes[at] == '.' && !point) {
                point = true;
            } else {
                break;
            }
        }
        if (digits == 0) {
            return truth(bytes, start, end);
        }
        if (at < end) {
            int given = exponent(bytes, at, end);
            if (given == Integer.MIN_VALUE) {
                return Double.NaN;
            }
            exponent += given;
        }
        if (significant <= DIGITS && mantissa < EXACT && Math.abs(exponent) < POWERS.length) {
            double value = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
            return negative ? -value : value;
        }
        return Double.parseDouble(new String(bytes, start, end - start, StandardCharsets.ISO_8859_1));
    }

    /** What stands behind the letter e; the least int if this is no exponent. */
    private static int exponent(byte[] bytes, int from, int end) {
        int at = from + 1;
        boolean negative = at < end && bytes[at] == '-';
        if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
            at++;
        }
        if ((bytes[from] | 0x20) != 'e' || at == end) {
            return Integer.MIN_VALUE;
        }
        int value = 0;
        for (; at < end; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return Integer.MIN_VALUE;
            }
            value = Math.min(LARGEST_EXPONENT, value * 10 + digit);
        }
        return negative ? -value : value;
    }

    private static double truth(byte[] bytes, int start, int end) {
        if (is(bytes, start, end, "true")) {
            return 1;
        }
        return is(bytes, start, end, "false") ? 0 : Double.NaN;
    }

    private static boolean is(byte[] bytes, int start, int end, String word) {
        if (end - start != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if ((bytes[start + i] | 0x20) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || (value >= '\t' && value <= '\r');
    }
}
