package dev.marquee.spark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/** A master and two workers of Spark on loopback, each a JVM of its own, started from the artifacts of the class path. */
final class StandaloneCluster implements AutoCloseable {
    private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");

    private final Path home;
    private final List<Process> processes = new ArrayList<>();
    private String url = "";

    private StandaloneCluster(Path home) {
        this.home = home;
    }

    /**
     * Starts it.
     *
     * @param home an empty folder, which gets what an installation of Spark has
     */
    static StandaloneCluster start(Path home) throws IOException {
        StandaloneCluster cluster = new StandaloneCluster(home);
        Files.createDirectories(home.resolve("jars"));
        for (Path jar : entries(true)) {
            Files.createSymbolicLink(home.resolve("jars").resolve(jar.getFileName()), jar);
        }
        try {
            cluster.url = cluster.start(MASTER, "org.apache.spark.deploy.master.Master");
            for (int worker = 0; worker < 2; worker++) {
                cluster.start(
                        REGISTERED,
                        "org.apache.spark.deploy.worker.Worker",
                        "--cores",
                        "1",
                        "--memory",
                        "1g",
                        "--work-dir",
                        home.resolve("work-" + worker).toString(),
                        cluster.url);
            }
            return cluster;
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** The master's address. */
    String url() {
        return url;
    }

    /** The folders of classes that executors need besides the jars. */
    static String classFolders() {
        return String.join(
                File.pathSeparator, entries(false).stream().map(Path::toString).toList());
    }

    /** The executors that run now, one a worker. */
    List<ProcessHandle> executors() {
        return processes.stream()
                .skip(1)
                .flatMap(process -> process.toHandle().children())
                .toList();
    }

    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>();
        for (Process process : processes) {
            process.toHandle().descendants().forEach(all::add);
            all.add(process.toHandle());
        }
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : all) {
            process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
        }
        RunPlace.delete(home.resolve("jars")); // the links, not what they lead to
    }

    private String start(Pattern ready, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                Arrays.stream(JavaModuleOptions.defaultModuleOptionArray()).toList());
        command.addAll(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dspark.master.rest.enabled=false",
                "-Dlog4j2.configurationFile="
                        + Path.of("src/test/resources/daemons.properties").toUri(),
                "-cp",
                System.getProperty("java.class.path"),
                main,
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        Process process = builder.start();
        processes.add(process);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        List<String> seen = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            seen.add(line);
            Matcher matcher = ready.matcher(line);
            if (matcher.find()) {
                drain(output);
                return matcher.groupCount() == 0 ? "" : matcher.group(1);
            }
        }
        throw new IOException(main + " ended:\n" + String.join("\n", seen));
    }

    /** A full pipe would stop the process. */
    private static void drain(BufferedReader output) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (output.readLine() != null) {
                            // Read to let the other end write.
                        }
                    } catch (IOException e) {
                        // The process has ended.
                    }
                },
                "daemon-output");
        thread.setDaemon(true);
        thread.start();
    }

    private static List<Path> entries(boolean jars) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> jars ? Files.isRegularFile(path) : Files.isDirectory(path))
                .map(path -> {
                    try {
                        return path.toRealPath();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }
}
