package dev.marquee.cli.bench;

import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.tensor.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Times how rows come to a training, on one core: read from CSV and Parquet, encoded, kept and read again. The ways take
 * turns; each turn begins at the first row, opening included. What waits for the batches does nothing with them, so that
 * one thread works, but for the garbage collector's.
 */
public final class DataBench {
    private static final double TURN_SECONDS = 1;
    private static final int TURNS = 3;
    private static final int WARMUPS = 2;

    private DataBench() {}

    /**
     * How to measure.
     *
     * @param rows of the log, at least 1,000
     * @param seconds of measuring for each way, above 0
     */
    public record Options(long rows, double seconds) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException when one is out of range
         */
        public Options {
            if (rows < 1000 || rows > 1_000_000_000) {
                throw new IllegalArgumentException("rows must be from 1,000 to 1,000,000,000, not " + rows);
            }
            if (!(seconds > 0 && seconds <= 3600)) {
                throw new IllegalArgumentException("seconds must be above 0 and at most 3600, not " + seconds);
            }
        }
    }

    /**
     * Makes the logs in a temporary folder and measures.
     *
     * @param options how
     * @param notices told what takes long, a line each
     * @return the report
     * @throws InterruptedException when the thread is interrupted
     */
    public static DataReport run(Options options, Consumer<String> notices) throws InterruptedException {
        Roofline roofline = Roofline.measure(1);
        Engine.useThreads(1);
        List<DataRow> rows = new ArrayList<>();
        for (boolean history : new boolean[] {false, true}) {
            try (BenchFolder folder = BenchFolder.create()) {
                notices.accept(String.format(
                        Locale.ROOT,
                        "making %,d rows of %d features%s in %s",
                        options.rows(),
                        MadeLog.FEATURES,
                        history ? ", one of them a history," : "",
                        folder.path()));
                try (DataWork work = new DataWork(folder.path(), new MadeLog(options.rows(), history))) {
                    notices.accept("measuring");
                    rows.addAll(measure(work.ways(), options.seconds(), history, roofline));
                }
            }
        }
        return new DataReport(options.rows(), roofline.copy().max(), rows);
    }

    private static List<DataRow> measure(List<DataWork.Way> ways, double seconds, boolean history, Roofline roofline)
            throws InterruptedException {
        int turns = Math.max(TURNS, (int) Math.round(seconds / TURN_SECONDS));
        List<Alternative<RuntimeException>> alternatives = new ArrayList<>();
        for (DataWork.Way way : ways) {
            alternatives.add(new Alternative<>(way.name(), () -> secondsPerRow(seconds / turns, way.read())));
        }
        List<Series> series = Interleaved.run(alternatives, WARMUPS, turns, 0);
        List<DataRow> measured = new ArrayList<>();
        for (int i = 0; i < ways.size(); i++) {
            measured.add(row(
                    ways.get(i),
                    series.get(i).seconds(),
                    history,
                    roofline.copy().max()));
        }
        return measured;
    }

    private static DataRow row(DataWork.Way way, Spread secondsPerRow, boolean history, double copy) {
        double rate = 1 / secondsPerRow.median();
        double bytes = rate * way.bytes();
        return new DataRow(
                history ? way.name() + ", history" : way.name(),
                "rows/s",
                rate,
                way.target() == 0 ? null : way.target(),
                way.target() == 0 ? null : rate / way.target(),
                // What is copied is read and written.
                way.bytes() == 0 ? null : 100 * 2 * bytes / (copy * 1e9),
                way.bytes() == 0 ? null : bytes,
                100 * secondsPerRow.relative());
    }

    /** Reads for that long, from the first row on, and again where there are fewer. */
    private static double secondsPerRow(double seconds, DataWork.Read read) {
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        long rows = 0;
        do {
            rows += read.rows(() -> System.nanoTime() - end >= 0);
        } while (System.nanoTime() - end < 0);
        return (System.nanoTime() - start) / 1e9 / rows;
    }
}
