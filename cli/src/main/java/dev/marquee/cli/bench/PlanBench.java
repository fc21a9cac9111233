package dev.marquee.cli.bench;

import dev.marquee.collective.Transport;
import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.Network;
import dev.marquee.measure.Scaling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Predicts the steps of many workers from those of one, what two exchange, and a network's latency and bandwidth; and compares
 * what it predicts for this machine with what some workers here do.
 */
public final class PlanBench {
    private static final long PAUSE_MILLIS = 50;
    private static final int SMALL_BYTES = 4;
    private static final int LARGE_BYTES = 16 << 20;

    private PlanBench() {}

    /**
     * What to predict.
     *
     * @param recipe a name or file
     * @param batch samples of each worker in a step
     * @param shared whether the workers share tables out
     * @param workers the numbers to predict
     * @param check the numbers to measure here too
     * @param network between the workers
     * @param timing of each number of workers
     */
    public record Options(
            String recipe,
            int batch,
            boolean shared,
            List<Integer> workers,
            List<Integer> check,
            Network network,
            Timing timing) {
        /**
         * Copies, and checks the numbers.
         *
         * @throws IllegalArgumentException when one is out of range
         */
        public Options {
            workers = workers.stream().distinct().sorted().toList();
            check = Stream.concat(Stream.of(1, 2), check.stream())
                    .distinct()
                    .sorted()
                    .toList();
            if (batch < 1 || workers.isEmpty() || workers.get(0) < 1 || check.get(0) < 1) {
                throw new IllegalArgumentException("batch and numbers of workers must be at least 1, not " + batch
                        + ", " + workers + " and " + check);
            }
        }

        private int threads() {
            return timing.threads();
        }
    }

    /**
     * Measures, and predicts.
     *
     * @param options what
     * @param notices told what happens
     * @return the plan
     * @throws PeerException when a worker cannot be started or fails
     * @throws InterruptedException when the thread is interrupted
     */
    public static PlanReport run(Options options, Consumer<String> notices) throws PeerException, InterruptedException {
        try (Crews crews = Crews.open(options.threads(), Transport.AUTO, notices)) {
            List<Crew> all = new ArrayList<>();
            for (int size : options.check()) {
                all.add(crews.start(size));
            }
            notices.accept("sums of two workers here");
            Network here = network(all.get(1), options);
            notices.accept("steps of " + options.check() + " workers here");
            Map<String, Object> work = Map.of("work", "recipe", "recipe", options.recipe(), "batch", options.batch());
            int steps = all.get(0).stepsIn(options.timing().turn(), work, options.threads());
            List<Series> series = series(all, work, steps, options);
            Crew.Steps two = all.get(1).steps(work, steps, options.threads());
            Crew.Steps one = all.get(0).steps(work, steps, options.threads());
            double dense = two.exchanged() - two.rows();
            Scaling scaling = new Scaling(
                    series.get(0).seconds().median() / steps,
                    dense,
                    two.rows(),
                    dense == 0 ? 0 : Math.min(1, two.early() * two.exchanged() / dense),
                    options.shared()
                            // Of two workers each keeps half of the tables, that one keeps whole.
                            ? Optional.of(new Scaling.Shared(Math.max(0, 2 * (one.resident() - two.resident()))))
                            : Optional.empty(),
                    one.resident());
            List<PlanReport.Check> checks = new ArrayList<>();
            for (int i = 1; i < all.size(); i++) {
                int size = all.get(i).size();
                checks.add(new PlanReport.Check(
                        size,
                        scaling.predict(size, here, slowdown(size, options.threads()))
                                .seconds(),
                        series.get(i).seconds().median() / steps));
            }
            return new PlanReport(
                    options.batch(),
                    options.threads(),
                    options.network(),
                    here,
                    scaling,
                    options.workers().stream()
                            .map(size -> scaling.predict(size, options.network(), 1))
                            .toList(),
                    checks);
        }
    }

    private static List<Series> series(List<Crew> crews, Map<String, Object> work, int steps, Options options)
            throws PeerException, InterruptedException {
        List<Alternative<PeerException>> sides = new ArrayList<>();
        for (Crew crew : crews) {
            sides.add(new Alternative<>(
                    String.valueOf(crew.size()),
                    () -> crew.steps(work, steps, options.threads()).seconds()));
        }
        return Interleaved.run(sides, 1, options.timing().turns(), PAUSE_MILLIS);
    }

    /** Workers of one machine have its cores together. */
    private static double slowdown(int workers, int threads) {
        return Math.max(1, (double) workers * threads / Runtime.getRuntime().availableProcessors());
    }

    /** A ring of two: two messages one after the other, each of half of the bytes. */
    private static Network network(Crew two, Options options) throws PeerException {
        double small = sum(two, SMALL_BYTES, options);
        double large = sum(two, LARGE_BYTES, options);
        return new Network(small / 2, LARGE_BYTES / Math.max(large - small, 1e-9));
    }

    private static double sum(Crew two, int bytes, Options options) throws PeerException {
        Map<String, Object> work = Map.of("work", "exchange", "bytes", bytes);
        int steps = two.stepsIn(options.timing().turn(), work, options.threads());
        return two.steps(work, steps, options.threads()).seconds() / steps;
    }
}
