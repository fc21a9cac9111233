package dev.marquee.cli;

import dev.marquee.serving.ExampleRequest;
import dev.marquee.serving.ModelServer;
import dev.marquee.serving.Scorer;
import dev.marquee.serving.ServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee serve}: answers requests for scores over HTTP, until told to end. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Serves a trained run over HTTP: the Open Inference Protocol (v2), and one user against many candidates as"
                    + " JSON (v1/models/NAME:rank). Prints a curl line to try.",
            "Ends on Ctrl-C or SIGTERM, once the requests that have come are answered."
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "Folder of the run.")
    private Path run;

    @Option(names = "--port", paramLabel = "N", description = "Port to listen at; 0 for any free one. Default: 8080.")
    private int port = 8080;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen at; 0.0.0.0 for all of this machine's. Default: 127.0.0.1, which other"
                    + " machines do not reach.")
    private String host = "127.0.0.1";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the model in paths. Default: the run folder's.")
    private @Nullable String name;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "File whose first line requests must carry as Authorization: Bearer. Default: none is needed.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Requests that are scored at once. Default: the number of cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--no-access-log",
            description = "Leaves out the line that is written to standard error for each request.")
    private boolean quiet;

    @Option(
            names = "--verify",
            paramLabel = "DATA",
            description = "Scores the rows of these files through the server and by predict, compares, and ends; fails"
                    + " when a score differs by more than rounding.")
    private @Nullable Path verify;

    ServeCommand(CommandSpec spec, Path run) {
        this.spec = spec;
        this.run = run;
    }

    ServeCommand() {
        this(CommandSpec.create(), Path.of(""));
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        ServerOptions options = options(err);
        CountDownLatch end = new CountDownLatch(1);
        try (Scorer scorer = Scorer.open(run)) {
            if (verify != null) {
                return verified(scorer, options, verify);
            }
            try (Interrupt interrupt = Interrupt.arm(end::countDown);
                    ModelServer server = ModelServer.start(scorer, options)) {
                announce(scorer, options, server.port());
                await(end);
                err.println("ending: answering the requests that have come");
            }
        }
        return 0;
    }

    private ServerOptions options(PrintWriter err) {
        Path folder = run.toAbsolutePath().normalize().getFileName();
        ServerOptions options = ServerOptions.of(name != null ? name : safe(String.valueOf(folder)))
                .withPort(port)
                .withHost(host)
                .withThreads(threads);
        if (tokenFile != null) {
            options = options.withToken(token(tokenFile));
        }
        return quiet ? options : options.withAccessLog(err::println);
    }

    private int verified(Scorer scorer, ServerOptions options, Path data) {
        ServerOptions own = options.withPort(0).withHost("127.0.0.1").withAccessLog(line -> {});
        try (ModelServer server = ModelServer.start(scorer, own)) {
            ServeVerification.Result result = ServeVerification.run(run, data, scorer, own, server.port());
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "verified %,d rows: the server's scores equal those of predict, largest difference %.1e%n",
                            result.rows(),
                            result.largest());
            return 0;
        }
    }

    private void announce(Scorer scorer, ServerOptions options, int listening) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (options.token().isEmpty() && !loopback(options.host())) {
            err.println("warning: whoever reaches " + options.host()
                    + " may ask for scores: give --token-file, or leave --host out");
        }
        scorer.unfinishedAt()
                .ifPresent(step ->
                        err.println("warning: the training is not finished: serving the checkpoint of step " + step));
        String reachable =
                options.host().equals("0.0.0.0") || options.host().equals("::") ? "127.0.0.1" : options.host();
        String url = "http://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + listening;
        out.println("model    " + options.name() + ", version " + scorer.version() + ": " + scorer.describe());
        out.println("serving  " + url);
        out.println(
                "try      curl -s " + url + "/v1/models/" + options.name() + ":rank -H 'Content-Type: application/json'"
                        + (tokenFile == null
                                ? ""
                                : " -H \"Authorization: Bearer $(head -n 1 " + quoted(tokenFile.toString()) + ")\"")
                        + " -d " + quoted(ExampleRequest.json(scorer.schema())));
        out.flush();
    }

    private static void await(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean loopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("--host " + host + " is not known here", e);
        }
    }

    /** For a shell. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** A folder's name as a model's. */
    private static String safe(String folder) {
        String name = folder.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[^A-Za-z0-9]+", "");
        return name.isEmpty() ? "model" : name.substring(0, Math.min(100, name.length()));
    }

    private static String token(Path file) {
        try {
            return Files.readString(file).lines().findFirst().orElse("").strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the token in " + file + ": " + Failures.reason(e), e);
        }
    }
}
