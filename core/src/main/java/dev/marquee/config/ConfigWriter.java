package dev.marquee.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes a section as YAML: every key with its value, so that it binds back to an equal section. */
public final class ConfigWriter {
    /** What needs no quotes wherever it stands, if it is not a word with a meaning. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./-]*");

    private static final Pattern WITH_MEANING = Pattern.compile("(?i)null|true|false|yes|no|on|off|y|n");

    private final boolean comments;

    private ConfigWriter(boolean comments) {
        this.comments = comments;
    }

    /**
     * The values alone.
     *
     * @param section what to write
     * @return YAML text
     */
    public static String write(Section section) {
        return text(new ConfigWriter(false).section(section));
    }

    /**
     * The values, and above each its meaning as a comment.
     *
     * @param section what to write
     * @return YAML text
     */
    public static String writeCommented(Section section) {
        return text(new ConfigWriter(true).section(section));
    }

    /**
     * The values that a tree gives, and no others.
     *
     * @param tree values by key; without faults
     * @param comments by dotted key, a line that is written above it
     * @return YAML text that reads back as equal values
     */
    public static String write(ConfigTree tree, Map<String, String> comments) {
        return text(new TreeWriter(comments).mapping(tree.root(), ""));
    }

    /**
     * A value on one line.
     *
     * @throws IllegalArgumentException if a recipe cannot hold a value of that type
     */
    static String inline(Object value) {
        if (value instanceof Optional<?> optional) {
            return optional.isEmpty() ? "null" : inline(optional.get());
        }
        if (value instanceof List<?> list) {
            return list.stream().map(ConfigWriter::inline).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Section section) {
            return values(section).entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + inline(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Enum<?> constant) {
            return quotedIfNeeded(Schema.name(constant));
        }
        if (value instanceof String text) {
            return quotedIfNeeded(text);
        }
        if (value instanceof Boolean || value instanceof Integer || value instanceof Long || value instanceof Double) {
            return value instanceof Number number ? number(number) : value.toString();
        }
        throw new IllegalArgumentException("a recipe cannot hold a value of " + value.getClass()
                + ": give a boolean, an int, a long, a double, a String, a Path, an enum's constant, a section, or a"
                + " List or an Optional of these");
    }

    private static String text(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private static Map<String, Object> values(Section section) {
        Map<String, Object> values = new LinkedHashMap<>();
        Schema.kind(section.getClass()).ifPresent(kind -> values.put(Schema.KIND, kind));
        Schema.components(section.getClass()).forEach(component -> values.put(component.key(), component.of(section)));
        return values;
    }

    private List<String> section(Section section) {
        Map<String, String> about = Schema.components(section.getClass()).stream()
                .filter(component -> comments && component.about() != null)
                .collect(Collectors.toMap(
                        Component::key, component -> component.about().value()));
        List<String> lines = new ArrayList<>();
        values(section).forEach((key, value) -> {
            if (about.containsKey(key)) {
                lines.add("# " + about.get(key));
            }
            lines.addAll(entry(
                    key, value instanceof Optional<?> optional && optional.isPresent() ? optional.get() : value));
        });
        return lines.isEmpty() ? List.of("{}") : lines;
    }

    private List<String> entry(String key, Object value) {
        List<String> lines = new ArrayList<>();
        if (value instanceof Section section && !values(section).isEmpty()) {
            lines.add(key + ":");
            section(section).forEach(line -> lines.add("  " + line));
        } else if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Section) {
            lines.add(key + ":");
            list.forEach(element -> lines.addAll(item((Section) element)));
        } else {
            lines.add(key + ": " + inline(value));
        }
        return lines;
    }

    /** An element of a list. Without comments: the same for each, they would drown the values. */
    private static List<String> item(Section section) {
        List<String> lines = new ArrayList<>();
        for (String line : new ConfigWriter(false).section(section)) {
            lines.add((lines.isEmpty() ? "  - " : "    ") + line);
        }
        return lines;
    }

    private static String number(Number number) {
        String text = number.toString();
        return switch (text) {
            case "NaN" -> ".nan";
            case "Infinity" -> ".inf";
            case "-Infinity" -> "-.inf";
            default -> text;
        };
    }

    static String quotedIfNeeded(String text) {
        if (PLAIN.matcher(text).matches() && !WITH_MEANING.matcher(text).matches()) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(point -> {
            if (point == '"' || point == '\\') {
                quoted.append('\\').appendCodePoint(point);
            } else if (point == '\n') {
                quoted.append("\\n");
            } else if (point == '\t') {
                quoted.append("\\t");
            } else if ((point >= ' ' && point <= '~') || Character.isLetterOrDigit(point)) {
                quoted.appendCodePoint(point);
            } else {
                quoted.append(String.format(point > Character.MAX_VALUE ? "\\U%08X" : "\\u%04X", point));
            }
        });
        return quoted.append('"').toString();
    }
}
