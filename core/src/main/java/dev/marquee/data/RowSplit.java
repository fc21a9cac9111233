package dev.marquee.data;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what each row of the training source is for. The decision depends on the seed, the split's config and the row
 * alone, and on algorithms that are fixed for ever.
 *
 * <ul>
 *   <li>random: a hash of seed and row number (SplitMix64's finalizer);
 *   <li>hash: a hash of seed and value (FNV-1a, then the same finalizer); a whole number and its text are the same value.
 *       A row without a value is treated as in a random split;
 *   <li>time: the latest rows are the test, those before them validation (see {@link TimeCuts}). A row without a time
 *       counts as older than all others.
 * </ul>
 */
final class RowSplit {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    /** Apart from the draws of {@link Order}. */
    private static final long STREAM = -2;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final SplitConfig.By by;
    private final String column;
    private final double validation;
    private final double test;
    private final long state;
    private @Nullable TimeReader times;
    private long trainingUntil = Long.MAX_VALUE;
    private long validationUntil = Long.MAX_VALUE;

    /**
     * A split.
     *
     * @param config the recipe's section
     * @param column what hash and time look at; not used by random
     * @param validation the share for validation; 0 where a source of its own gives it
     * @param test the share for the test; 0 where a source of its own gives it
     * @param seed the split's seed
     */
    RowSplit(SplitConfig config, String column, double validation, double test, long seed) {
        this.by = config.by();
        this.column = column;
        this.validation = validation;
        this.test = test;
        this.state = Order.SplitMix64.mix(Order.SplitMix64.mix(seed) + STREAM);
    }

    /** All rows are for training. */
    static RowSplit none() {
        return new RowSplit(SplitConfig.DEFAULT, "", 0, 0, 0);
    }

    /** Whether any row is held out. */
    boolean divides() {
        return validation + test > 0;
    }

    /** The share of a part; not of training. */
    double share(Part part) {
        return part == Part.VALIDATION ? validation : test;
    }

    /** Whether {@link #cut} must be called before the first decision. */
    boolean needsCuts() {
        return divides() && by == SplitConfig.By.TIME;
    }

    /** The column that decides, if one does. */
    Optional<String> column() {
        return divides() && by != SplitConfig.By.RANDOM ? Optional.of(column) : Optional.empty();
    }

    /** Learns where to cut; the reader is the one that later decisions use. */
    void cut(TimeCuts cuts, TimeReader reader) {
        times = reader;
        trainingUntil = cuts.latest(1 - validation - test);
        validationUntil = test > 0 ? cuts.latest(1 - test) : Long.MAX_VALUE;
    }

    /**
     * Decides for the rows of a chunk.
     *
     * @param chunk the rows
     * @param firstRow how many rows came before
     * @return one part a row
     */
    Part[] parts(RawChunk chunk, long firstRow) {
        Part[] parts = new Part[chunk.rows()];
        RawColumn values = column().map(chunk::column).orElse(null);
        for (int row = 0; row < parts.length; row++) {
            parts[row] = !divides() ? Part.TRAINING : part(chunk, values, row, firstRow + row);
        }
        return parts;
    }

    private Part part(RawChunk chunk, @Nullable RawColumn values, int row, long number) {
        if (by == SplitConfig.By.TIME) {
            if (times == null || values == null) {
                throw new IllegalStateException("the moments to cut at are not known");
            }
            long time = times.read(chunk, values, row);
            return time <= trainingUntil ? Part.TRAINING : time <= validationUntil ? Part.VALIDATION : Part.TEST;
        }
        boolean hashed = by == SplitConfig.By.HASH && values != null && !values.isNull(row);
        long hash = hashed ? hash(values, row) : number * GOLDEN_GAMMA;
        double drawn = (Order.SplitMix64.mix(Order.SplitMix64.mix(state + hash)) >>> 11) * 0x1p-53;
        return drawn < test ? Part.TEST : drawn < test + validation ? Part.VALIDATION : Part.TRAINING;
    }

    private static long hash(RawColumn values, int row) {
        if (values instanceof RawColumn.Texts texts) {
            return hash(FNV_OFFSET, texts.bytes(), texts.offset(row), texts.offset(row + 1));
        }
        if (values instanceof RawColumn.Longs longs) {
            return hash(Long.toString(longs.value(row)));
        }
        if (values instanceof RawColumn.Doubles doubles) {
            double value = doubles.value(row);
            return hash(
                    value == Math.rint(value) && Math.abs(value) < 0x1p53
                            ? Long.toString((long) value)
                            : Double.toString(value));
        }
        RawColumn.Lists lists = (RawColumn.Lists) values;
        long hash = FNV_OFFSET;
        for (int i = lists.offset(row); i < lists.offset(row + 1); i++) {
            hash = hash * FNV_PRIME + (lists.elements().isNull(i) ? 0 : hash(lists.elements(), i));
        }
        return hash;
    }

    private static long hash(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return hash(FNV_OFFSET, bytes, 0, bytes.length);
    }

    private static long hash(long start, byte[] bytes, int from, int to) {
        long hash = start;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
        }
        return hash;
    }
}
