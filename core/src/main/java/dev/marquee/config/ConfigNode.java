package dev.marquee.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A value of a {@link ConfigTree} and where it came from. */
sealed interface ConfigNode {
    /** Where it came from. */
    String origin();

    /** One value, as it was written. */
    record Scalar(String text, boolean quoted, String origin) implements ConfigNode {
        private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    }

    /** A list. */
    record Sequence(List<ConfigNode> elements, String origin) implements ConfigNode {
        public Sequence {
            elements = List.copyOf(elements);
        }
    }

    /** Keys with their values, in the order of writing. */
    record Mapping(Map<String, ConfigNode> entries, String origin) implements ConfigNode {
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }
    }

    /** Whether this stands for no value. */
    default boolean isNull() {
        return this instanceof Scalar scalar && !scalar.quoted() && Scalar.NULLS.contains(scalar.text());
    }
}
