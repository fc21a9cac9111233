package dev.marquee.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A key that differs between two sections.
 *
 * @param key the dotted key
 * @param before its value in the first, as YAML; {@code absent} if it is not there
 * @param after its value in the second, likewise
 */
public record ConfigDifference(String key, String before, String after) {
    private static final String ABSENT = "absent";

    /**
     * Compares two sections.
     *
     * @param before the first
     * @param after the second
     * @return the keys that differ, in order; empty for equal sections
     */
    public static List<ConfigDifference> between(Section before, Section after) {
        Map<String, String> first = values(before);
        Map<String, String> second = values(after);
        Set<String> keys = new LinkedHashSet<>(first.keySet());
        keys.addAll(second.keySet());
        List<ConfigDifference> differences = new ArrayList<>();
        for (String key : keys) {
            String old = first.getOrDefault(key, ABSENT);
            String now = second.getOrDefault(key, ABSENT);
            if (!Objects.equals(old, now)) {
                differences.add(new ConfigDifference(key, old, now));
            }
        }
        return differences;
    }

    /**
     * All values of a section.
     *
     * @param section any
     * @return as YAML by dotted key, in order
     */
    public static Map<String, String> values(Section section) {
        Map<String, String> values = new LinkedHashMap<>();
        ConfigTree.of(section).root().entries().forEach((key, node) -> flatten(key, node, values));
        return values;
    }

    private static void flatten(String key, ConfigNode node, Map<String, String> values) {
        if (node instanceof ConfigNode.Mapping mapping) {
            mapping.entries().forEach((name, inner) -> flatten(key + "." + name, inner, values));
        } else {
            values.put(key, text(node));
        }
    }

    private static String text(ConfigNode node) {
        if (node instanceof ConfigNode.Scalar scalar) {
            return scalar.text();
        }
        if (node instanceof ConfigNode.Sequence sequence) {
            return sequence.elements().stream().map(ConfigDifference::text).collect(Collectors.joining(", ", "[", "]"));
        }
        return ((ConfigNode.Mapping) node)
                .entries().entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + text(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
    }
}
