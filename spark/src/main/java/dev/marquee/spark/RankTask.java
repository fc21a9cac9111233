package dev.marquee.spark;

import dev.marquee.collective.RendezvousServer;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskKilledException;
import org.apache.spark.util.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * A task of the barrier stage: one worker. Rank 0 has the rendezvous; each task starts a process that trains, watches it,
 * and ends it when the task is killed. Gives one text for the driver: how it ended.
 *
 * <p>A fault ends the stage without an exception, as Spark would start all again four times. A loss is an exception, so
 * that it does.
 */
final class RankTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>> implements Serializable {
    private static final long serialVersionUID = 1;
    private static final Logger LOGGER = LoggerFactory.getLogger(RankTask.class);

    private final RankJob job;

    RankTask(RankJob job) {
        this.job = job;
    }

    @Override
    public Iterator<String> apply(Iterator<Integer> rows) {
        BarrierTaskContext context = BarrierTaskContext.get();
        Ending ending = run(context, context.partitionId());
        return CollectionConverters.asScala(List.of(ending.written()).iterator());
    }

    private Ending run(BarrierTaskContext context, int rank) {
        String host = host(context, 0);
        try (Meeting meeting = rank == 0 ? Meeting.open(host, job.secret()) : Meeting.NONE) {
            Ending ready = seesData(host(context, rank)).orElse(meeting.ready());
            List<Ending> all = together(context, ready);
            Optional<Ending> fault = first(all, Ending.Kind.FAULT);
            if (fault.isPresent()) {
                return fault.get();
            }
            Path prepared = Path.of(Utils.getLocalDir(SparkEnv.get().conf()))
                    .resolve("marquee-" + Path.of(job.run()).getFileName());
            int port = Integer.parseInt(all.get(0).text());
            Ending mine = train(context, rank, host, port, prepared);
            // Nobody leaves while another may still need the rendezvous, or the rows prepared on this machine.
            List<Ending> endings = together(context, mine);
            fault = first(endings, Ending.Kind.FAULT);
            Optional<Ending> loss = first(endings, Ending.Kind.LOSS);
            if (fault.isEmpty() && loss.isPresent()) {
                throw new IllegalStateException(loss.get().text());
            }
            deletePrepared(prepared);
            return fault.orElse(mine);
        }
    }

    /** Several tasks of one executor share the folder. */
    private static synchronized void deletePrepared(Path prepared) {
        try {
            RunPlace.delete(prepared);
        } catch (UncheckedIOException e) {
            LOGGER.warn("prepared rows are left until the application ends: {}", e.getMessage());
        }
    }

    private Ending train(BarrierTaskContext context, int rank, String host, int port, Path prepared) {
        int attempt = context.stageAttemptNumber();
        RankProcess.Place place =
                new RankProcess.Place(rank, localRank(context, rank), attempt, host, port, prepared, context.cpus());
        LOGGER.info("rank {} of {}, attempt {}: {}", rank, job.workers(), attempt, RankProcess.log(job, place));
        try (RankProcess process = RankProcess.start(job, place)) {
            Optional<Ending> ending = process.await(context::isInterrupted);
            return ending.orElseThrow(() -> new TaskKilledException(
                    context.getKillReason().isDefined()
                            ? context.getKillReason().get()
                            : "the task was killed"));
        }
    }

    /** What is wrong with the shared folder on this machine. */
    private Optional<Ending> seesData(String host) {
        List<String> files = RunPlace.files(Path.of(job.data()));
        return files.equals(job.files())
                ? Optional.empty()
                : Optional.of(Ending.fault("the executor on " + host + " sees " + files.size() + " of the "
                        + job.files().size() + " files of rows in " + job.data() + ": outputPath must be a folder that"
                        + " the driver and all executors have mounted under the same path"));
    }

    private static List<Ending> together(BarrierTaskContext context, Ending mine) {
        return Arrays.stream(context.allGather(mine.written()))
                .map(Ending::parse)
                .toList();
    }

    private static Optional<Ending> first(List<Ending> endings, Ending.Kind kind) {
        return endings.stream().filter(ending -> ending.kind() == kind).findFirst();
    }

    private static String host(BarrierTaskContext context, int rank) {
        String address = context.getTaskInfos()[rank].address();
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int localRank(BarrierTaskContext context, int rank) {
        List<String> before = new ArrayList<>();
        for (int other = 0; other < rank; other++) {
            before.add(host(context, other));
        }
        String mine = host(context, rank);
        return (int) before.stream().filter(mine::equals).count();
    }

    /**
     * The rendezvous, where it is in this process.
     *
     * @param server null on other ranks
     * @param ready tells the port, or why there is none
     */
    private record Meeting(@Nullable RendezvousServer server, Ending ready) implements AutoCloseable {
        static final Meeting NONE = new Meeting(null, Ending.done(""));

        static Meeting open(String host, String secret) {
            try {
                RendezvousServer server = RendezvousServer.open(host, 0, Optional.of(secret), LOGGER::warn);
                return new Meeting(server, Ending.done(String.valueOf(server.port())));
            } catch (RuntimeException e) {
                return new Meeting(null, Ending.fault(String.valueOf(e.getMessage())));
            }
        }

        @Override
        public void close() {
            if (server != null) {
                server.close();
            }
        }
    }
}
