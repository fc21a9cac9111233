package dev.marquee.launch;

import dev.marquee.collective.Heartbeat;
import dev.marquee.collective.Loss;
import dev.marquee.collective.Rendezvous;
import dev.marquee.collective.RendezvousClient;
import dev.marquee.collective.RendezvousServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs the workers of this machine once. All machines learn of the first failure anywhere, and end on it. */
final class Attempt {
    private static final long LOOK_MILLIS = 50;
    private static final int LOOKS_A_QUESTION = 8;

    /** When one worker ends, others end because of it: a moment shows which was the first, and what they say. */
    private static final long GRACE_MILLIS = 2000;

    /** To finish a step and write a checkpoint. */
    private static final long SAVING_MILLIS = 55_000;

    private final Launch launch;
    private final int number;
    private final RendezvousClient client;
    private final Heartbeat heartbeat;
    private final @Nullable RendezvousServer server;
    private final BooleanSupplier stopWanted;
    private final List<Worker> workers = new ArrayList<>();

    Attempt(
            Launch launch,
            int number,
            RendezvousClient client,
            Heartbeat heartbeat,
            @Nullable RendezvousServer server,
            BooleanSupplier stopWanted) {
        this.launch = launch;
        this.number = number;
        this.client = client;
        this.heartbeat = heartbeat;
        this.server = server;
        this.stopWanted = stopWanted;
    }

    /**
     * Runs until all have ended.
     *
     * @param first the rank of this machine's first worker
     * @param worldSize workers of all machines
     * @param port of the rendezvous
     * @param secret of the rendezvous
     * @return why it failed; empty when all workers of all machines ended well
     */
    Optional<Failure> run(int first, int worldSize, int port, String secret, Consumer<String> notices)
            throws InterruptedException {
        Path logs = launch.logs().resolve("attempt-" + number);
        try {
            for (int local = 0; local < launch.workers(); local++) {
                Map<String, String> environment = environment(first + local, local, worldSize, port, secret);
                workers.add(Worker.start(launch, first + local, environment, logs, notices));
            }
            Optional<Failure> failure = watch();
            if (failure.isPresent()) {
                Failure told = Failure.of(
                        client.putIfAbsent(key("failure"), failure.get().toBytes()));
                if (told.kind() == Failure.Kind.STOP) {
                    letSave();
                }
                return Optional.of(told);
            }
            return failure;
        } finally {
            kill();
        }
    }

    private Optional<Failure> watch() throws InterruptedException {
        boolean told = false;
        for (int look = 0; ; look++) {
            Optional<Failure> failure = local().or(this::machines);
            if (failure.isEmpty() && look % LOOKS_A_QUESTION == 0) {
                failure = client.get(key("failure"), Duration.ZERO).map(Failure::of);
            }
            if (failure.isPresent()) {
                return failure;
            }
            if (!told && workers.stream().noneMatch(Worker::alive)) {
                client.put(key("done-" + launch.nodeRank()), new byte[0]);
                told = true;
            }
            if (told && look % LOOKS_A_QUESTION == 0 && allDone()) {
                return Optional.empty();
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** What is wrong with this machine's workers, or, where the rendezvous runs, with any. */
    private Optional<Failure> local() {
        if (stopWanted.getAsBoolean()) {
            return Optional.of(new Failure(Failure.Kind.STOP, "stopped"));
        }
        if (workers.stream().anyMatch(worker -> !worker.alive() && !worker.succeeded())) {
            grace();
            return Optional.of(firstFailure());
        }
        List<Loss> losses = server == null ? List.of() : server.losses(Rendezvous.group(number));
        if (losses.isEmpty()) {
            return Optional.empty();
        }
        // The others have noticed too, and say more.
        Failure lost = new Failure(
                Failure.Kind.LOSS,
                "rank " + losses.get(0).rank() + " was lost: " + losses.get(0).how());
        return Optional.of(grace() ? firstFailure() : lost);
    }

    private Optional<Failure> machines() {
        if (!heartbeat.losses().isEmpty()) {
            return Optional.of(new Failure(Failure.Kind.FAULT, lostMachine(heartbeat, launch)));
        }
        return heartbeat
                .silentHost()
                .map(why -> new Failure(
                        Failure.Kind.FAULT,
                        "the rendezvous at " + launch.host() + ":" + launch.port() + " was lost: " + why));
    }

    /** Which machine was lost, in words. */
    static String lostMachine(Heartbeat heartbeat, Launch launch) {
        Loss first = heartbeat.losses().get(0);
        return "machine " + first.rank() + " of " + launch.nodes() + " was lost: "
                + first.how().replace("its process", "its launcher");
    }

    /** Of the workers that have failed, one that did not just lose another; else the first. */
    private Failure firstFailure() {
        List<Worker> failed = workers.stream()
                .filter(worker -> !worker.alive() && !worker.succeeded())
                .toList();
        return failed.stream()
                .filter(worker -> !worker.lostAnother())
                .findFirst()
                .orElse(failed.get(0))
                .failure();
    }

    /** Waits a moment for all to end; whether one has failed. */
    private boolean grace() {
        long end = System.nanoTime() + GRACE_MILLIS * 1_000_000;
        try {
            while (workers.stream().anyMatch(Worker::alive) && System.nanoTime() < end) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return workers.stream().anyMatch(worker -> !worker.alive() && !worker.succeeded());
    }

    private boolean allDone() {
        for (int node = 0; node < launch.nodes(); node++) {
            if (client.get(key("done-" + node), Duration.ZERO).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private void letSave() throws InterruptedException {
        workers.stream().filter(Worker::alive).forEach(Worker::terminate);
        long end = System.nanoTime() + SAVING_MILLIS * 1_000_000;
        for (Worker worker : workers) {
            worker.awaitEnd(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
    }

    private void kill() throws InterruptedException {
        workers.forEach(Worker::kill);
        for (Worker worker : workers) {
            worker.awaitEnd(GRACE_MILLIS);
        }
    }

    private String key(String name) {
        return "attempt-" + number + "/" + name;
    }

    private Map<String, String> environment(int rank, int local, int worldSize, int port, String secret) {
        String threads = String.valueOf(launch.threads());
        Map<String, String> environment = new HashMap<>();
        environment.put("MASTER_ADDR", launch.host());
        environment.put("MASTER_PORT", String.valueOf(port));
        environment.put("RANK", String.valueOf(rank));
        environment.put("WORLD_SIZE", String.valueOf(worldSize));
        environment.put("LOCAL_RANK", String.valueOf(local));
        environment.put("LOCAL_WORLD_SIZE", String.valueOf(launch.workers()));
        environment.put("MARQUEE_HOSTED", "1");
        environment.put("MARQUEE_ATTEMPT", String.valueOf(number));
        environment.put("MARQUEE_SECRET", secret);
        environment.put("MARQUEE_TIMEOUT", launch.timeout().toMillis() + "ms");
        environment.put("OMP_NUM_THREADS", threads);
        environment.put("OPENBLAS_NUM_THREADS", threads);
        return environment;
    }
}
