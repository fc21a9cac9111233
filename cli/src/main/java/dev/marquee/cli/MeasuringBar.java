package dev.marquee.cli;

import dev.marquee.accelerate.Watcher;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A line of progress that writes over itself where standard error is a terminal, and a line for each part elsewhere. */
final class MeasuringBar implements Watcher, AutoCloseable {
    private static final int BAR = 24;
    private static final int MOST = 100;
    private static final long UPDATE_NANOS = 200_000_000;

    private final PrintWriter err;
    private final boolean quiet;
    private final boolean bar;
    private final PrintStream terminal = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    private final int width;
    private volatile boolean stop;
    private String name = "";
    private long units = 1;
    private long shown;
    private boolean open;

    MeasuringBar(PrintWriter err, boolean quiet) {
        this.err = err;
        this.quiet = quiet;
        this.bar = !quiet && Terminal.isErrorTerminal();
        this.width = bar ? Math.min(MOST, Terminal.width() - 1) : MOST;
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
        clear();
        if (!quiet) {
            err.printf("%-8s %s%n", topic, message);
        }
    }

    @Override
    public void phase(String phase, long of) {
        name = phase;
        units = Math.max(1, of);
        shown = 0;
        if (bar) {
            advanced(0);
        } else if (!quiet) {
            err.printf("%-8s %s%n", "measure", phase);
        }
    }

    @Override
    public void advanced(long done) {
        long now = System.nanoTime();
        if (bar && (shown == 0 || now - shown > UPDATE_NANOS)) {
            shown = now;
            String line = line(name, done, units, width);
            terminal.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
            open = true;
        }
    }

    /** The bar gets shorter, then goes, where the terminal is narrow. */
    static String line(String name, long done, long units, int width) {
        long part = Math.min(done, units);
        String text = String.format(Locale.ROOT, "%s  %3d %%", name, 100 * part / units);
        int room = Math.min(BAR, width - text.length() - 4);
        if (room < 4) {
            return text.length() <= width ? text : text.substring(0, Math.max(0, width));
        }
        int full = (int) (room * part / units);
        return text + "  |" + "█".repeat(full) + " ".repeat(room - full) + "|";
    }

    private void clear() {
        if (open) {
            terminal.print("\r" + " ".repeat(width) + "\r");
            open = false;
        }
    }

    @Override
    public void close() {
        clear();
    }
}
