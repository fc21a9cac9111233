package dev.marquee.launch;

import dev.marquee.collective.Heartbeat;
import dev.marquee.collective.Loss;
import dev.marquee.collective.Rendezvous;
import dev.marquee.collective.RendezvousClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;

/** A worker that meets the others, without the engine, and plays a part. */
final class AgentWorker {
    private AgentWorker() {}

    public static void main(String[] arguments) throws Exception {
        ParentWatch.start(System.getenv(), System.in);
        Rendezvous meeting = Rendezvous.from(System.getenv()).orElseThrow();
        Duration timeout = meeting.timeout();
        try (RendezvousClient client = connect(meeting);
                Heartbeat heartbeat = beat(meeting, client)) {
            note(arguments[1], "pid " + ProcessHandle.current().pid());
            play(arguments[0], meeting, heartbeat);
            note(arguments[1], "done " + meeting.rank() + " " + meeting.attempt() + " of " + meeting.size());
            if (meeting.rank() > 0) { // what rank 0 prints would go through to whoever runs the tests
                System.out.println("warning: rank " + meeting.rank() + " has something to say");
            }
            client.leave(Rendezvous.group(meeting.attempt()), meeting.rank(), timeout);
        }
        System.exit(0);
    }

    private static void play(String part, Rendezvous meeting, Heartbeat heartbeat) throws Exception {
        boolean last = meeting.rank() == meeting.size() - 1;
        boolean first = meeting.attempt() == 0;
        switch (part) {
            case "fine" -> {}
            case "wait" -> awaitLoss(heartbeat);
            case "kill-once", "stop-once", "kill-always" -> {
                if (first || part.endsWith("always")) {
                    if (last) {
                        signal(part.startsWith("stop") ? "STOP" : "KILL");
                    }
                    awaitLoss(heartbeat);
                }
            }
            case "fault" -> {
                if (last) {
                    Files.writeString(Path.of(System.getenv("MARQUEE_ERROR_FILE")), "data.path is not there");
                    System.exit(1);
                }
                awaitLoss(heartbeat);
            }
            default -> throw new IllegalArgumentException(part);
        }
    }

    private static void awaitLoss(Heartbeat heartbeat) throws Exception {
        while (heartbeat.losses().isEmpty() && heartbeat.silentHost().isEmpty()) {
            Thread.sleep(20);
        }
        Loss loss = heartbeat.losses().isEmpty()
                ? new Loss(0, "host")
                : heartbeat.losses().get(0);
        Files.writeString(
                Path.of(System.getenv("MARQUEE_ERROR_FILE")), "rank " + loss.rank() + " was lost: " + loss.how());
        System.exit(Worker.LOST_ANOTHER);
    }

    private static void signal(String name) throws Exception {
        new ProcessBuilder(
                        "kill",
                        "-" + name,
                        String.valueOf(ProcessHandle.current().pid()))
                .start()
                .waitFor();
    }

    private static void note(String file, String line) throws IOException {
        Files.writeString(Path.of(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static RendezvousClient connect(Rendezvous meeting) {
        return RendezvousClient.connect(
                meeting.host(), meeting.port(), meeting.secret(), meeting.timeout(), meeting.timeout());
    }

    private static Heartbeat beat(Rendezvous meeting, RendezvousClient client) {
        String group = Rendezvous.group(meeting.attempt());
        client.join(group, meeting.rank(), meeting.size(), Map.of(), meeting.timeout(), meeting.timeout());
        return Heartbeat.start(connect(meeting), group, meeting.rank(), meeting.timeout());
    }
}
