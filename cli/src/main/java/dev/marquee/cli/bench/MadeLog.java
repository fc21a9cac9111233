package dev.marquee.cli.bench;

import dev.marquee.measure.Zipf;
import dev.marquee.schema.CategoricalFeature;
import dev.marquee.schema.DenseEncoding;
import dev.marquee.schema.DenseFeature;
import dev.marquee.schema.FeatureConfig;
import dev.marquee.schema.LabelConfig;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SequenceFeature;
import dev.marquee.source.RowSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A made-up log of 40 features, the same every time: 26 categories, texts of 8 characters that follow Zipf's law, of 10 to
 * a million different values; 14 numbers, of which every other one is a whole number, or 13 and a list of up to 20 values
 * of the last category; a click (one in five) and a time, in seconds. One value in thirty is missing.
 */
final class MadeLog implements RowSource {
    static final int FEATURES = 40;
    static final String LABEL = "click";
    static final String TIME = "time";

    private static final int CATEGORIES = 26;
    private static final int CHUNK = 2048;
    private static final int LONGEST = 20;
    private static final double MISSING = 1 / 30.0;
    private static final double CLICKS = 0.2;
    private static final long START = 1_767_225_600L;
    private static final int[] SIZES = {10, 100, 1_000, 10_000, 100_000, 1_000_000};
    private static final String HISTORY = "history";
    private static final byte[] DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    private final long rows;
    private final boolean history;

    MadeLog(long rows, boolean history) {
        this.rows = rows;
        this.history = history;
    }

    long rows() {
        return rows;
    }

    /** How the rows become numbers: a value and an id each, no bins. */
    SchemaConfig schema() {
        List<FeatureConfig> features = new ArrayList<>();
        for (int i = 0; i < numbers(); i++) {
            DenseEncoding encoding = i % 2 == 0 ? DenseEncoding.SIGNED_LOG : DenseEncoding.STANDARD;
            features.add(new DenseFeature("n" + i, Optional.empty(), encoding, 32, Optional.empty()));
        }
        for (int i = 0; i < CATEGORIES; i++) {
            features.add(new CategoricalFeature(
                    "c" + i, Optional.empty(), Optional.empty(), 2, Optional.empty(), Optional.empty()));
        }
        if (history) {
            features.add(new SequenceFeature(
                    HISTORY,
                    List.of(),
                    "|",
                    Optional.of("c" + (CATEGORIES - 1)),
                    Optional.empty(),
                    2,
                    Optional.empty(),
                    Optional.empty(),
                    LONGEST,
                    SequenceFeature.Keep.LAST,
                    HISTORY));
        }
        return new SchemaConfig(
                features,
                List.of(LabelConfig.of(LABEL)),
                Optional.empty(),
                Optional.empty(),
                Optional.of(TIME),
                /* strict= */ false);
    }

    @Override
    public String description() {
        return "a made-up log";
    }

    @Override
    public String fingerprint() {
        return "made" + rows;
    }

    @Override
    public List<String> columns() {
        List<String> columns = new ArrayList<>(List.of(LABEL, TIME));
        for (int i = 0; i < numbers(); i++) {
            columns.add("n" + i);
        }
        for (int i = 0; i < CATEGORIES; i++) {
            columns.add("c" + i);
        }
        if (history) {
            columns.add(HISTORY);
        }
        return columns;
    }

    @Override
    public Reader open(Set<String> wanted) {
        SplittableRandom random = new SplittableRandom(1);
        return new Reader() {
            private long read;

            @Override
            public @Nullable RawChunk next() {
                int size = (int) Math.min(CHUNK, rows - read);
                if (size == 0) {
                    return null;
                }
                Map<String, RawColumn> made = new LinkedHashMap<>();
                for (String name : columns()) {
                    RawColumn column = column(name, read, size, random);
                    if (wanted.contains(name)) {
                        made.put(name, column);
                    }
                }
                RawChunk chunk = new RawChunk(description(), read + 1, size, made);
                read += size;
                return chunk;
            }

            @Override
            public void close() {}
        };
    }

    private int numbers() {
        return FEATURES - CATEGORIES - (history ? 1 : 0);
    }

    private static RawColumn column(String name, long first, int size, SplittableRandom random) {
        if (name.equals(LABEL)) {
            return longs(size, i -> random.nextDouble() < CLICKS ? 1 : 0, null);
        }
        if (name.equals(TIME)) {
            return longs(size, i -> START + first + i, null);
        }
        if (name.equals(HISTORY)) {
            int[] offsets = new int[size + 1];
            for (int i = 0; i < size; i++) {
                offsets[i + 1] = offsets[i] + random.nextInt(LONGEST + 1);
            }
            return new RawColumn.Lists(offsets, null, texts(offsets[size], CATEGORIES - 1, random, null));
        }
        boolean[] missing = new boolean[size];
        for (int i = 0; i < size; i++) {
            missing[i] = random.nextDouble() < MISSING;
        }
        int number = Integer.parseInt(name.substring(1));
        if (name.charAt(0) == 'c') {
            return texts(size, number, random, missing);
        }
        if (number % 2 == 0) {
            return longs(size, i -> Zipf.rank(random.nextDouble(), SIZES[number % SIZES.length]), missing);
        }
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = Math.rint(random.nextDouble() * 10_000) / 10_000;
        }
        return new RawColumn.Doubles(values, missing);
    }

    private static RawColumn longs(int size, Drawn drawn, boolean @Nullable [] missing) {
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = drawn.value(i);
        }
        return new RawColumn.Longs(values, missing);
    }

    private static RawColumn texts(int size, int category, SplittableRandom random, boolean @Nullable [] missing) {
        byte[] bytes = new byte[size * Integer.BYTES * 2];
        int[] offsets = new int[size + 1];
        int at = 0;
        for (int i = 0; i < size; i++) {
            long rank = Zipf.rank(random.nextDouble(), SIZES[category % SIZES.length]);
            if (missing == null || !missing[i]) {
                int code = (int) (rank * 0x9E3779B1L) ^ category; // odd factor: different ranks, different codes
                for (int digit = 0; digit < Integer.BYTES * 2; digit++) {
                    bytes[at++] = DIGITS[code >>> (4 * digit) & 0xF];
                }
            }
            offsets[i + 1] = at;
        }
        return new RawColumn.Texts(bytes, offsets, missing);
    }

    /** Makes a whole number. */
    private interface Drawn {
        long value(int row);
    }
}
