package dev.marquee.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a section of the values in a tree, or says all that is wrong with them at once: unknown keys with the nearest
 * known one, wrong types, numbers out of range, unknown names, contradictions.
 *
 * <p>So that one wrong value does not hide the contradictions among the others, it is replaced by its default while
 * they are sought; contradictions that name a wrong value's key, or the name that stands in for a wrong name, are left
 * out, as they may vanish with it.
 */
public final class Binder {
    private static final ConfigNode.Mapping NOTHING = new ConfigNode.Mapping(Map.of(), "");

    private final Class<? extends Section> outermost;
    private final ConfigTree tree;
    private final Faults faults = new Faults();

    /** By key, the names that stand in for wrong ones. */
    private final Map<String, String> replacements = new LinkedHashMap<>();

    private Binder(Class<? extends Section> outermost, ConfigTree tree) {
        this.outermost = outermost;
        this.tree = tree;
        tree.faults().forEach(faults::add);
    }

    /**
     * Binds a tree.
     *
     * @param <T> the type of the section
     * @param section a record, or a sealed interface of records
     * @param tree the values; absent keys take their defaults, and so do those whose value is null, save that an
     *     Optional is empty then
     * @param source what the message says has the faults, such as {@code mine.yaml}
     * @return the section, checked
     * @throws ConfigException if there is any fault
     */
    public static <T extends Section> T bind(Class<T> section, ConfigTree tree, String source) {
        Binder binder = new Binder(section, tree);
        Section bound = binder.section(section, tree.root(), "", null);
        if (bound == null || !binder.faults.isEmpty()) {
            throw new ConfigException(source, binder.faults.list());
        }
        return section.cast(bound);
    }

    /** The section, with defaults in place of what is wrong; null if it cannot be made, for reasons told. */
    private @Nullable Section section(
            Class<? extends Section> type, ConfigNode.Mapping node, String prefix, @Nullable Section fallback) {
        Class<? extends Section> record = chosen(type, node, prefix, fallback);
        if (record == null) {
            return null;
        }
        new UnknownKeys(outermost, type, record, prefix).report(node, faults);
        Section defaults =
                record.isInstance(fallback) ? fallback : Schema.defaults(record).orElse(null);
        List<Object> values = new ArrayList<>();
        boolean complete = true;
        for (Component component : Schema.components(record)) {
            Object usual = defaults == null ? null : component.of(defaults);
            Object value = value(
                    component.type(),
                    component.range(),
                    node.entries().get(component.key()),
                    Schema.join(prefix, component.key()),
                    usual);
            if (value == null && usual instanceof Enum<?> constant) {
                replacements.put(Schema.join(prefix, component.key()), Schema.name(constant));
            }
            Object best = value == null ? usual : value;
            if (best == null) {
                complete = false; // but the other components may have faults to tell
            } else {
                values.add(best);
            }
        }
        return complete ? construct(record, values, prefix) : null;
    }

    private @Nullable Class<? extends Section> chosen(
            Class<? extends Section> type, ConfigNode.Mapping node, String prefix, @Nullable Section fallback) {
        Map<String, Class<? extends Section>> kinds = Schema.kinds(type);
        String key = Schema.join(prefix, Schema.KIND);
        ConfigNode given = kinds.isEmpty() ? null : node.entries().get(Schema.KIND);
        if (given == null || given.isNull()) {
            if (type.isRecord()) {
                return type;
            }
            if (fallback != null) {
                return fallback.getClass();
            }
            faults.add(new Faults.Fault(
                    key, "is missing: give one of " + String.join(", ", kinds.keySet()), node.origin()));
            return null;
        }
        if (given instanceof ConfigNode.Scalar scalar) {
            Class<? extends Section> record = kinds.get(scalar.text());
            if (record == null) {
                faults.add(new Faults.Fault(key, ScalarReader.notOneOf(scalar, kinds.keySet()), scalar.origin()));
            }
            return record;
        }
        misfit(given, key, "one of " + String.join(", ", kinds.keySet()));
        return null;
    }

