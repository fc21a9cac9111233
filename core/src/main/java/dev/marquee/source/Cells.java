package dev.marquee.source;

import java.util.Locale;
import java.util.Set;

/**
 * How a column of a DuckDB type travels. The chunk interface hands over numbers quickly, texts slowly (a call into
 * native code each) and lists not at all. So a chunk has columns of numbers, and all texts of a row are joined into one:
 * the length of each, in bytes, travels as a number. A list travels as a number of elements and one or two texts.
 */
enum Cells {
    /** A BIGINT. */
    LONG,
    /** A DOUBLE. */
    DOUBLE,
    /** A text. */
    TEXT,
    /** A number of elements, and a text of whole numbers between blanks. */
    LONGS,
    /** A number of elements, and a text of numbers between blanks. */
    DOUBLES,
    /** A number of elements, a text of their lengths in bytes between blanks, and a text of all of them. */
    TEXTS,
    /** A date or point in time written in a text: a BIGINT where it can be read, the text itself where not. */
    TIME_TEXT,
    /** A type without a place among raw columns. */
    NONE;

    /** The type of texts that look like points in time. */
    static final String WRITTEN_TIME = "WRITTEN TIME";

    private static final Set<String> WHOLE =
            Set.of("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER");
    private static final Set<String> FLOATING = Set.of("FLOAT", "DOUBLE");
    /** Numbers beyond 64 bits with a sign keep all their digits as texts. */
    private static final Set<String> TEXTUAL = Set.of(
            "VARCHAR",
            "UBIGINT",
            "HUGEINT",
            "UHUGEINT",
            "BIGNUM",
            "UUID",
            "TIME",
            "TIME WITH TIME ZONE",
            "TIME_NS",
            "INTERVAL",
            "BLOB",
            "BIT",
            "JSON",
            "\"NULL\"");

    /** How a type travels. */
    static Cells of(String type) {
        if (type.endsWith("]")) {
            return switch (of(element(type))) {
                case LONG -> LONGS;
                case DOUBLE -> DOUBLES;
                case TEXT -> TEXTS;
                default -> NONE;
            };
        }
        if (type.equals(WRITTEN_TIME)) {
            return TIME_TEXT;
        }
        if (WHOLE.contains(type) || temporal(type)) {
            return LONG;
        }
        if (FLOATING.contains(type) || type.startsWith("DECIMAL")) {
            return DOUBLE;
        }
        return TEXTUAL.contains(type) || type.startsWith("ENUM") ? TEXT : NONE;
    }

    /** Whether a type is a date or a point in time. */
    static boolean temporal(String type) {
        return type.equals("DATE") || type.startsWith("TIMESTAMP");
    }

    /** The type of a list's elements. */
    static String element(String type) {
        return type.substring(0, type.lastIndexOf('['));
    }

    /** A type in words. */
    static String words(String type) {
        if (of(type) != NONE && type.endsWith("]")) {
            return "list of " + words(element(type));
        }
        if (type.equals("DATE")) {
            return "date";
        }
        if (type.equals("BOOLEAN")) {
            return "truth value";
        }
        return switch (of(type)) {
            case LONG -> temporal(type) ? "point in time" : "whole number";
            case DOUBLE -> "number";
            case TEXT -> "text";
            case TIME_TEXT -> "point in time";
            default -> type.toLowerCase(Locale.ROOT);
        };
    }

    /** An SQL expression for a single value: BIGINT, DOUBLE or VARCHAR. */
    static String single(String expression, String type) {
        if (temporal(type)) {
            return "epoch_us(" + (type.equals("DATE") ? "CAST(" + expression + " AS TIMESTAMP)" : expression) + ")";
        }
        return switch (of(type)) {
            case LONG -> "CAST(" + expression + " AS BIGINT)";
            case DOUBLE -> "CAST(" + expression + " AS DOUBLE)";
            default -> type.equals("VARCHAR") ? expression : "CAST(" + expression + " AS VARCHAR)";
        };
    }
}
