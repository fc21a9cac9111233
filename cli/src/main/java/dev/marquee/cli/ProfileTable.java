package dev.marquee.cli;

import dev.marquee.profile.Memory;
import dev.marquee.profile.Profile;
import dev.marquee.profile.Roof;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where the time of a training went, for people. */
final class ProfileTable {
    private static final int LARGEST = 5;
    private static final String ROW = "%-9s %8s %6s %8s %9s %9s %9s %8s %8s %7s";

    private @Nullable Profile profile;

    void tell(Profile told) {
        profile = told;
    }

    /** Prints what was told last, if anything was, and forgets it. */
    void print(PrintWriter out) {
        Profile told = profile;
        profile = null;
        if (told != null) {
            out.println();
            lines(told).forEach(out::println);
            out.flush();
        }
    }

    static List<String> lines(Profile profile) {
        List<String> lines = new ArrayList<>();
        lines.add(format(
                "where the time went: %,d steps, %.1f s, %,.0f samples/s of steps",
                profile.steps(), profile.seconds(), samplesPerSecond(profile)));
        lines.add(row(
                "phase", "seconds", "share", "times", "mean ms", "median ms", "p99 ms", "GFLOP/s", "GB/s", "% roof"));
        for (Profile.Row row : profile.phases()) {
            if (row.seconds() > 0) {
                lines.add(line(row));
            }
        }
        Profile.Times step = profile.step();
        lines.add(row(
                "step",
                "",
                "",
                format("%,d", step.count()),
                format("%.2f", step.mean()),
                format("%.2f", step.median()),
                format("%.2f", step.p99()),
                "",
                "",
                ""));
        Roof roof = profile.roof();
        if (roof != null) {
            lines.add(format(
                    "roof      %.0f GFLOP/s of products, %.1f GB/s of copies, %d %s, measured at the end",
                    roof.gflops(),
                    roof.gigabytesPerSecond(),
                    roof.threads(),
                    roof.threads() == 1 ? "thread" : "threads"));
        }
        lines.addAll(memory(profile));
        return lines;
    }

    private static List<String> memory(Profile profile) {
        List<String> lines = new ArrayList<>();
        Memory memory = profile.memory();
        Long resident = memory.peakResident();
        lines.add(format(
                "memory    peak %s, Java heap at most %s, tensors kept %s; %s of Java objects a step",
                resident == null ? "unknown" : size(resident),
                size(memory.peakHeap()),
                size(memory.arenas().values().stream()
                        .mapToLong(Long::longValue)
                        .sum()),
                size((long) profile.heapBytesPerStep())));
        StringBuilder largest = new StringBuilder("largest   ");
        memory.largest().stream()
                .limit(LARGEST)
                .forEach(tensor -> largest.append(largest.length() > 10 ? ", " : "")
                        .append(tensor.name())
                        .append(' ')
                        .append(size(tensor.bytes())));
        lines.add(largest.toString());
        return lines;
    }

    private static String line(Profile.Row row) {
        Double percent = row.percentOfRoof();
        return row(
                row.phase(),
                format("%.2f", row.seconds()),
                format("%.1f%%", 100 * row.share()),
                format("%,d", row.milliseconds().count()),
                format("%.2f", row.milliseconds().mean()),
                format("%.2f", row.milliseconds().median()),
                format("%.2f", row.milliseconds().p99()),
                row.gflop() > 0 ? format("%.1f", row.gflopPerSecond()) : "",
                row.gigabytes() > 0 ? format("%.2f", row.gigabytesPerSecond()) : "",
                percent == null ? "" : format("%.1f", percent));
    }

    private static String row(Object... cells) {
        return format(ROW, cells).stripTrailing();
    }

    private static double samplesPerSecond(Profile profile) {
        double seconds = profile.step().mean() * profile.step().count() / 1e3;
        return seconds > 0 ? profile.samples() / seconds : 0;
    }

    private static String size(long bytes) {
        return bytes < 1 << 20
                ? format("%.1f KiB", bytes / 1024.0)
                : bytes < 1 << 30 ? format("%.1f MiB", bytes / 1048576.0) : format("%.2f GiB", bytes / 1073741824.0);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
