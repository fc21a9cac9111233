package dev.marquee.cli.bench;

import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.model.DinConfig;
import dev.marquee.model.ModelConfig;
import dev.marquee.profile.Memory;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Profile;
import dev.marquee.profile.Profiler;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.serving.RankingRequest;
import dev.marquee.serving.Scorer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Scores requests in this process, by one thread and by several, and as often as there are candidates; PyTorch in turn. */
final class LibraryScores {
    private static final double LONGEST_TURN_SECONDS = 0.5;
    private static final long PAUSE_MILLIS = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Scorer scorer;
    private final List<RankingRequest> requests;
    private final List<RankingRequest> single;
    private final int candidates;
    private final double turn;

    LibraryScores(Scorer scorer, List<SampleRequests.Sample> samples, double seconds) {
        this.scorer = scorer;
        this.turn = Math.min(LONGEST_TURN_SECONDS, seconds);
        this.requests = samples.stream().map(SampleRequests.Sample::request).toList();
        this.candidates = samples.get(0).rows().size();
        this.single = new ArrayList<>();
        for (Map<String, Object> row : samples.get(0).rows()) {
            single.add(RankingRequest.of(samples.get(0).user(), List.of(row)));
        }
    }

    /** Matrix products of one request, in floating-point operations. */
    double flop() {
        scorer.score(requests.get(0));
        try (Profiler counting = Profiler.on(1)) {
            counting.start();
            counting.tracks().get(0).enter(Phase.FORWARD);
            scorer.score(requests.get(0));
            counting.tracks().get(0).leave();
            counting.stop();
            Profile profile = counting.profile(1, null, new Memory(null, 0, Map.of(), Map.of(), List.of()));
            return 1e9
                    * profile.phases().stream()
                            .filter(row -> row.phase().equals(Phase.FORWARD.key()))
                            .mapToDouble(Profile.Row::gflop)
                            .sum();
        }
    }

    /**
     * Measures in turns.
     *
     * @param seconds for each way
     * @param threads of the second way
     * @param peer PyTorch, if any
     * @param work the same network in its words
     */
    List<ServingReport.Way> run(double seconds, int threads, @Nullable Peer peer, Map<String, Object> work)
            throws PeerException, InterruptedException {
        List<Alternative<PeerException>> sides = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (int i : new int[] {1, threads}) {
            int count = count(this::score, i);
            counts.add(count);
            sides.add(new Alternative<>("library " + i, () -> spent(this::score, i, count)));
        }
        int alone = count(this::scoreSingle, 1);
        counts.add(alone);
        sides.add(new Alternative<>("one by one", () -> spent(this::scoreSingle, 1, alone)));
        if (peer != null) {
            for (int i : new int[] {1, threads}) {
                int steps = 16;
                double took = peer.seconds(work, false, steps, i, PATIENCE);
                int count = Math.max(1, (int) (steps * turn / took));
                counts.add(count);
                sides.add(new Alternative<>("PyTorch " + i, () -> peer.seconds(work, false, count, i, PATIENCE)));
            }
        }
        int turns = Math.max(3, (int) Math.round(seconds / turn));
        List<Series> series = Interleaved.run(sides, 1, turns, PAUSE_MILLIS);
        List<ServingReport.Way> ways = new ArrayList<>();
        ways.add(way("library", 1, series, counts, 0, candidates, peer == null ? -1 : 3));
        ways.add(way("library", threads, series, counts, 1, candidates, peer == null ? -1 : 4));
        ways.add(way("one candidate a call", 1, series, counts, 2, 1, -1));
        if (peer != null) {
            ways.add(way(peer.name() + " eager", 1, series, counts, 3, candidates, -1));
            ways.add(way(peer.name() + " eager", threads, series, counts, 4, candidates, -1));
        }
        return ways;
    }

    /** The run's network in the peer's words; empty where the peer has none such. */
    static Optional<Map<String, Object>> work(ModelConfig model, FeatureLayout layout, int candidates, int history) {
        if (!(model instanceof DinConfig din) || din.dice() || !layout.bags().isEmpty()) {
            return Optional.empty();
        }
        List<Integer> targets =
                layout.sequences().stream().map(FeatureLayout.Sequence::target).toList();
        int rows = layout.tables().stream()
                .mapToInt(FeatureLayout.Table::rows)
                .max()
                .orElse(1);
        return targets.contains(-1)
                ? Optional.empty()
                : Optional.of(Map.ofEntries(
                        Map.entry("work", "serve"),
                        Map.entry("fields", layout.fields().size()),
                        Map.entry("rows", rows),
                        Map.entry("numbers", layout.denseSize()),
                        Map.entry("width", din.embedding().size()),
                        Map.entry("targets", targets),
                        Map.entry("unit", din.attentionHidden()),
                        Map.entry("hidden", din.hidden()),
                        Map.entry("products", din.products()),
                        Map.entry("softmax", din.softmax()),
                        Map.entry("labels", layout.labels().size()),
                        Map.entry("time", history),
                        Map.entry("candidates", candidates)));
    }

    private static ServingReport.Way way(
            String name, int threads, List<Series> series, List<Integer> counts, int at, int rows, int peer) {
        double rate = (double) rows * counts.get(at) / series.get(at).seconds().median();
        if (peer < 0) {
            return new ServingReport.Way(name, threads, rate, null, null, null);
        }
        // Turns have other numbers of requests here than there.
        double more = (double) counts.get(at) / counts.get(peer);
        Interleaved.Ratio times = series.get(at).fasterThan(series.get(peer));
        return new ServingReport.Way(
                name,
                threads,
                rate,
                more * times.ofMedians(),
                more * times.pairwise().min(),
                more * times.pairwise().max());
    }

    private void score(int number) {
        scorer.score(requests.get(number % requests.size()));
    }

    private void scoreSingle(int number) {
        scorer.score(single.get(number % single.size()));
    }

    /** Something that is done with a number. */
    private interface Work {
        void run(int number);
    }

    /** How many take about a turn, once it is warm. */
    private int count(Work work, int threads) throws PeerException {
        int count = 8;
        double took = spent(work, threads, count);
        while (took < turn) {
            count *= 2;
            took = spent(work, threads, count);
        }
        return Math.max(1, (int) (count * turn / spent(work, threads, count)));
    }

    private static double spent(Work work, int threads, int count) throws PeerException {
        AtomicInteger next = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(
                    () -> {
                        for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
                            work.run(number);
                        }
                    },
                    "scores-" + i);
            thread.setUncaughtExceptionHandler((which, failure) -> {
                synchronized (failures) {
                    failures.add(failure);
                }
            });
            all.add(thread);
        }
        long begin = System.nanoTime();
        all.forEach(Thread::start);
        try {
            for (Thread thread : all) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerException("interrupted while scoring");
        }
        synchronized (failures) {
            if (!failures.isEmpty()) {
                throw new IllegalStateException(
                        "scoring failed: " + failures.get(0).getMessage(), failures.get(0));
            }
        }
        return (System.nanoTime() - begin) / 1e9;
    }
}
