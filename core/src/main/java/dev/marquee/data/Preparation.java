package dev.marquee.data;

import dev.marquee.schema.EncodedChunk;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.RowException;
import dev.marquee.schema.SchemaFitter;
import dev.marquee.source.RowSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Learns the schema from the training rows, and encodes all rows with it. Passes over the source: one over the column of
 * times where they split, one to learn, one to encode.
 */
final class Preparation {
    private final RowDataset.Settings settings;
    private final RowSources sources;
    private final SchemaFactory schemas;
    private final Disk disk;
    private @Nullable Fitted fitted;

    /**
     * What the first passes gave.
     *
     * @param schema learnt from the training rows
     * @param counts rows of the training source, by part
     */
    record Fitted(FeatureSchema schema, Map<Part, Long> counts) {
        long all() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    Preparation(RowDataset.Settings settings, RowSources sources, SchemaFactory schemas, Disk disk) {
        this.settings = settings;
        this.sources = sources;
        this.schemas = schemas;
        this.disk = disk;
    }

    /** Learns the schema, once. */
    Fitted fitted() {
        if (fitted == null) {
            for (Part part : Part.values()) {
                if (sources.hasOwn(part)) {
                    requireRows(sources.rows(part));
                }
            }
            if (sources.split().needsCuts()) {
                cut();
            }
            fitted = fit();
        }
        return fitted;
    }

    /** About how many bytes the training source's rows take, judged by its first ones. */
    long estimate() {
        Fitted known = fitted();
        PartRows rows = sources.rows(Part.TRAINING);
        try (RowSource.Reader reader = rows.source().open(rows.columns())) {
            RawChunk chunk = reader.next();
            if (chunk == null) {
                return 0;
            }
            EncodedChunk encoded = known.schema().encode(chunk);
            return RowWriter.bytes(RowFormat.of(known.schema()), encoded) * known.all() / encoded.rows();
        }
    }

    /** Writes everything into a folder. */
    void write(Path folder) throws IOException {
        FeatureSchema schema = fitted().schema();
        List<CheckedFile.Sum> files = new ArrayList<>();
        Map<String, String> blobs = new LinkedHashMap<>();
        String json = PreparedManifest.SCHEMA + ".json";
        files.add(CheckedFile.write(disk, folder.resolve(json), schema.json().getBytes(StandardCharsets.UTF_8)));
        for (Map.Entry<String, byte[]> blob : new TreeMap<>(schema.blobs()).entrySet()) {
            // A name in the schema may hold what a file's name may not.
            String name = PreparedManifest.SCHEMA + "." + blobs.size();
            files.add(CheckedFile.write(disk, folder.resolve(name), blob.getValue()));
            blobs.put(blob.getKey(), name);
        }
        Map<Part, PreparedManifest.Rows> parts = encode(schema, folder, files);
        PreparedManifest manifest = new PreparedManifest(
                PreparedManifest.MAGIC,
                PreparedManifest.VERSION,
                sources.description(),
                sources.fingerprints(),
                sources.recipe(),
                schema.fingerprint(),
                parts,
                blobs,
                files);
        // What changed in the meantime must not be kept under the name of what was there before.
        sources.requireUnchanged();
        CheckedFile.write(disk, folder.resolve(PreparedManifest.NAME), manifest.json());
    }

