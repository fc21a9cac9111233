package dev.marquee.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The way to a value: names, and indices into lists. */
final class KeyPath {
    private static final String NAME = "[^.\\[\\]\\s]+";
    private static final Pattern WHOLE = Pattern.compile(NAME + "(\\[\\d{1,6}])*(\\." + NAME + "(\\[\\d{1,6}])*)*");
    private static final Pattern STEP = Pattern.compile("\\[(\\d+)]|(" + NAME + ")");

    private KeyPath() {}

    /** The name of a key in a mapping, or else an index into a list. */
    record Step(@Nullable String name, int index) {}

    /** The steps of a key such as {@code data.features[4].kind}; empty if it is not written like one. */
    static Optional<List<Step>> parse(String key) {
        if (!WHOLE.matcher(key).matches()) {
            return Optional.empty();
        }
        List<Step> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(key);
        while (matcher.find()) {
            String index = matcher.group(1);
            steps.add(index == null ? new Step(matcher.group(2), -1) : new Step(null, Integer.parseInt(index)));
        }
        return Optional.of(steps);
    }

    /** The node at the end of the way, if there is one. */
    static Optional<ConfigNode> find(ConfigNode root, List<Step> steps) {
        ConfigNode node = root;
        for (Step step : steps) {
            if (step.name() != null && node instanceof ConfigNode.Mapping mapping) {
                node = mapping.entries().get(step.name());
            } else if (step.name() == null
                    && node instanceof ConfigNode.Sequence list
                    && step.index() < list.elements().size()) {
                node = list.elements().get(step.index());
            } else {
                return Optional.empty();
            }
            if (node == null) {
                return Optional.empty();
            }
        }
        return Optional.of(node);
    }

    /**
     * The tree with another node at the end of the way; mappings on the way are made where they lack.
     *
     * @throws IllegalArgumentException if the way leads to an element that its list does not have
     */
    static ConfigNode put(@Nullable ConfigNode node, List<Step> steps, ConfigNode value) {
        if (steps.isEmpty()) {
            return value;
        }
        List<Step> further = steps.subList(1, steps.size());
        String name = steps.get(0).name();
        if (name != null) {
            ConfigNode.Mapping mapping = node instanceof ConfigNode.Mapping present
                    ? present
                    : new ConfigNode.Mapping(Map.of(), value.origin());
            var entries = new LinkedHashMap<>(mapping.entries());
            entries.put(name, put(entries.get(name), further, value));
            return new ConfigNode.Mapping(entries, mapping.origin());
        }
        int index = steps.get(0).index();
        if (!(node instanceof ConfigNode.Sequence list)) {
            throw new IllegalArgumentException("no list is given here, so that no element can be set: set the list");
        }
        if (index >= list.elements().size()) {
            throw new IllegalArgumentException("there is no element " + index + ": the list has "
                    + list.elements().size() + ", counted from 0");
        }
        List<ConfigNode> elements = new ArrayList<>(list.elements());
        elements.set(index, put(elements.get(index), further, value));
        return new ConfigNode.Sequence(elements, list.origin());
    }
}
