package dev.marquee.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * The line of the progress bar. Where the terminal is narrow, the bar itself gets shorter first, then the less important
 * numbers go; none is ever cut in two.
 */
final class BarLine implements ProgressBarRenderer {
    private static final int LONGEST_BAR = 24;
    private static final int SHORTEST_BAR = 4;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    private final long doneBefore;
    private volatile double loss = Double.NaN;
    private volatile double waitingShare;

    /**
     * A line.
     *
     * @param doneBefore how many samples were seen before this sitting; they say nothing about its speed
     */
    BarLine(long doneBefore) {
        this.doneBefore = doneBefore;
    }

    void tell(double meanLoss, double waiting) {
        loss = meanLoss;
        waitingShare = waiting;
    }

    @Override
    public String render(ProgressState state, int width) {
        double seconds = state.getElapsedAfterStart().toNanos() / 1e9;
        return render(state.getTaskName(), state.getCurrent(), state.getMax(), seconds, width);
    }

    String render(String name, long done, long all, double seconds, int width) {
        double speed = seconds > 0 ? (done - doneBefore) / seconds : 0;
        String percent = String.format(Locale.ROOT, "%3d %%", all == 0 ? 100 : 100 * done / all);
        List<String> words = new ArrayList<>(List.of(name, percent));
        // The first are the most important.
        List<String> wishes = new ArrayList<>();
        wishes.add(String.format(Locale.ROOT, "%,.0f samples/s", speed));
        if (Double.isFinite(loss)) {
            wishes.add(String.format(Locale.ROOT, "loss %.4f", loss));
        }
        if (speed > 0) {
            wishes.add(time((all - done) / speed) + " left");
        }
        if (waitingShare >= 0.005) {
            wishes.add(String.format(Locale.ROOT, "waiting for data %.0f %%", 100 * waitingShare));
        }
        for (String wish : wishes) {
            if (length(words) + 2 + wish.length() > width) {
                break;
            }
            words.add(wish);
        }
        int room = Math.min(LONGEST_BAR, width - length(words) - 4);
        if (room >= SHORTEST_BAR) {
            words.add(1, "|" + bar(done, all, room) + "|");
        }
        String line = String.join("  ", words);
        return line.length() <= width ? line : line.substring(0, Math.max(0, width));
    }

    private static int length(List<String> words) {
        return String.join("  ", words).length();
    }

    private static String bar(long done, long all, int room) {
        int eighths = all == 0 ? 8 * room : (int) (8L * room * done / all);
        StringBuilder bar = new StringBuilder("█".repeat(eighths / 8));
        if (bar.length() < room) {
            bar.append(EIGHTHS.charAt(eighths % 8));
        }
        return bar.append(" ".repeat(room - bar.length())).toString();
    }

    private static String time(double seconds) {
        long whole = (long) Math.ceil(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
