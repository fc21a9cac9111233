package dev.marquee.source;

import java.util.ArrayList;
import java.util.List;

/** Takes the first lines of a file apart, as RFC 4180 has it: quotation marks around a field, doubled within it. */
final class CsvRecords {
    private CsvRecords() {}

    /**
     * The records.
     *
     * @param text lines; a last record that is not complete is left out when there are others
     * @param complete whether the text is all of the file
     */
    static List<List<String>> split(String text, String delimiter, boolean complete) {
        List<List<String>> records = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        boolean empty = true; // nothing of the record was seen yet
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    field.append(c);
                    i++;
                } else if (c == '"') {
                    quoted = false;
                } else {
                    field.append(c);
                }
            } else if (c == '"' && field.isEmpty()) {
                quoted = true;
                empty = false;
            } else if (text.startsWith(delimiter, i)) {
                fields.add(field.toString());
                field.setLength(0);
                empty = false;
                i += delimiter.length() - 1;
            } else if (c == '\n') {
                if (!empty) {
                    fields.add(field.toString());
                    records.add(List.copyOf(fields));
                }
                fields.clear();
                field.setLength(0);
                empty = true;
            } else {
                field.append(c);
                empty = false;
            }
        }
        if (!empty && ((complete && !quoted) || records.isEmpty())) {
            fields.add(field.toString());
            records.add(List.copyOf(fields));
        }
        return records;
    }
}
