package dev.marquee.cli;

import dev.marquee.launch.ParentWatch;
import dev.marquee.tensor.Engine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code marquee} command. */
@Command(
        name = "marquee",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Trains, accelerates and serves neural ranking networks on the JVM.",
        subcommands = {
            InitCommand.class,
            TrainCommand.class,
            LaunchCommand.class,
            PlanCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            ServeCommand.class,
            ExportCommand.class,
            CompareCommand.class,
            AccelerateCommand.class,
            SimulateCommand.class,
            PrepareCommand.class,
            RecipesCommand.class,
            DoctorCommand.class,
            ParityCommand.class,
            BenchCommand.class,
            AutoComplete.GenerateCompletion.class,
            CommandLine.HelpCommand.class
        },
        footerHeading = "%n",
        footer = {
            "Start with:  marquee train",
            "Shell completion:  source <(marquee generate-completion)",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 75 another process of the group was lost, 130 interrupted."
        })
public final class Main implements Runnable {
    private static final Set<String> COMPUTING = Set.of(
            "train", "evaluate", "predict", "serve", "compare", "accelerate", "prepare", "doctor", "parity", "bench");

    @Spec
    private CommandSpec spec;

    Main(CommandSpec spec) {
        this.spec = spec;
    }

    /** Made by the command-line parser. */
    public Main() {
        this(CommandSpec.create());
    }

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        ParentWatch.start(System.getenv(), System.in);
        Results results = new Results(new FileOutputStream(FileDescriptor.out));
        PrintWriter out = new PrintWriter(results, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, arguments);
        out.flush();
        if (results.failure().isPresent()) {
            err.println("marquee: results are lost, standard output cannot be written: "
                    + results.failure().get());
            code = code == 0 ? CommandLine.ExitCode.SOFTWARE : code;
        }
        System.exit(code);
    }

    /**
     * Runs a command.
     *
     * @param out takes results
     * @param err takes all else
     * @param arguments the command line
     * @return the exit code
     */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine commandLine = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionStrategy(parsed -> {
                    announceUnpacking(parsed, err);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setParameterExceptionHandler((exception, line) -> usageError(exception))
                .setExecutionExceptionHandler(
                        (exception, line, parsed) -> Failures.report(exception, line.getErr(), line.getColorScheme()));
        // What follows "train" is for the workers.
        commandLine.getSubcommands().get(LaunchCommand.NAME).setStopAtPositional(true);
        try {
            return commandLine.execute(arguments);
        } catch (Error e) {
            return Failures.report(e, err, commandLine.getColorScheme());
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** Says why the first command that computes takes longer. */
    private static void announceUnpacking(ParseResult parsed, PrintWriter err) {
        if (parsed.hasSubcommand()
                && COMPUTING.contains(parsed.subcommand().commandSpec().name())
                && !parsed.subcommand().isUsageHelpRequested()
                && !Engine.unpacked()) {
            err.println("engine   unpacking 360 MB, once; this takes some seconds …");
        }
    }

    private static int usageError(ParameterException exception) {
        CommandLine line = exception.getCommandLine();
        PrintWriter err = line.getErr();
        err.println(line.getColorScheme().errorText("marquee: " + exception.getMessage()));
        CommandLine.UnmatchedArgumentException.printSuggestions(exception, err);
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }
}
