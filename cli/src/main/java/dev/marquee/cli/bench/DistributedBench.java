package dev.marquee.cli.bench;

import dev.marquee.collective.Transport;
import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Times the steps of several processes that share gradients, in turn with those of one, and with as many processes of PyTorch.
 * Every worker has a batch of its own of the same size, so that twice the workers see twice the samples in a step.
 */
public final class DistributedBench implements AutoCloseable {
    private static final long PAUSE_MILLIS = 50;
    private final Options options;
    private final Consumer<String> notices;
    private final Crews own;
    private final List<Crew> crews = new ArrayList<>();
    private final List<Crew> peers = new ArrayList<>();
    private final List<Path> meetings = new ArrayList<>();

    /**
     * How to measure.
     *
     * @param workers the numbers of processes to compare; 1 is measured anyway
     * @param timing of each row and side
     * @param transport what carries exchanges
     * @param python an interpreter with PyTorch, if any
     */
    public record Options(List<Integer> workers, Timing timing, Transport transport, Optional<String> python) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException when one is out of range
         */
        public Options {
            workers = workers.stream().distinct().sorted().toList();
            if (workers.isEmpty() || workers.get(0) < 1) {
                throw new IllegalArgumentException("numbers of workers must be at least 1, not " + workers);
            }
        }

        private int threads() {
            return timing.threads();
        }
    }

    /**
     * Something to time.
     *
     * @param name how the report calls it
     * @param request what each worker is asked to do, with its own {@code batch}
     * @param peer whether PyTorch can do the same
     */
    public record Work(String name, Map<String, Object> request, boolean peer) {
        /** Copies. */
        public Work {
            request = Map.copyOf(request);
        }

        private long batch() {
            return ((Number) request.getOrDefault("batch", 0)).longValue();
        }
    }

    private DistributedBench(Options options, Consumer<String> notices) {
        this.options = options;
        this.notices = notices;
        this.own = Crews.open(options.threads(), options.transport(), notices);
    }

    /**
     * Measures row by row.
     *
     * @param options how
     * @param works what
     * @param notices told what happens
     * @return the report
     * @throws PeerException when a process cannot be started or fails
     * @throws InterruptedException when the thread is interrupted
     */
    public static DistributedReport run(Options options, List<Work> works, Consumer<String> notices)
            throws PeerException, InterruptedException {
        try (DistributedBench bench = new DistributedBench(options, notices)) {
            bench.start();
            List<DistributedRow> rows = new ArrayList<>();
            for (Work work : works) {
                rows.addAll(bench.rows(work));
            }
            Optional<String> peer = bench.peers.stream().findFirst().map(crew -> crew.name() + " DDP");
            return new DistributedReport(options.threads(), peer, rows);
        }
    }

    @Override
    public void close() {
        own.close();
        peers.forEach(Crew::close);
        for (Path meeting : meetings) {
            try {
                Files.deleteIfExists(meeting);
            } catch (IOException e) {
                notices.accept("left behind: " + meeting);
            }
        }
    }

    private void start() throws PeerException {
        List<Integer> sizes = new ArrayList<>(options.workers());
        if (!sizes.contains(1)) {
            sizes.add(0, 1);
        }
        for (int size : sizes) {
            crews.add(own.start(size));
        }
        if (options.python().isPresent()) {
            for (int size : sizes) {
                Path meeting = meeting();
                peers.add(Crew.start(
                        size,
                        rank -> PeerCommand.python(options.python().get())
                                .with(Map.of(
                                        "RANK", String.valueOf(rank),
                                        "WORLD_SIZE", String.valueOf(size),
                                        "BENCH_MEETING", meeting.toString(),
                                        "GLOO_SOCKET_IFNAME", "lo"))));
            }
        }
    }

    /** A name for the file where processes of PyTorch meet; they make it. */
    private Path meeting() {
        try {
            Path file = Files.createTempFile("marquee-bench-", ".meeting");
            Files.delete(file);
            meetings.add(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a file in " + System.getProperty("java.io.tmpdir"), e);
        }
    }

    private List<DistributedRow> rows(Work work) throws PeerException, InterruptedException {
        notices.accept(work.name());
        int steps = crews.get(0).stepsIn(options.timing().turn(), work.request(), options.threads());
        List<Crew.Steps> last = new ArrayList<>();
        List<Alternative<PeerException>> sides = new ArrayList<>();
        for (Crew crew : crews) {
            int index = last.size();
            last.add(crew.steps(work.request(), 1, options.threads()));
            sides.add(new Alternative<>("here " + crew.size(), () -> {
                last.set(index, crew.steps(work.request(), steps, options.threads()));
                return last.get(index).seconds();
            }));
        }
        if (work.peer()) {
            for (Crew crew : peers) {
                sides.add(new Alternative<>(
                        "there " + crew.size(),
                        () -> crew.steps(work.request(), steps, options.threads())
                                .seconds()));
            }
        }
        List<Series> series = Interleaved.run(sides, 1, options.timing().turns(), PAUSE_MILLIS);
        List<DistributedRow> rows = new ArrayList<>();
        for (int i = 0; i < crews.size(); i++) {
            Series there = crews.size() + i < series.size() ? series.get(crews.size() + i) : null;
            if (options.workers().contains(crews.get(i).size())) {
                rows.add(row(work, crews.get(i).size(), steps, series.get(0), series.get(i), there, last.get(i)));
            }
        }
        return rows;
    }

    private static DistributedRow row(
            Work work, int workers, int steps, Series one, Series here, @Nullable Series there, Crew.Steps last) {
        double samples = (double) work.batch() * workers * steps;
        // As many steps of more workers: the same time would be that many times the samples.
        Interleaved.Ratio times = here.fasterThan(one);
        Interleaved.Ratio ratio = there == null ? null : here.fasterThan(there);
        return new DistributedRow(
                work.name(),
                workers,
                samples / here.seconds().median(),
                100 * here.seconds().relative(),
                workers * times.ofMedians(),
                workers * times.pairwise().min(),
                workers * times.pairwise().max(),
                last.exchanged(),
                last.early(),
                there == null ? null : Double.valueOf(samples / there.seconds().median()),
                ratio == null ? null : Double.valueOf(ratio.ofMedians()),
                ratio == null ? null : Double.valueOf(ratio.pairwise().min()),
                ratio == null ? null : Double.valueOf(ratio.pairwise().max()));
    }
}