    private void cut() {
        String column = sources.split().column().orElseThrow();
        TimeReader times = new TimeReader(column, settings.schema().strict());
        TimeCuts cuts = new TimeCuts();
        long known = 0;
        try (RowSource.Reader reader = sources.training().open(Set.of(column))) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                RawColumn values = Objects.requireNonNull(chunk.column(column), column);
                for (int row = 0; row < chunk.rows(); row++) {
                    long time = times.read(chunk, values, row);
                    cuts.add(time);
                    known += time == TimeReader.NONE ? 0 : 1;
                }
            }
        }
        if (cuts.count() == 0) {
            throw new DataException(sources.training().description() + " has no rows");
        }
        if (known == 0) {
            throw new DataException(
                    "no value of column " + column + " of " + sources.training().description()
                            + " is a number, a date or a point in time, so data.split.by=time cannot divide the rows");
        }
        sources.split().cut(cuts, times);
    }

    private Fitted fit() {
        PartRows rows = sources.rows(Part.TRAINING);
        SchemaFitter fitter = schemas.fitter(settings.schema());
        Map<Part, Long> counts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            counts.put(part, 0L);
        }
        long read = 0;
        try (RowSource.Reader reader = rows.source().open(rows.columns())) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                Part[] parts = rows.split().parts(chunk, read);
                boolean[] selected = new boolean[parts.length];
                boolean any = false;
                for (int i = 0; i < parts.length; i++) {
                    counts.merge(parts[i], 1L, Long::sum);
                    selected[i] = parts[i] == Part.TRAINING;
                    any |= selected[i];
                }
                if (any) {
                    fitter.add(chunk, selected);
                }
                read += parts.length;
            }
        }
        requireParts(counts, read);
        return new Fitted(fit(fitter), counts);
    }

    /** What is wrong with the rows as a whole names no file: say which they are. */
    private FeatureSchema fit(SchemaFitter fitter) {
        try {
            return fitter.fit();
        } catch (RowException e) {
            throw new DataException(sources.training().description() + ": " + e.getMessage(), e);
        }
    }

    private void requireParts(Map<Part, Long> counts, long read) {
        if (read == 0) {
            throw new DataException(sources.training().description() + " has no rows");
        }
        for (Part part : Part.values()) {
            if (counts.get(part) == 0 && sources.has(part) && !sources.hasOwn(part)) {
                throw new DataException(
                        "none of the " + read + " rows of " + sources.training().description()
                                + " falls to " + part.text()
                                + (part == Part.TRAINING
                                        ? ": lower data.split.validation and data.split.test"
                                        : ": set data.split." + part.text() + " to 0, or to more than "
                                                + sources.split().share(part)));
            }
        }
    }

    private Map<Part, PreparedManifest.Rows> encode(FeatureSchema schema, Path folder, List<CheckedFile.Sum> files)
            throws IOException {
        RowFormat format = RowFormat.of(schema);
        Map<Part, PreparedManifest.Rows> written = new EnumMap<>(Part.class);
        try (RowWriter training = new RowWriter(format, disk, folder, Part.TRAINING);
                RowWriter validation = new RowWriter(format, disk, folder, Part.VALIDATION);
                RowWriter test = new RowWriter(format, disk, folder, Part.TEST)) {
            Map<Part, RowWriter> writers =
                    Map.of(Part.TRAINING, training, Part.VALIDATION, validation, Part.TEST, test);
            divide(schema, writers);
            for (Part part : Part.values()) {
                RowWriter writer = writers.get(part);
                if (sources.hasOwn(part)) {
                    try (RowCursor cursor = new RowCursor(schema, sources.rows(part))) {
                        while (cursor.advance()) {
                            writer.write(cursor.chunk(), cursor.row());
                        }
                    }
                }
                written.put(part, writer.finish(files));
            }
        }
        return written;
    }

    /** Encodes each row of the training source once, whatever part it belongs to. */
    private void divide(FeatureSchema schema, Map<Part, RowWriter> writers) throws IOException {
        PartRows rows = sources.rows(Part.TRAINING);
        long read = 0;
        try (RowSource.Reader reader = rows.source().open(rows.columns())) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                Part[] parts = rows.split().parts(chunk, read);
                EncodedChunk encoded = schema.encode(chunk);
                for (int row = 0; row < parts.length; row++) {
                    writers.get(parts[row]).write(encoded, row);
                }
                read += parts.length;
            }
        }
    }

    private static void requireRows(PartRows rows) {
        try (RowSource.Reader reader = rows.source().open(rows.columns())) {
            if (reader.next() == null) {
                throw new DataException(rows.source().description() + " has no rows");
            }
        }
    }
}
