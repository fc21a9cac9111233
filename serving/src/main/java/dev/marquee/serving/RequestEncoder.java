package dev.marquee.serving;

import dev.marquee.config.EditDistance;
import dev.marquee.schema.EncodedChunk;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Encodes requests by the schema, the user once. A feature is the user's unless one of its columns is the candidates'; it
 * is encoded on its own side, and stands empty on the other.
 */
final class RequestEncoder {
    private final FeatureSchema schema;
    private final Map<String, List<String>> columnsOf = new LinkedHashMap<>();
    private final Set<String> needed;
    private final Set<String> known;

    RequestEncoder(FeatureSchema schema) {
        this.schema = schema;
        for (FeatureConfig feature : schema.config().features()) {
            columnsOf.put(feature.name(), schema.config().columnsOf(feature));
        }
        this.needed = schema.config().featureColumns();
        this.known = schema.config().columns();
    }

    /** The columns that a request must have. */
    Set<String> needed() {
        return needed;
    }

    EncodedRequest encode(RankingRequest request) {
        Map<String, RawColumn> ofUser = request.user().columns();
        Map<String, RawColumn> ofCandidates = request.candidates().columns();
        requireColumns(ofUser.keySet(), ofCandidates.keySet());
        int rows = request.candidates().rows();
        Map<String, RawColumn> user = new LinkedHashMap<>();
        Map<String, RawColumn> candidates = new LinkedHashMap<>();
        Set<String> shared = new LinkedHashSet<>();
        columnsOf.forEach((feature, columns) -> {
            boolean candidate = columns.stream().anyMatch(ofCandidates::containsKey);
            if (!candidate) {
                shared.add(feature);
            }
            for (String column : columns) {
                RawColumn given = ofUser.get(column);
                if (!candidate && given != null) {
                    user.put(column, given);
                } else if (given != null) {
                    candidates.put(column, Repeated.of(given, rows));
                }
            }
        });
        candidates.putAll(ofCandidates);
        candidates.keySet().retainAll(needed);
        if (user.isEmpty()) {
            return merged(null, schema.encode(filled(request.candidates(), candidates)), Set.of());
        }
        return merged(
                schema.encode(filled(request.user(), user)),
                schema.encode(filled(request.candidates(), candidates)),
                shared);
    }

    /** With columns without values for the features of the other side. */
    private RawChunk filled(RawChunk chunk, Map<String, RawColumn> columns) {
        Map<String, RawColumn> all = new LinkedHashMap<>(columns);
        if (all.size() < needed.size()) {
            RawColumn nulls = RawRows.nulls(chunk.rows());
            needed.forEach(column -> all.putIfAbsent(column, nulls));
        }
        return new RawChunk(chunk.source(), chunk.firstRow(), chunk.rows(), all);
    }

    private EncodedRequest merged(
            @org.jspecify.annotations.Nullable EncodedChunk user, EncodedChunk candidates, Set<String> shared) {
        FeatureLayout layout = schema.layout();
        int rows = candidates.rows();
        List<EncodedRequest.IdList> lists = new ArrayList<>();
        List<String> names = new ArrayList<>();
        layout.bags().forEach(bag -> names.add(bag.name()));
        layout.sequences().forEach(sequence -> names.add(sequence.name()));
        for (int i = 0; i < names.size(); i++) {
            boolean once = user != null && shared.contains(names.get(i));
            EncodedChunk.Lists list = (once ? user : candidates).lists().get(i);
            lists.add(new EncodedRequest.IdList(once, list.offsets(), list.ids()));
        }
        float[] dense = candidates.dense();
        int[] ids = candidates.ids();
        if (user != null) {
            int size = layout.denseSize();
            for (FeatureLayout.Dense number : layout.dense()) {
                if (shared.contains(number.name())) {
                    for (int row = 0; row < rows; row++) {
                        System.arraycopy(
                                user.dense(), number.offset(), dense, row * size + number.offset(), number.size());
                    }
                }
            }
            int fields = layout.fields().size();
            for (int field = 0; field < fields; field++) {
                if (shared.contains(layout.fields().get(field).name())) {
                    for (int row = 0; row < rows; row++) {
                        ids[row * fields + field] = user.ids()[field];
                    }
                }
            }
        }
        return new EncodedRequest(rows, dense, ids, lists);
    }

    private void requireColumns(Set<String> ofUser, Set<String> ofCandidates) {
        Set<String> missing = new LinkedHashSet<>(needed);
        missing.removeAll(ofUser);
        missing.removeAll(ofCandidates);
        Set<String> unknown = new LinkedHashSet<>(ofUser);
        unknown.addAll(ofCandidates);
        unknown.removeAll(known);
        List<String> faults = new ArrayList<>();
        if (!unknown.isEmpty()) {
            String first = unknown.iterator().next();
            faults.add("unknown columns: " + named(unknown)
                    + EditDistance.nearest(first, missing.isEmpty() ? needed : missing)
                            .map(near -> "; for " + first + " did you mean " + near + "?")
                            .orElse(""));
        }
        if (!missing.isEmpty()) {
            faults.add("missing columns: " + named(missing)
                    + "; give each for the user or for the candidates, null where there is no value");
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
    }

    /** The first few, each cut short. */
    private static String named(Set<String> columns) {
        List<String> first = columns.stream()
                .limit(10)
                .map(name -> name.length() <= 64 ? name : name.substring(0, 64) + "…")
                .toList();
        return String.join(", ", first) + (columns.size() > 10 ? " and " + (columns.size() - 10) + " more" : "");
    }
}
