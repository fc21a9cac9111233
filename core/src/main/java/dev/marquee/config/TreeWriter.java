package dev.marquee.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes the values of a tree: sections line by line, lists of values and what lies within lists on one line. */
final class TreeWriter {
    /** What means something else without its quotes, or the same with fewer characters. */
    private static final Pattern BARE =
            Pattern.compile("[-+]?[.\\d][\\d_]*[.]?\\d*([eE][-+]?\\d+)?|[-+]?[.](inf|nan)|true|false|null|~|");

    private static final String INDENT = "  ";

    private final Map<String, String> comments;

    TreeWriter(Map<String, String> comments) {
        this.comments = Map.copyOf(comments);
    }

    List<String> mapping(ConfigNode.Mapping mapping, String path) {
        List<String> lines = new ArrayList<>();
        mapping.entries().forEach((name, node) -> {
            String key = Schema.join(path, name);
            String comment = comments.get(key);
            if (comment != null) {
                lines.add("# " + comment);
            }
            String head = ConfigWriter.quotedIfNeeded(name) + ":";
            if (node instanceof ConfigNode.Mapping inner && !inner.entries().isEmpty()) {
                lines.add(head);
                mapping(inner, key).forEach(line -> lines.add(INDENT + line));
            } else if (node instanceof ConfigNode.Sequence list
                    && list.elements().stream().anyMatch(ConfigNode.Mapping.class::isInstance)) {
                lines.add(head);
                list.elements().forEach(element -> lines.add(INDENT + "- " + inline(element)));
            } else {
                lines.add(head + " " + inline(node));
            }
        });
        return lines;
    }

    private static String inline(ConfigNode node) {
        if (node instanceof ConfigNode.Mapping mapping) {
            return mapping.entries().entrySet().stream()
                    .map(entry -> ConfigWriter.quotedIfNeeded(entry.getKey()) + ": " + inline(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (node instanceof ConfigNode.Sequence list) {
            return list.elements().stream().map(TreeWriter::inline).collect(Collectors.joining(", ", "[", "]"));
        }
        ConfigNode.Scalar scalar = (ConfigNode.Scalar) node;
        if (scalar.isNull()) {
            return "null";
        }
        boolean bare = !scalar.quoted() && BARE.matcher(scalar.text()).matches();
        return bare ? scalar.text() : ConfigWriter.quotedIfNeeded(scalar.text());
    }
}
