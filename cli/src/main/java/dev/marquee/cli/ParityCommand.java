package dev.marquee.cli;

import dev.marquee.parity.Difference;
import dev.marquee.parity.Parity;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee parity}: does this machine compute what PyTorch computed? */
@Command(
        name = "parity",
        mixinStandardHelpOptions = true,
        description = {
            "Runs cases recorded from PyTorch and compares outputs and gradients.",
            "Without files: the cases that come with the software. Exits with 1 if any case fails."
        })
final class ParityCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Case files (safetensors) to run instead; parity/README.md describes the format.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--json", description = "Print one JSON object, nothing else, on standard output.")
    private boolean json;

    ParityCommand(CommandSpec spec) {
        this.spec = spec;
    }

    ParityCommand() {
        this(CommandSpec.create());
    }

    @Override
    public Integer call() {
        List<Parity.Result> results = files.isEmpty() ? Parity.runBundled() : Parity.run(files);
        long failed = results.stream().filter(result -> !result.passed()).count();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(
                    out,
                    Map.of("cases", results.stream().map(ParityCommand::object).toList(), "failed", failed));
        } else {
            print(out, results, failed);
        }
        return failed == 0 ? 0 : 1;
    }

    private static void print(PrintWriter out, List<Parity.Result> results, long failed) {
        int width = Math.max(
                4,
                results.stream()
                        .mapToInt(result -> result.name().length())
                        .max()
                        .orElse(0));
        String row = "%-" + width + "s  %10s %10s  %10s %10s  %9s  %s%n";
        out.printf(row, "", "output", "", "gradients", "", "", "");
        out.printf(row, "case", "absolute", "relative", "absolute", "relative", "tolerance", "");
        for (Parity.Result result : results) {
            out.printf(
                    row,
                    result.name(),
                    number(result.outputs().map(Difference::absolute)),
                    number(result.outputs().map(Difference::relative)),
                    number(result.gradients().map(Difference::absolute)),
                    number(result.gradients().map(Difference::relative)),
                    number(Optional.of(result.tolerance())),
                    result.passed() ? "ok" : "FAIL  " + result.message());
        }
        out.println(
                failed == 0
                        ? results.size() + (results.size() == 1 ? " case agrees" : " cases agree") + " with PyTorch."
                        : failed + " of " + results.size() + " cases fail.");
        out.flush();
    }

    private static String number(Optional<Double> value) {
        return value.map(number -> String.format(Locale.ROOT, "%.1e", number)).orElse("-");
    }

    private static Map<String, Object> object(Parity.Result result) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("case", result.name());
        object.put("module", result.module());
        result.outputs().ifPresent(difference -> {
            object.put("output_absolute", difference.absolute());
            object.put("output_relative", difference.relative());
        });
        result.gradients().ifPresent(difference -> {
            object.put("gradient_absolute", difference.absolute());
            object.put("gradient_relative", difference.relative());
        });
        object.put("tolerance", result.tolerance());
        object.put("passed", result.passed());
        object.put("message", result.message());
        return object;
    }
}
