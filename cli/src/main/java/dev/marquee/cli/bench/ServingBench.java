package dev.marquee.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.marquee.measure.Roofline;
import dev.marquee.recipe.Recipe;
import dev.marquee.serving.Scorer;
import dev.marquee.train.Progress;
import dev.marquee.train.Run;
import dev.marquee.train.Trainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Times a server that runs in a process of its own, under load from another, and the same scorer within this process; PyTorch
 * in turn with the latter.
 */
public final class ServingBench {
    private static final String RECIPE = "simulated_impressions_din";
    private static final int SAMPLES = 64;
    private static final int CONNECTIONS = 64;
    private static final int SATURATING = 8;
    /** More than the server lets wait. */
    private static final int OVERLOADING = 512;

    private static final double SLOW_MILLIS = 50;
    private static final double AFTERWARDS_SECONDS = 3;

    private final ServingOptions options;
    private final Consumer<String> notices;
    private final int threads = Runtime.getRuntime().availableProcessors();

    private ServingBench(ServingOptions options, Consumer<String> notices) {
        this.options = options;
        this.notices = notices;
    }

    /**
     * Measures.
     *
     * @param options how
     * @param notices told what happens
     * @return the report
     * @throws PeerException when a process cannot be started or fails
     * @throws InterruptedException when the thread is interrupted
     */
    public static ServingReport run(ServingOptions options, Consumer<String> notices)
            throws PeerException, InterruptedException {
        try (BenchFolder folder = BenchFolder.create()) {
            return new ServingBench(options, notices).run(folder.path());
        }
    }

    private ServingReport run(Path folder) throws PeerException, InterruptedException {
        Path run = options.run().orElseGet(() -> trained(folder.resolve("run"), folder.resolve("prepared")));
        try (Scorer scorer = Scorer.open(run)) {
            if (options.python().isEmpty()) {
                return run(folder, run, scorer, null, Map.of());
            }
            Map<String, Object> work = LibraryScores.work(
                            Run.recipe(run).model(), scorer.schema().layout(), options.candidates(), options.history())
                    .orElseThrow(
                            () -> new PeerException("the script for PyTorch has din without dice and bags only, not "
                                    + scorer.describe() + ": leave --against-python out"));
            // It waits, and takes no processor time, until it is asked.
            try (Peer peer = Peer.start(PeerCommand.python(options.python().get()))) {
                return run(folder, run, scorer, peer, work);
            }
        }
    }

    private ServingReport run(Path folder, Path run, Scorer scorer, @Nullable Peer peer, Map<String, Object> work)
            throws PeerException, InterruptedException {
        SampleRequests made = new SampleRequests(scorer.schema(), options.candidates(), options.history(), 1);
        List<SampleRequests.Sample> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            samples.add(made.next());
        }
        List<byte[]> bodies = samples.stream().map(SampleRequests.Sample::json).toList();
        ServingReport.Server served = served(run, folder, write(folder.resolve("bodies"), bodies));
        notices.accept("in this process");
        LibraryScores library = new LibraryScores(scorer, samples, options.seconds());
        List<ServingReport.Way> ways = library.run(options.seconds(), threads, peer, work);
        double flop = library.flop();
        Roofline roof = Roofline.brief(threads);
        double bytes = bodies.stream().mapToInt(body -> body.length).average().orElse(0);
        return new ServingReport(
                scorer.describe(),
                options.candidates(),
                options.history(),
                (int) bytes,
                threads,
                served,
                ways,
                ServingReport.Floor.of(flop, roof.peak(), options.candidates()));
    }

    private ServingReport.Server served(Path run, Path folder, Path bodies) throws PeerException, InterruptedException {
        notices.accept("a server and its load, in processes of their own");
        try (ServerProcess server = ServerProcess.start(run, folder);
                Peer load = Peer.start(LoadServer.command())) {
            double seconds = options.seconds();
            // Warms up; both sides' code is compiled while it runs.
            ask(load, server, bodies, SATURATING, new OpenLoop.Phase(0, seconds, false));
            ServerProcess.Numbers before = server.numbers();
            notices.accept("as fast as it can");
            JsonNode saturated = ask(load, server, bodies, SATURATING, new OpenLoop.Phase(0, seconds, false))
                    .get(0);
            double requests = saturated.path("accepted").asDouble()
                    / saturated.path("seconds").asDouble();
            ServerProcess.Numbers between = server.numbers();
            notices.accept("at the rate that was asked for");
            JsonNode steady = ask(
                            load,
                            server,
                            bodies,
                            CONNECTIONS,
                            new OpenLoop.Phase(options.rate(), seconds, options.even()))
                    .get(0);
            ServerProcess.Numbers after = server.numbers();
            ServingReport.Overload overload = options.overload() ? overload(load, server, bodies, requests) : null;
            return new ServingReport.Server(
                    ServingReport.Latency.of(options.rate(), steady),
                    after.since(between),
                    ServingReport.Latency.of(requests, saturated),
                    requests * options.candidates(),
                    between.since(before),
                    server.collections(),
                    before.resident(),
                    server.numbers().resident(),
                    overload);
        }
    }

    private ServingReport.Overload overload(Peer load, ServerProcess server, Path bodies, double saturation)
            throws PeerException {
        double rate = 2 * saturation;
        notices.accept("twice as much as it can");
        List<JsonNode> phases = ask(
                load,
                server,
                bodies,
                OVERLOADING,
                new OpenLoop.Phase(rate, options.seconds(), false),
                new OpenLoop.Phase(
                        options.rate(), Math.min(AFTERWARDS_SECONDS, 3 * options.seconds()), options.even()));
        return new ServingReport.Overload(
                ServingReport.Latency.of(rate, phases.get(0)),
                phases.get(1).path("settled").asDouble(),
                phases.get(1).path("failed").asLong());
    }

    private static List<JsonNode> ask(
            Peer load, ServerProcess server, Path bodies, int connections, OpenLoop.Phase... phases)
            throws PeerException {
        double seconds = 0;
        for (OpenLoop.Phase phase : phases) {
            seconds += phase.seconds();
        }
        JsonNode answer = load.steps(
                LoadServer.request(server, bodies, connections, SLOW_MILLIS, List.of(phases)),
                1,
                1,
                Duration.ofSeconds(120 + Math.round(seconds)));
        List<JsonNode> results = new ArrayList<>();
        answer.path("phases").forEach(results::add);
        return results;
    }

    /** The weights do not matter for speed. */
    private Path trained(Path run, Path prepared) {
        notices.accept("training " + RECIPE + " on a few rows");
        Recipe recipe = Recipe.named(RECIPE)
                .with("data.rows", 20_000)
                .with("data.validation_rows", 2_000)
                .with("data.test_rows", 1_000)
                .with("data.prepared_path", prepared.toString())
                .with("train.epochs", 1);
        Trainer.train(recipe, run, Progress.silent()).close();
        return run;
    }

    private static Path write(Path file, List<byte[]> bodies) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] body : bodies) {
            all.writeBytes(body);
            all.write('\n');
        }
        try {
            return Files.write(file, all.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
