package dev.marquee.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark of a server gave.
 *
 * @param model in words
 * @param candidates of a request
 * @param history events of a user
 * @param bytes of a request's JSON, the mean
 * @param threads of this machine, for server and load together
 * @param server the server, in a process of its own
 * @param library the scorer in this process, and PyTorch
 * @param floor what arithmetic alone would take
 */
public record ServingReport(
        String model,
        int candidates,
        int history,
        int bytes,
        int threads,
        Server server,
        List<Way> library,
        Floor floor) {
    /** Copies. */
    public ServingReport {
        library = List.copyOf(library);
    }

    /**
     * Latencies of accepted requests, in milliseconds from when they were due.
     *
     * @param rate requests a second
     * @param p50 the median
     * @param p90 of ten requests, nine are at most as slow
     * @param p99 of a hundred, 99
     * @param p999 of a thousand, 999
     * @param max the slowest
     * @param accepted how many
     * @param shed how many were refused with 429
     * @param failed all others
     */
    public record Latency(
            double rate,
            double p50,
            double p90,
            double p99,
            double p999,
            double max,
            long accepted,
            long shed,
            long failed) {
        static Latency of(double rate, JsonNode phase) {
            return new Latency(
                    rate,
                    phase.path("p50").asDouble(),
                    phase.path("p90").asDouble(),
                    phase.path("p99").asDouble(),
                    phase.path("p999").asDouble(),
                    phase.path("max").asDouble(),
                    phase.path("accepted").asLong(),
                    phase.path("shed").asLong(),
                    phase.path("failed").asLong());
        }
    }

    /**
     * Twice saturation.
     *
     * @param latency of it
     * @param recovered seconds after it until the last request that was slow or refused was answered
     * @param failedAfter requests that failed then
     */
    public record Overload(Latency latency, double recovered, long failedAfter) {}

    /**
     * The server.
     *
     * @param steady at the rate that was asked for
     * @param stages the mean of each there, in milliseconds
     * @param saturated as fast as it can
     * @param candidatesPerSecond then
     * @param saturatedStages the mean of each then
     * @param collections of its garbage collector
     * @param residentBefore bytes of its process before
     * @param residentAfter bytes afterwards
     * @param overload null where it was not asked for
     */
    public record Server(
            Latency steady,
            Map<String, Double> stages,
            Latency saturated,
            double candidatesPerSecond,
            Map<String, Double> saturatedStages,
            Collections collections,
            double residentBefore,
            double residentAfter,
            @Nullable Overload overload) {
        /** Copies. */
        public Server {
            stages = new LinkedHashMap<>(stages);
            saturatedStages = new LinkedHashMap<>(saturatedStages);
        }
    }

    /**
     * How fast.
     *
     * @param name how the report calls it
     * @param threads of it
     * @param candidatesPerSecond the median of the turns
     * @param ratio to PyTorch with as many threads, above 1 where this is faster; null without it
     * @param ratioLow the lowest of a turn; null without PyTorch
     * @param ratioHigh the highest of a turn; null without PyTorch
     */
    public record Way(
            String name,
            int threads,
            double candidatesPerSecond,
            @Nullable Double ratio,
            @Nullable Double ratioLow,
            @Nullable Double ratioHigh) {}

    /**
     * What its garbage collector did.
     *
     * @param name the collector
     * @param count how many pauses
     * @param millis all of them
     * @param longest the longest, in milliseconds
     * @param heap megabytes after the last
     */
    public record Collections(String name, int count, double millis, double longest, long heap) {}

    /**
     * What the matrix products alone would take.
     *
     * @param flop operations of a request
     * @param gflops the fastest products of this machine, by all threads
     * @param candidatesPerSecond that this would give; null for a network without products
     */
    public record Floor(
            double flop, double gflops, @Nullable Double candidatesPerSecond) {
        static Floor of(double flop, double gflops, int candidates) {
            return new Floor(flop, gflops, flop == 0 ? null : 1e9 * gflops / flop * candidates);
        }
    }

    /**
     * The report as plain text.
     *
     * @return lines without a last line end
     */
    public String table() {
        List<String> lines = new ArrayList<>();
        lines.add(model);
        lines.add(String.format(
                Locale.ROOT,
                "%d candidates a request, histories of %d, %,d bytes of JSON; %d threads for server and load together",
                candidates,
                history,
                bytes,
                threads));
        lines.add("");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "latency, ms", "requests/s", "p50", "p90", "p99", "p99.9", "max", "accepted", "shed", "failed"));
        rows.add(row("as asked", server.steady()));
        rows.add(row("saturated", server.saturated()));
        Overload overload = server.overload();
        if (overload != null) {
            rows.add(row("overloaded", overload.latency()));
        }
        lines.add(Columns.align(rows));
        if (overload != null) {
            lines.add(String.format(
                    Locale.ROOT,
                    "overloaded: %.0f%% refused; the last slow or refused request %.2f s after it ended",
                    100.0
                            * overload.latency().shed()
                            / Math.max(
                                    1,
                                    overload.latency().accepted()
                                            + overload.latency().shed()),
                    overload.recovered()));
        }
        lines.add("");
        lines.add(Columns.align(stages()));
        lines.add("");
        lines.add(Columns.align(speeds()));
        lines.add(String.format(
                Locale.ROOT,
                "floor: %.1f MFLOP a request at %.0f GFLOP/s, the fastest products by all threads",
                floor.flop() / 1e6,
                floor.gflops()));
        Collections collections = server.collections();
        lines.add(String.format(
                Locale.ROOT,
                "collector: %s, %d pauses, %.0f ms in all, longest %.1f ms; heap %d MB after the last",
                collections.name(),
                collections.count(),
                collections.millis(),
                collections.longest(),
                collections.heap()));
        lines.add(String.format(
                Locale.ROOT,
                "memory of the server's process: %.0f MB before, %.0f MB afterwards",
                server.residentBefore() / 1e6,
                server.residentAfter() / 1e6));
        return String.join("\n", lines);
    }

    private static List<String> row(String name, Latency latency) {
        List<String> row = new ArrayList<>(List.of(name, String.format(Locale.ROOT, "%,.0f", latency.rate())));
        for (double millis :
                new double[] {latency.p50(), latency.p90(), latency.p99(), latency.p999(), latency.max()}) {
            row.add(String.format(Locale.ROOT, "%.2f", millis));
        }
        for (long count : new long[] {latency.accepted(), latency.shed(), latency.failed()}) {
            row.add(String.format(Locale.ROOT, "%,d", count));
        }
        return row;
    }

    private List<List<String>> stages() {
        List<String> head = new ArrayList<>(List.of("mean of a stage, ms"));
        head.addAll(server.stages().keySet());
        List<List<String>> rows = new ArrayList<>(List.of(head));
        rows.add(stages("as asked", server.stages()));
        rows.add(stages("saturated", server.saturatedStages()));
        return rows;
    }

    private List<String> stages(String name, Map<String, Double> means) {
        List<String> row = new ArrayList<>(List.of(name));
        server.stages()
                .keySet()
                .forEach(stage -> row.add(String.format(Locale.ROOT, "%.3f", means.getOrDefault(stage, Double.NaN))));
        return row;
    }

    private List<List<String>> speeds() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("candidates", "threads", "candidates/s", "of the floor", "to PyTorch", "in each turn"));
        rows.add(speed("POST …:rank", threads, server.candidatesPerSecond(), "-", "-"));
        for (Way way : library) {
            rows.add(speed(
                    way.name(),
                    way.threads(),
                    way.candidatesPerSecond(),
                    way.ratio() == null ? "-" : String.format(Locale.ROOT, "%.2f", way.ratio()),
                    way.ratioLow() == null || way.ratioHigh() == null
                            ? "-"
                            : String.format(Locale.ROOT, "%.2f to %.2f", way.ratioLow(), way.ratioHigh())));
        }
        return rows;
    }

    private List<String> speed(String name, int count, double rate, String ratio, String range) {
        Double most = floor.candidatesPerSecond();
        String share = most == null
                ? "-"
                : String.format(Locale.ROOT, "%.0f%%", 100 * rate / most * threads / Math.min(threads, count));
        return List.of(name, String.valueOf(count), String.format(Locale.ROOT, "%,.0f", rate), share, ratio, range);
    }
}
