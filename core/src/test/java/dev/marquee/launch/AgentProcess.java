package dev.marquee.launch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An agent in a process of its own, so that it can be killed. */
final class AgentProcess {
    private AgentProcess() {}

    public static void main(String[] arguments) {
        Agent agent = new Agent(
                launch(arguments[0], Path.of(arguments[1]), 2, 1, 0, 0, "20s"), message -> System.err.println(message));
        System.exit(agent.run());
    }

    /** Two workers a machine that play a part. */
    static Launch launch(String part, Path folder, int workers, int nodes, int nodeRank, int port, String timeout) {
        List<String> command =
                java(AgentWorker.class.getName(), part, folder.resolve("notes").toString());
        return new Launch(
                command,
                Map.of(),
                workers,
                1,
                nodes,
                nodeRank,
                "127.0.0.1",
                port,
                nodes > 1 ? Optional.of("a secret") : Optional.empty(),
                dev.marquee.collective.Spans.parse(timeout),
                2,
                folder.resolve("logs-" + nodeRank));
    }

    static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(arguments));
        return command;
    }
}
