package dev.marquee.source;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How a file of separated fields is written.
 *
 * @param delimiter between fields
 * @param header whether the first line holds the names
 * @param names of the columns
 * @param times the columns that look like points in time
 */
record CsvShape(String delimiter, boolean header, List<String> names, Set<String> times) {
    private static final List<String> DELIMITERS = List.of(",", "\t", ";", "|", "\u0001");
    private static final Pattern NUMBER = Pattern.compile("\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?\\s*");
    private static final Pattern TIME = Pattern.compile(
            "\\d{4}-\\d\\d-\\d\\d([ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?( ?(Z|UTC|[-+]\\d\\d(:?\\d\\d)?))?)?");

    /**
     * Finds it out from the first lines.
     *
     * @param file for messages
     * @param text the first lines
     * @param complete whether they are all
     * @param config what is known
     */
    static CsvShape of(String file, String text, boolean complete, SourceConfig config) {
        String delimiter = config.delimiter().orElseGet(() -> delimiter(text, complete));
        List<List<String>> records = CsvRecords.split(text, delimiter, complete);
        if (records.isEmpty()) {
            throw new SourceException(file + " has no lines");
        }
        int fields = usual(records);
        if (fields == 1) {
            oneColumn(file, text, complete, delimiter, config);
        }
        if (records.get(0).size() != fields) {
            throw new SourceException(file + ", line 1: has " + records.get(0).size() + " fields, the lines below "
                    + fields + ": remove it if it is a comment, or repair it");
        }
        boolean header = header(file, records, config);
        List<String> names = names(file, records.get(0), header, config);
        return new CsvShape(delimiter, header, names, times(records.subList(header ? 1 : 0, records.size()), names));
    }

    /** The delimiter that gives most lines the same number of fields above 1. */
    private static String delimiter(String text, boolean complete) {
        String best = ",";
        double bestShare = 0;
        int bestFields = 1;
        for (String candidate : DELIMITERS) {
            List<List<String>> records = CsvRecords.split(text, candidate, complete);
            int fields = records.isEmpty() ? 1 : usual(records);
            double share =
                    records.stream().filter(record -> record.size() == fields).count() / (double) records.size();
            if (fields > 1 && (share > bestShare || (share == bestShare && fields > bestFields))) {
                best = candidate;
                bestShare = share;
                bestFields = fields;
            }
        }
        return bestFields > 1 && blanksFollow(text, best, complete) ? best + " " : best;
    }

    /** Whether each delimiter is followed by a blank, which is then a part of it rather than of the values. */
    private static boolean blanksFollow(String text, String delimiter, boolean complete) {
        if (delimiter.isBlank()) {
            return false;
        }
        return CsvRecords.split(text, delimiter, complete).stream()
                .flatMap(record -> record.stream().skip(1))
                .allMatch(field -> field.startsWith(" "));
    }

    private static int usual(List<List<String>> records) {
        Map<Integer, Integer> counts = new HashMap<>();
        records.forEach(record -> counts.merge(record.size(), 1, Integer::sum));
        int best = 1;
        for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
            int more = entry.getValue() - counts.getOrDefault(best, 0);
            if (more > 0 || (more == 0 && entry.getKey() > best)) {
                best = entry.getKey();
            }
        }
        return best;
    }

    private static void oneColumn(String file, String text, boolean complete, String delimiter, SourceConfig config) {
        if (config.delimiter().isPresent()) {
            String other = delimiter(text, complete);
            if (!other.equals(delimiter) && usual(CsvRecords.split(text, other, complete)) > 1) {
                throw new SourceException(file + ": data.format.delimiter \"" + delimiter
                        + "\" gives one column; the lines seem to be separated by " + shown(other));
            }
        } else if (config.columns().size() != 1) {
            throw new SourceException(file + ": one column was found, "
                    + text.lines().findFirst().orElse("") + ": none of comma, tab, semicolon and | separates its"
                    + " lines; name the character that does in data.format.delimiter");
        }
    }

    private static String shown(String delimiter) {
        return delimiter.equals("\t") ? "a tab" : "\"" + delimiter + "\"";
    }

    private static boolean header(String file, List<List<String>> records, SourceConfig config) {
        List<String> first = records.get(0);
        if (config.header().isPresent()) {
            return config.header().get();
        }
        if (!config.columns().isEmpty()) {
            return first.stream().map(String::strip).toList().equals(config.columns());
        }
        long empty = first.stream().filter(String::isBlank).count();
        if (first.stream().anyMatch(field -> NUMBER.matcher(field).matches()) || empty > 1) {
            throw new SourceException(file + ": the first line does not look like names of columns: " + brief(first)
                    + "; give the " + first.size() + " names in data.format.columns, or set data.format.header: true"
                    + " if these are names, false to call them column1, column2, ...");
        }
        return true;
    }

    private static String brief(List<String> fields) {
        return String.join(", ", fields.subList(0, Math.min(5, fields.size()))) + (fields.size() > 5 ? ", ..." : "");
    }

    private static List<String> names(String file, List<String> first, boolean header, SourceConfig config) {
        if (!config.columns().isEmpty()) {
            if (config.columns().size() != first.size()) {
                throw new SourceException(file + " has " + first.size() + " columns, data.format.columns names "
                        + config.columns().size() + ": name each, in order");
            }
            return config.columns();
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            String name = header ? first.get(i).strip() : "";
            names.add(name.isEmpty() ? "column" + (i + 1) : name);
        }
        Set<String> seen = new LinkedHashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new SourceException(file + ": two columns are named " + name
                        + ": rename one, or name all in data.format.columns, with data.format.header: true");
            }
        }
        return List.copyOf(names);
    }

    private static Set<String> times(List<List<String>> records, List<String> names) {
        Set<String> times = new LinkedHashSet<>();
        for (int i = 0; i < names.size(); i++) {
            int column = i;
            List<String> values = records.stream()
                    .filter(record -> record.size() > column)
                    .map(record -> record.get(column))
                    .filter(value -> !value.isEmpty())
                    .toList();
            if (!values.isEmpty()
                    && values.stream().allMatch(value -> TIME.matcher(value).matches())) {
                times.add(names.get(i));
            }
        }
        return Set.copyOf(times);
    }
}
