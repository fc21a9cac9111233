package dev.marquee.cli;

import dev.marquee.train.Progress;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import org.jspecify.annotations.Nullable;

/** Results to standard output, notices to standard error, and a bar there if it is a terminal. */
final class TerminalProgress implements Progress, AutoCloseable {
    private static final int WIDTH = 100;

    private final PrintWriter results;
    private final PrintWriter err;
    private final boolean quiet;
    private final boolean bar;
    private volatile boolean stop;
    private @Nullable ProgressBar open;
    private @Nullable BarLine line;

    TerminalProgress(PrintWriter results, PrintWriter err, boolean quiet) {
        this.results = results;
        this.err = err;
        this.quiet = quiet;
        this.bar = !quiet && Terminal.isErrorTerminal();
    }

    void requestStop() {
        stop = true;
    }

    @Override
    public boolean stopRequested() {
        return stop;
    }

    @Override
    public void notice(String topic, String message) {
        if (!quiet) {
            closeBar();
            err.printf("%-8s %s%n", topic, message);
        }
    }

    @Override
    public void warning(String message) {
        closeBar();
        err.println("warning: " + message);
    }

    @Override
    public void epochStarted(int epoch, long done, long samples) {
        closeBar();
        if (bar) {
            BarLine started = new BarLine(done);
            line = started;
            open = new ProgressBarBuilder()
                    .setTaskName("epoch " + epoch)
                    .setInitialMax(samples)
                    .startsFrom(done, java.time.Duration.ZERO)
                    .setRenderer(started)
                    .clearDisplayOnFinish()
                    .setUpdateIntervalMillis(200)
                    .setConsumer(new BarConsumer(new PrintStream(System.err, true, StandardCharsets.UTF_8)))
                    .build();
        }
    }

    @Override
    public void step(int samples, double meanLoss, double waitingShare) {
        ProgressBar current = open;
        if (current == null) {
            return;
        }
        current.stepBy(samples);
        BarLine shown = line;
        if (shown != null) {
            shown.tell(meanLoss, waitingShare);
        }
    }

    @Override
    public void epochEnded(EpochResult result) {
        closeBar();
        results.println(result.line());
        if (!result.validation().isEmpty()) {
            results.println(validation(result));
        }
        results.flush();
    }

    /** Ends the bar, so that what is printed next starts on a line of its own. */
    void finish() {
        closeBar();
    }

    @Override
    public void close() {
        closeBar();
        results.flush();
    }

    private static String validation(EpochResult result) {
        Map<String, Double> metrics = result.validation();
        return String.format(
                Locale.ROOT,
                "         %s  %s   %,.0f %s/s%s",
                result.heldOut() ? "validation" : "test data ",
                MetricsTable.line(metrics),
                result.samplesPerSecond(),
                metrics.containsKey("accuracy") ? "samples" : "rows",
                result.best() ? "   best so far" : "");
    }

    private void closeBar() {
        ProgressBar current = open;
        if (current != null) {
            open = null;
            current.close();
        }
    }

    /** Writes the bar over itself, and leaves the cursor at the start of an empty line. */
    private static final class BarConsumer implements ProgressBarConsumer {
        private final PrintStream out;
        private final int width = Math.min(WIDTH, Terminal.width() - 1);

        BarConsumer(PrintStream out) {
            this.out = out;
        }

        @Override
        public int getMaxRenderedLength() {
            return width;
        }

        @Override
        public void accept(String line) {
            out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
        }

        @Override
        public void clear() {
            out.print("\r" + " ".repeat(width) + "\r");
        }

        @Override
        public void close() {
            out.flush();
        }
    }
}
