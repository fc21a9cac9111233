package dev.marquee.simulate;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.source.RowSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of a log of simulated impressions, in the order of time. A row depends on the parameters and on its number
 * alone; only what is known of conversions depends on where the whole log ends. Nothing is stored: whoever reads from
 * the middle waits until the world has run that far.
 */
public final class SimulatedStream implements RowSource {
    /** Changes whenever the same parameters no longer give the same rows. */
    private static final String VERSION = "marquee-simulation-2";

    private static final int CHUNK = 4096;

    private final SimulatedParameters parameters;
    private final long logRows;
    private final long from;
    private final long to;
    private final int chunk;

    SimulatedStream(SimulatedParameters parameters, long logRows, long from, long to, int chunk) {
        if (logRows < 1) {
            throw new IllegalArgumentException("a simulated log needs at least 1 row, not " + logRows);
        }
        if (from < 0 || from >= to || to > logRows) {
            throw new IllegalArgumentException("rows " + from + " to " + to + " (not included) are no part of a log of "
                    + logRows + ": they must begin at 0 or later, before their end, and end with the log or earlier");
        }
        this.parameters = parameters;
        this.logRows = logRows;
        this.from = from;
        this.to = to;
        this.chunk = chunk;
    }

    /**
     * A whole log.
     *
     * @param parameters decide the rows
     * @param rows how many there are
     * @return the log
     * @throws IllegalArgumentException when there is no row
     */
    public static SimulatedStream of(SimulatedParameters parameters, long rows) {
        return new SimulatedStream(parameters, rows, 0, rows, CHUNK);
    }

    /**
     * Some rows of the same log. What is known of their conversions is what is known when the whole log ends.
     *
     * @param first the first, from 0
     * @param end the one after the last
     * @return these rows
     * @throws IllegalArgumentException when they are no part of the log
     */
    public SimulatedStream rows(long first, long end) {
        return new SimulatedStream(parameters, logRows, first, end, chunk);
    }

    /**
     * How many rows these are.
     *
     * @return at least 1
     */
    public long size() {
        return to - from;
    }

    @Override
    public String description() {
        return String.format(
                Locale.ROOT,
                "simulated impressions %,d to %,d of %,d (%,d users, %,d ads, seed %d)",
                from + 1,
                to,
                logRows,
                parameters.users(),
                parameters.ads(),
                parameters.seed());
    }

    @Override
    public String fingerprint() {
        String identity = VERSION + " " + parameters + " " + logRows + " " + from + " " + to;
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Java lacks SHA-256, which all of them must have", e);
        }
    }

    @Override
    public List<String> columns() {
        return List.copyOf(Columns.ALL.keySet());
    }

    @Override
    public Reader open(Set<String> columns) {
        for (String column : columns) {
            if (!Columns.ALL.containsKey(column)) {
                throw new IllegalArgumentException(
                        "a simulated log has no column " + column + ", but " + String.join(", ", Columns.ALL.keySet()));
            }
        }
        return new ChunkReader(List.copyOf(columns));
    }

    /**
     * Runs through the rows and tells what is true of each: the measure of how well any model can do.
     *
     * @param consumer told of each row, in order
     */
    public void truth(TruthRow consumer) {
        Rows rows = new Rows();
        for (long row = from; row < to; row++) {
            Impression impression = rows.next();
            consumer.accept(
                    impression.clickProbability(),
                    impression.clicked(),
                    impression.conversionProbability(),
                    impression.converted(),
                    impression.userId());
        }
    }

    /** Runs the world and stops at each row, from the first of the part on. */
    private final class Rows {
        private final Pages pages = new Pages(parameters);
        private final Impression impression =
                new Impression(pages, Pages.second(parameters, (logRows - 1) / Pages.SLOTS));
        private long row = from;

        Impression next() {
            long page = row / Pages.SLOTS;
            while (pages.page < page) {
                pages.next();
            }
            impression.slot = (int) (row % Pages.SLOTS);
            row++;
            return impression;
        }
    }

    private final class ChunkReader implements Reader {
        private final List<String> wanted;
        private long row = from;
        private @Nullable Rows rows;

        ChunkReader(List<String> wanted) {
            this.wanted = wanted;
        }

        @Override
        public @Nullable RawChunk next() {
            if (row == to) {
                return null;
            }
            Rows running = rows;
            if (running == null) {
                running = new Rows();
                rows = running;
            }
            int size = (int) Math.min(chunk, to - row);
            Cells[] cells = new Cells[wanted.size()];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = Columns.ALL.get(wanted.get(i)).of(size);
            }
            for (int i = 0; i < size; i++) {
                Impression impression = running.next();
                for (Cells each : cells) {
                    each.add(impression);
                }
            }
            Map<String, RawColumn> columns = new LinkedHashMap<>();
            for (int i = 0; i < cells.length; i++) {
                columns.put(wanted.get(i), cells[i].column());
            }
            // Numbered by the whole log, so that a message tells the same row whatever part was read.
            RawChunk next = new RawChunk("simulated impressions", row + 1, size, columns);
            row += size;
            return next;
        }

        @Override
        public void close() {
            rows = null;
        }
    }
}
