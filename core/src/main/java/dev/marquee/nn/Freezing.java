package dev.marquee.nn;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/** Finds the parameters and tables that patterns mean, and takes them from the optimiser. */
final class Freezing {
    private Freezing() {}

    static void freeze(ParameterStore store, List<String> patterns) {
        Set<String> names = new LinkedHashSet<>();
        store.tables.forEach(table -> table.slices().forEach(slice -> names.add(table.name() + slice.name())));
        names.addAll(store.trainable.keySet());
        names.addAll(store.frozen.keySet());
        Set<String> meant = new LinkedHashSet<>();
        List<String> unknown = new ArrayList<>();
        for (String pattern : patterns) {
            Pattern compiled = compile(pattern);
            List<String> fitting = names.stream()
                    .filter(name -> compiled.matcher(name).matches())
                    .toList();
            meant.addAll(fitting);
            if (fitting.isEmpty()) {
                unknown.add(pattern);
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "nothing is named " + quoted(unknown) + "; there are " + String.join(", ", names));
        }
        refuseGrowing(store, meant);
        refuseShared(store, meant);
        if (meant.containsAll(names) && !names.isEmpty()) {
            throw new IllegalArgumentException("with " + quoted(patterns) + " frozen nothing is left to learn");
        }
        for (String name : meant) {
            Tensor tensor = store.trainable.remove(name);
            if (tensor != null) {
                store.frozen.put(name, tensor.set_requires_grad(false));
            }
        }
        store.tables.forEach(table -> table.freeze(FrozenRows.of(table, meant)));
    }

    /** Rows have other numbers where they are kept than where they are used. */
    private static void refuseShared(ParameterStore store, Set<String> meant) {
        for (EmbeddingTable table : store.tables) {
            for (EmbeddingTable.Slice slice : table.slices()) {
                if (table.shard().isPresent() && meant.contains(table.name() + slice.name())) {
                    throw new IllegalArgumentException(table.name() + slice.name()
                            + " is among tables that processes share, which all learn: leave it"
                            + " out, or set distributed.tables to replicated");
                }
            }
        }
    }

    /** Growing tables get rows, with first values drawn by chance, that nothing would ever train. */
    private static void refuseGrowing(ParameterStore store, Set<String> meant) {
        for (GrowingRows rows : store.growing) {
            for (GrowingRows.Table growing : rows.tables()) {
                for (EmbeddingTable table : store.tables) {
                    String name = table.name() + growing.name();
                    if (table.pool().isPresent() && meant.contains(name)) {
                        throw new IllegalArgumentException(name
                                + " is a growing table, whose new rows would stay as they were drawn: leave it out, or leave"
                                + " out what makes it grow");
                    }
                }
            }
        }
    }

    private static Pattern compile(String pattern) {
        StringBuilder expression = new StringBuilder();
        for (String literal : pattern.split("\\*", -1)) {
            expression.append(expression.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
        }
        return Pattern.compile(expression + "(\\..*)?");
    }

    private static String quoted(List<String> patterns) {
        return patterns.stream().map(pattern -> '"' + pattern + '"').collect(Collectors.joining(", "));
    }
}
