package dev.marquee.cli.bench;

import dev.marquee.measure.AttentionShape;
import dev.marquee.measure.Interleaved;
import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.ProductTimes;
import dev.marquee.measure.Workload;
import dev.marquee.nn.ProductRule;
import dev.marquee.tensor.Engine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Measures what the rules choose against what could be set instead. */
public final class Choices {
    private static final int TURNS = 9;
    private static final int PRODUCT_TURNS = 7;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final List<Supplier<Workload>> WORKS = List.of(
            () -> Workload.perceptron(32),
            () -> Workload.perceptron(256),
            () -> Workload.attention(new AttentionShape(64, 50, 50, 64, 64, 4), /* fused= */ false));

    private final int threads;
    private final double turn;

    /**
     * What was measured.
     *
     * @param products single products
     * @param choices what is chosen, and what else there is
     * @param fault why other processes could not be measured; empty where they were
     */
    public record Findings(List<ProductTimes.Row> products, List<Choice> choices, String fault) {
        /** Where nothing was measured. */
        public static final Findings NONE = new Findings(List.of(), List.of(), "");

        /** Copies the lists. */
        public Findings {
            products = List.copyOf(products);
            choices = List.copyOf(choices);
        }
    }

    private Choices(int threads, double turn) {
        this.threads = threads;
        this.turn = turn;
    }

    /**
     * Measures.
     *
     * @param threads for whole steps, at least 1
     * @param seconds how long steps are measured in all, more or less
     * @return what was found
     * @throws InterruptedException when the thread is interrupted
     */
    public static Findings measure(int threads, double seconds) throws InterruptedException {
        List<Surrounding> surroundings = Surrounding.all(threads);
        int measured = WORKS.size() * ((threads > 1 ? 2 : 0) + surroundings.size());
        Choices choices = new Choices(threads, seconds / ((TURNS + 1) * measured));
        List<ProductTimes.Row> products = ProductTimes.measure(ProductTimes.Shape.ALL, PRODUCT_TURNS);
        List<Choice> found = new ArrayList<>();
        if (!products.isEmpty()) {
            found.add(libraries(products));
        }
        String fault = "";
        try {
            if (threads > 1) {
                for (Supplier<Workload> work : WORKS) {
                    found.add(choices.replicas(work));
                }
            }
            if (surroundings.size() > 1) {
                found.addAll(choices.processes(surroundings));
            }
        } catch (PeerException e) {
            fault = String.valueOf(e.getMessage());
        }
        Engine.useThreads(threads);
        return new Findings(products, found, fault);
    }

    /** All measured products, one after the other, by the rule and by one library alone. */
    private static Choice libraries(List<ProductTimes.Row> rows) {
        boolean rule = System.getProperty(ProductRule.PROPERTY, "rule").equals("rule");
        List<Series> series = List.of(
                sum(rule ? "by the rule" : "as set", rows, row -> row.oneDnnChosen() ? 1 : 0),
                sum("BLAS alone", rows, row -> 0),
                sum("oneDNN alone", rows, row -> 1));
        double flop = rows.stream()
                .mapToDouble(
                        row -> row.blasGflops() * 1e9 * row.blas().seconds().min())
                .sum();
        String option = "MARQUEE_JAVA_OPTS=-D" + ProductRule.PROPERTY + "=";
        return Choice.of(
                "these products",
                "GFLOP/s",
                flop / 1e9,
                series,
                List.of("nothing", option + "blas", option + "onednn"),
                0);
    }

    private static Series sum(String name, List<ProductTimes.Row> rows, ToDoubleFunction<ProductTimes.Row> oneDnn) {
        double[] sum = new double[PRODUCT_TURNS];
        for (ProductTimes.Row row : rows) {
            double[] turns = (oneDnn.applyAsDouble(row) > 0 ? row.oneDnn() : row.blas()).turns();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += turns[i];
            }
        }
        return new Series(name, sum);
    }

    /** Threads inside operators against a replica for each thread. */
    private Choice replicas(Supplier<Workload> maker) throws InterruptedException {
        try (Workload work = maker.get()) {
            work.useThreads(threads);
            boolean several = work.replicas() > 1;
            int[] counts = {1, threads};
            List<Alternative<RuntimeException>> ways = new ArrayList<>();
            for (int count : counts) {
                work.useThreads(threads, count);
                int steps = StepBench.stepsIn(turn, work);
                ways.add(new Alternative<>(count == 1 ? "threads inside operators" : count + " replica threads", () -> {
                    work.useThreads(threads, count);
                    return StepBench.seconds(work, steps) / steps;
                }));
            }
            return Choice.of(
                    work.name(),
                    "samples/s",
                    work.samples(),
                    Interleaved.run(ways, 1, TURNS, 0),
                    List.of("engine.replicas=1", "engine.replicas=" + threads),
                    several ? 1 : 0);
        }
    }

    /** The same steps in processes that differ in what is read when they start. */
    private List<Choice> processes(List<Surrounding> surroundings) throws PeerException, InterruptedException {
        List<Choice> choices = new ArrayList<>();
        List<Peer> peers = new ArrayList<>();
        try {
            for (Surrounding surrounding : surroundings) {
                peers.add(Peer.start(surrounding.command()));
            }
            for (Supplier<Workload> maker : WORKS) {
                String name;
                long samples;
                Map<String, Object> description;
                try (Workload work = maker.get()) {
                    name = work.name();
                    samples = work.samples();
                    description = work.description();
                }
                List<Alternative<PeerException>> ways = new ArrayList<>();
                for (int i = 0; i < peers.size(); i++) {
                    Peer peer = peers.get(i);
                    double first = peer.seconds(description, false, 2, threads, PATIENCE) / 2;
                    int steps = (int) Math.max(1, Math.round(turn / first));
                    ways.add(new Alternative<>(
                            surroundings.get(i).name(),
                            () -> peer.seconds(description, false, steps, threads, PATIENCE) / steps));
                }
                choices.add(Choice.of(
                        name,
                        "samples/s",
                        samples,
                        Interleaved.run(ways, 1, TURNS, 20),
                        surroundings.stream().map(Surrounding::setting).toList(),
                        0));
            }
        } finally {
            peers.forEach(Peer::close);
        }
        return choices;
    }
}