    /** The value; null if it is wrong, which has been told then. */
    private @Nullable Object value(
            ValueType type, @Nullable Range range, @Nullable ConfigNode node, String key, @Nullable Object usual) {
        if (type instanceof ValueType.OptionalOf optional) {
            if (node == null) {
                return usual == null ? Optional.empty() : usual;
            }
            Object inner = usual instanceof Optional<?> some ? some.orElse(null) : null;
            if (node.isNull()) {
                return Optional.empty();
            }
            Object value = value(optional.value(), range, node, key, inner);
            return value == null ? null : Optional.of(value);
        }
        if (node == null || node.isNull()) {
            if (usual == null && type instanceof ValueType.SectionOf section) {
                return section(section.type(), NOTHING, key, null);
            }
            if (usual == null) {
                faults.add(new Faults.Fault(key, "is missing: give " + type.words(), origin(key)));
            }
            return usual;
        }
        if (type instanceof ValueType.Plain plain && node instanceof ConfigNode.Scalar scalar) {
            return ScalarReader.read(
                    plain, scalar, range, message -> faults.add(new Faults.Fault(key, message, scalar.origin())));
        }
        if (type instanceof ValueType.ListOf list && node instanceof ConfigNode.Sequence sequence) {
            return list(list.element(), range, sequence, key);
        }
        if (type instanceof ValueType.SectionOf section && node instanceof ConfigNode.Mapping mapping) {
            return section(section.type(), mapping, key, (Section) usual);
        }
        misfit(node, key, type.words());
        return null;
    }

    private @Nullable Object list(ValueType element, @Nullable Range range, ConfigNode.Sequence sequence, String key) {
        List<Object> values = new ArrayList<>();
        boolean complete = true;
        for (int i = 0; i < sequence.elements().size(); i++) {
            Object value = value(element, range, sequence.elements().get(i), key + "[" + i + "]", null);
            if (value == null) {
                complete = false;
            } else {
                values.add(value);
            }
        }
        return complete ? List.copyOf(values) : null;
    }

    private void misfit(ConfigNode node, String key, String expected) {
        String message = node instanceof ConfigNode.Sequence ? "a list" : "a section";
        message += " where " + expected + " is expected";
        if (node instanceof ConfigNode.Scalar scalar) {
            boolean list = expected.startsWith("a list");
            message = ScalarReader.shown(scalar) + " is not " + expected + ": write "
                    + (list ? "[" + scalar.text() + "]" : "keys with their values beneath");
        }
        faults.add(new Faults.Fault(key, message, node.origin()));
    }

    private @Nullable Section construct(Class<? extends Section> record, List<Object> values, String prefix) {
        Faults own = new Faults();
        Section section = null;
        try {
            section = Schema.construct(record, values);
            section.check(own);
        } catch (ConfigException e) {
            e.faults().forEach(own::add);
        }
        if (own.isEmpty()) {
            return section;
        }
        Set<String> wrong = namesAtFault(prefix);
        for (Faults.Fault fault : own.list()) {
            if (!mentions(fault, wrong)) {
                String key = Schema.join(prefix, fault.key());
                faults.add(new Faults.Fault(
                        key, fault.message(), fault.origin().isEmpty() ? origin(key) : fault.origin()));
            }
        }
        return null;
    }

    /** The names of the keys beneath the prefix that have been found wrong, and the names that stand in for wrong ones. */
    private Set<String> namesAtFault(String prefix) {
        Set<String> names = new LinkedHashSet<>();
        for (Faults.Fault fault : faults.list()) {
            if (isBeneath(fault.key(), prefix) && !fault.message().startsWith(UnknownKeys.UNKNOWN)) {
                String[] parts = fault.key().substring(prefix.length()).split("[.\\[\\]]+", -1);
                Arrays.stream(parts).filter(part -> part.matches("[a-z].*")).forEach(names::add);
            }
        }
        replacements.forEach((key, name) -> {
            if (isBeneath(key, prefix)) {
                names.add(name);
            }
        });
        return names;
    }

    private static boolean isBeneath(String key, String prefix) {
        return prefix.isEmpty() || key.startsWith(prefix + ".") || key.startsWith(prefix + "[");
    }

    private static boolean mentions(Faults.Fault fault, Set<String> names) {
        String words = fault.key() + " " + fault.message();
        return names.stream()
                .anyMatch(name -> Pattern.compile("\\b" + Pattern.quote(name) + "\\b")
                        .matcher(words)
                        .find());
    }

    /** Of the key, or of the nearest section or list around it. */
    private String origin(String key) {
        String at = key;
        while (!at.isEmpty()) {
            Optional<String> origin = tree.origin(at);
            if (origin.isPresent()) {
                return origin.get();
            }
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return "";
    }
}
