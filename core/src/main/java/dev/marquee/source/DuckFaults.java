package dev.marquee.source;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in a user's words what DuckDB reports. */
final class DuckFaults {
    private static final Pattern LINE = Pattern.compile("CSV Error on Line: (\\d+)");
    private static final Pattern FILE = Pattern.compile("(?m)^\\s*file = (.+)$");
    private static final Pattern FIELDS = Pattern.compile("Expected Number of Columns: (\\d+) Found: (\\d+)");
    private static final Pattern PREFIX = Pattern.compile("^[A-Z][A-Za-z ]+ Error: ");
    private static final Pattern JSON =
            Pattern.compile("Malformed JSON in file \"(.*)\", at byte \\d+ in (?:line|record/value) (\\d+)");

    private DuckFaults() {}

    /**
     * A fault with a message for users.
     *
     * @param where the file or the query, where the report does not name the file itself
     * @param report DuckDB's
     */
    static SourceException of(String where, SQLException report) {
        return new SourceException(message(where, String.valueOf(report.getMessage())), report);
    }

    static String message(String where, String report) {
        Matcher line = LINE.matcher(report);
        if (line.find()) {
            Matcher file = FILE.matcher(report);
            String named = file.find() ? file.group(1).strip() : where;
            return named + ", line " + line.group(1) + ": " + csv(report);
        }
        Matcher json = JSON.matcher(report);
        if (json.find()) {
            return json.group(1) + ", near line " + json.group(2)
                    + ": is not a JSON object; the format json needs one a line";
        }
        if (report.contains("No magic bytes found") || report.contains("too small to be a Parquet file")) {
            return where + " is not a whole Parquet file: it was cut off while it was written or copied, or is of"
                    + " another format; get it anew or set data.format.kind";
        }
        if (report.contains("requires the extension") || report.contains("Missing Extension")) {
            return where + " needs an extension of DuckDB, and none is fetched: " + first(report)
                    + "; copy the data to this machine first";
        }
        if (report.contains("Out of Memory") || report.contains("could not allocate")) {
            return where + ": memory did not suffice (" + first(report)
                    + "): select fewer columns or rows with data.format.sql";
        }
        return where + ": " + first(report);
    }

    private static String csv(String report) {
        Matcher fields = FIELDS.matcher(report);
        if (fields.find()) {
            return "has " + fields.group(2) + " fields where " + fields.group(1)
                    + " are expected: repair the line, quote fields that hold the delimiter, or set"
                    + " data.format.delimiter";
        }
        if (report.contains("not utf-8") || report.contains("unicode")) {
            return "is not in UTF-8: convert the file (iconv -f LATIN1 -t UTF-8), or read it with data.format.sql:"
                    + " SELECT * FROM read_csv('FILE', encoding = 'latin-1')";
        }
        if (report.contains("unterminated quote")) {
            return "a field begins with a quotation mark and does not end: close it, or write quotation marks within a"
                    + " quoted field twice";
        }
        if (report.contains("Maximum line size")) {
            return "is longer than 8 MB: is a quotation mark missing before it?";
        }
        String rest = report.substring(report.indexOf("CSV Error on Line"));
        String[] lines = rest.split("\\R", 4);
        return lines.length > 2 ? lines[2].strip() : first(report);
    }

    /** The first line, without the class of the error. */
    static String first(String report) {
        String line = report.strip().lines().findFirst().orElse("unknown error");
        String plain = PREFIX.matcher(line).replaceFirst("");
        return plain.isEmpty() ? line : plain;
    }
}
