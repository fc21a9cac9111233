package dev.marquee.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Processes of their own that form a group, started as a scheduler would start them. */
final class Processes implements AutoCloseable {
    private final Path portFile;
    private final Transport transport;
    private final String timeout;
    private final List<Process> processes = new ArrayList<>();
    private final List<BufferedReader> outputs = new ArrayList<>();

    Processes(Path folder, Transport transport, String timeout) {
        this.portFile = folder.resolve("port");
        this.transport = transport;
        this.timeout = timeout;
    }

    /** Starts one member. */
    void start(int rank, int size, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                GroupWorker.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "RANK", String.valueOf(rank),
                        "WORLD_SIZE", String.valueOf(size),
                        "MARQUEE_PORT_FILE", portFile.toString(),
                        "MARQUEE_TIMEOUT", timeout,
                        "TRANSPORT", transport.name(),
                        "OMP_WAIT_POLICY", "passive"));
        Process process = builder.start();
        processes.add(process);
        outputs.add(new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
    }

    void startAll(int size, String... arguments) throws IOException {
        for (int rank = 0; rank < size; rank++) {
            start(rank, size, arguments);
        }
    }

    /** Files of shared memory that still have a name; where other trainings start, theirs for a moment. */
    static List<Path> sharedFiles() throws IOException {
        Path folder = Path.of("/dev/shm");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("marquee-shared-"))
                    .toList();
        }
    }

    /** Reads what a member prints until a line begins so; gives it. */
    String await(int rank, String beginning) throws IOException {
        String line;
        do {
            line = outputs.get(rank).readLine();
            assertThat(line)
                    .as("a line of rank %s that begins with %s", rank, beginning)
                    .isNotNull();
        } while (!line.startsWith(beginning));
        return line;
    }

    void signal(int rank, String signal) throws Exception {
        String pid = String.valueOf(processes.get(rank).pid());
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                .isZero();
    }

    /** The rest of a member's lines, without what newer versions of Java say of native code. */
    List<String> lines(int rank) {
        try (Stream<String> lines = outputs.get(rank).lines()) {
            return lines.filter(line -> !line.isEmpty() && !line.startsWith("WARNING: "))
                    .toList();
        }
    }

    int exitCode(int rank) throws InterruptedException {
        assertThat(processes.get(rank).waitFor(60, TimeUnit.SECONDS)).isTrue();
        return processes.get(rank).exitValue();
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
