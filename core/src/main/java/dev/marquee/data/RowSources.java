package dev.marquee.data;

import dev.marquee.config.ConfigWriter;
import dev.marquee.source.RowSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of a data set before anything is learnt from them: where each part stands, and what identifies all of it. */
final class RowSources {
    private static final int FINGERPRINT_BYTES = 12;

    private final RowDataset.Settings settings;
    private final RowSource training;
    private final @Nullable RowSource validation;
    private final @Nullable RowSource test;
    private final RowSplit split;
    private final String recipe;
    private final List<String> fingerprints;

    RowSources(
            RowDataset.Settings settings,
            RowSource training,
            Optional<RowSource> validation,
            Optional<RowSource> test) {
        this.settings = settings;
        this.training = training;
        this.validation = validation.orElse(null);
        this.test = test.orElse(null);
        SplitConfig config = settings.split();
        String column = switch (config.by()) {
            case RANDOM -> "";
            case TIME ->
                settings.schema()
                        .time()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "a split by time needs data.time: the column that tells when a row happened"));
            case HASH ->
                config.column()
                        .or(settings.schema()::group)
                        .orElseThrow(() ->
                                new IllegalArgumentException("a split by hash needs data.split.column or data.group"));
        };
        this.split = new RowSplit(
                config,
                column,
                validation.isPresent() ? 0 : config.validation(),
                test.isPresent() ? 0 : config.test(),
                config.seed());
        this.fingerprints = sources().stream().map(RowSource::fingerprint).toList();
        this.recipe = identify(
                ConfigWriter.write(settings.schema()),
                split.divides() ? ConfigWriter.write(config) : "",
                validation.isPresent() ? "validation" : "",
                test.isPresent() ? "test" : "");
    }

    RowSplit split() {
        return split;
    }

    RowSource training() {
        return training;
    }

    /** All sources, that of the training rows first. */
    List<RowSource> sources() {
        List<RowSource> all = new ArrayList<>(List.of(training));
        if (validation != null) {
            all.add(validation);
        }
        if (test != null) {
            all.add(test);
        }
        return all;
    }

    /** Where the rows of a part stand; a part that nobody asked for is empty. */
    PartRows rows(Part part) {
        RowSource own = part == Part.VALIDATION ? validation : part == Part.TEST ? test : null;
        return own != null
                ? PartRows.all(own, settings.schema().columns())
                : new PartRows(training, trainingColumns(), split, part);
    }

    /** Whether a part has rows. */
    boolean has(Part part) {
        return part == Part.TRAINING || hasOwn(part) || split.share(part) > 0;
    }

    /** Whether a part has a source of its own. */
    boolean hasOwn(Part part) {
        return part == Part.VALIDATION ? validation != null : part == Part.TEST && test != null;
    }

    /** Refuses sources that lack a column. */
    void requireColumns() {
        for (RowSource source : sources()) {
            RowColumns.require(
                    source,
                    source == training ? trainingColumns() : settings.schema().columns());
        }
    }

    /** Refuses sources whose rows are no longer those that were there at first. */
    void requireUnchanged() {
        List<RowSource> all = sources();
        for (int i = 0; i < all.size(); i++) {
            String now = all.get(i).fingerprint();
            if (!now.equals(fingerprints.get(i))) {
                throw new DataException(all.get(i).description() + " changed since the run began (fingerprint "
                        + fingerprints.get(i) + ", now " + now + "): start the run again, or keep the rows it began"
                        + " with by data.prepared=always");
            }
        }
    }

    /** The fingerprints of the sources. */
    List<String> fingerprints() {
        return fingerprints;
    }

    /** Identifies everything that decides the encoded rows, but the sources. */
    String recipe() {
        return recipe;
    }

    /** Identifies everything that decides the encoded rows. */
    String fingerprint() {
        return identify(Integer.toString(PreparedManifest.VERSION), recipe, String.join(" ", fingerprints));
    }

    String description() {
        return String.join(", ", sources().stream().map(RowSource::description).toList());
    }

    /** The beginning of the SHA-256 of texts. */
    static String identify(String... texts) {
        MessageDigest digest = PictureSet.sha256();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
    }

    private Set<String> trainingColumns() {
        Set<String> columns = new LinkedHashSet<>(settings.schema().columns());
        split.column().ifPresent(columns::add);
        return columns;
    }
}
