package dev.marquee.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Says of keys that a section does not have which ones were probably meant. */
final class UnknownKeys {
    static final String UNKNOWN = "unknown key";

    private final Class<? extends Section> outermost;
    private final Class<? extends Section> type;
    private final String prefix;
    private final String kind;
    private final List<String> known;

    /** For a record that stands under a prefix as one of the kinds of a type, within the outermost section. */
    UnknownKeys(
            Class<? extends Section> outermost,
            Class<? extends Section> type,
            Class<? extends Section> record,
            String prefix) {
        this.outermost = outermost;
        this.type = type;
        this.prefix = prefix;
        this.kind = Schema.kind(record).orElse("");
        Stream<String> chooser = kind.isEmpty() ? Stream.empty() : Stream.of(Schema.KIND);
        this.known = Stream.concat(chooser, Schema.components(record).stream().map(Component::key))
                .toList();
    }

    /** Reports what the section does not know. */
    void report(ConfigNode.Mapping node, Faults faults) {
        node.entries().forEach((name, value) -> {
            Optional<String> other = otherKindWith(name);
            if (!known.contains(name) && !(other.isPresent() && value.isNull())) {
                String message = other.map(has -> UNKNOWN + " for " + kind + ": it belongs to " + has)
                        .orElseGet(() -> UNKNOWN + "; " + meant(name));
                faults.add(new Faults.Fault(Schema.join(prefix, name), message, value.origin()));
            }
        });
    }

    private Optional<String> otherKindWith(String name) {
        List<String> having = new ArrayList<>();
        for (Map.Entry<String, Class<? extends Section>> other :
                Schema.kinds(type).entrySet()) {
            if (Schema.components(other.getValue()).stream()
                    .anyMatch(component -> component.key().equals(name))) {
                having.add(other.getKey());
            }
        }
        return having.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", having));
    }

    private String meant(String name) {
        Optional<String> here = EditDistance.nearest(name, known).map(near -> Schema.join(prefix, near));
        return here.or(() -> elsewhere(name))
                .map(key -> "did you mean " + key + "?")
                .orElseGet(() -> known.isEmpty() ? "there is none here" : "known here: " + String.join(", ", known));
    }

    /** The only key of the whole recipe that ends in that name, or nearly so. */
    private Optional<String> elsewhere(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        List<String> keys =
                Keys.names(outermost).stream().filter(key -> !key.contains("[")).toList();
        List<String> same = keys.stream().filter(key -> last(key).equals(last)).toList();
        if (!same.isEmpty()) {
            return same.size() == 1 ? Optional.of(same.get(0)) : Optional.empty();
        }
        return EditDistance.nearest(last, keys.stream().map(UnknownKeys::last).toList())
                .flatMap(near ->
                        keys.stream().filter(key -> last(key).equals(near)).findFirst());
    }

    private static String last(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
