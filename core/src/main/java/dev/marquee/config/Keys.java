package dev.marquee.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All keys of a section and of the sections within it, for help and documentation. */
public final class Keys {
    private final List<Key> keys = new ArrayList<>();
    private final Set<Class<?>> open = new LinkedHashSet<>();

    private Keys() {}

    /**
     * One key.
     *
     * @param key the dotted key; {@code []} stands for any element of a list
     * @param kind for which kind it exists, such as {@code model.kind: perceptron}; empty if for all
     * @param type the type in words, such as {@code a whole number}
     * @param defaultValue the value of an absent key, in YAML; empty if there is none
     * @param range the numbers allowed, such as {@code between 0 and 1}; empty if all
     * @param about the meaning
     */
    public record Key(String key, String kind, String type, String defaultValue, String range, String about) {}

    /**
     * Describes all keys, in order. A section comes before the keys within; of a sealed interface, the choosing key
     * comes before the keys of each kind.
     *
     * @param section the outermost section
     * @return the keys
     * @throws IllegalStateException if a component lacks {@link About}
     */
    public static List<Key> describe(Class<? extends Section> section) {
        List<Key> keys = all(section);
        for (Key key : keys) {
            if (key.about().isEmpty()) {
                throw new IllegalStateException("the component of key " + key.key() + " lacks @About");
            }
        }
        return keys;
    }

    /** All dotted keys. */
    static Set<String> names(Class<? extends Section> section) {
        Set<String> names = new LinkedHashSet<>();
        all(section).forEach(key -> names.add(key.key()));
        return names;
    }

    private static List<Key> all(Class<? extends Section> section) {
        Keys keys = new Keys();
        keys.section(section, null, "", "", "The kind");
        return List.copyOf(keys.keys);
    }

    private void section(
            Class<? extends Section> type, @Nullable Section fallback, String prefix, String kind, String about) {
        if (!open.add(type)) { // a section within its like: described once
            return;
        }
        Map<String, Class<? extends Section>> kinds = Schema.kinds(type);
        if (kinds.isEmpty()) {
            components(type, fallback, prefix, kind);
        } else {
            String chooser = Schema.join(prefix, Schema.KIND);
            String chosen =
                    fallback == null ? "" : Schema.kind(fallback.getClass()).orElse("");
            keys.add(new Key(chooser, kind, "one of " + String.join(", ", kinds.keySet()), chosen, "", about));
            kinds.forEach((name, record) ->
                    components(record, record.isInstance(fallback) ? fallback : null, prefix, chooser + ": " + name));
        }
        open.remove(type);
    }

    private void components(Class<? extends Section> record, @Nullable Section fallback, String prefix, String kind) {
        Section defaults = fallback != null ? fallback : Schema.defaults(record).orElse(null);
        for (Component component : Schema.components(record)) {
            String key = Schema.join(prefix, component.key());
            Object value = defaults == null ? null : component.of(defaults);
            component(
                    component,
                    component.type(),
                    key,
                    kind,
                    value,
                    component.type().words());
        }
    }

    private void component(
            Component component, ValueType type, String key, String kind, @Nullable Object value, String words) {
        String about = component.about() == null ? "" : component.about().value();
        if (type instanceof ValueType.OptionalOf optional) {
            Object present = value instanceof Optional<?> some ? some.orElse(null) : null;
            boolean isSection = optional.value() instanceof ValueType.SectionOf;
            if (present == null || !isSection) {
                String shown = value == null ? "" : ConfigWriter.inline(value);
                keys.add(key(component, key, kind, words + " or null", shown));
            }
            if (isSection) {
                component(component, optional.value(), key, kind, present, words);
            }
        } else if (type instanceof ValueType.SectionOf section) {
            if (!section.type().isSealed()) {
                keys.add(key(component, key, kind, words, ""));
            }
            section(section.type(), (Section) value, key, kind, about);
        } else {
            keys.add(key(component, key, kind, words, value == null ? "" : ConfigWriter.inline(value)));
            if (type instanceof ValueType.ListOf list && list.element() instanceof ValueType.SectionOf element) {
                section(element.type(), null, key + "[]", kind, about);
            }
        }
    }

    private static Key key(Component component, String key, String kind, String type, String defaultValue) {
        String range = Ranges.words(component.range(), component.type().isWhole());
        String about = component.about() == null ? "" : component.about().value();
        return new Key(key, kind, type, defaultValue, range, about);
    }
}
