package dev.marquee.collective;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: {@code 500ms}, {@code 30s}, {@code 10m}. */
public final class Spans {
    private static final Pattern SPAN = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|)");

    private Spans() {}

    /**
     * Reads a span.
     *
     * @param text a number with {@code ms}, {@code s} or {@code m}; seconds without
     * @return the span
     * @throws IllegalArgumentException when it is not one, or zero
     */
    public static Duration parse(String text) {
        Matcher matcher = SPAN.matcher(text.strip());
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a span of time: write a number with ms, s or m, such as 30s");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }

    /**
     * Writes a span.
     *
     * @param span any
     * @return such as {@code 30 s}
     */
    public static String text(Duration span) {
        return text(span.toMillis());
    }

    static String text(long milliseconds) {
        return milliseconds % 1000 == 0 ? milliseconds / 1000 + " s" : milliseconds + " ms";
    }
}
