package dev.marquee.cli;

import dev.marquee.export.ExportOptions;
import dev.marquee.export.ExportReport;
import dev.marquee.export.Exporter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee export}: a run for other runtimes. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a trained run for other runtimes, with a description of its inputs and a model card.",
            "The file is opened again and must give the run's own scores; otherwise nothing is written."
        })
final class ExportCommand implements Callable<Integer> {
    private static final double MEBIBYTE = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "Folder of the run.")
    private Path run;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            description = "onnx: for ONNX Runtime and others; torchscript: for LibTorch and PyTorch; safetensors: the"
                    + " weights alone.")
    private String format = "";

    @Option(
            names = "--quantize",
            paramLabel = "TYPE",
            description = "int8: 8-bit linear maps and embedding tables, for onnx. Default: float32.")
    private @Nullable String quantize;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Folder to make. Default: export/FORMAT in the run's folder.")
    private @Nullable Path output;

    @Option(
            names = "--tolerance",
            paramLabel = "NUMBER",
            description = "Largest difference of two probabilities that passes. Default: ${DEFAULT-VALUE}.")
    private double tolerance = ExportOptions.DEFAULT_TOLERANCE;

    @Option(
            names = "--quality-tolerance",
            paramLabel = "NUMBER",
            description = "By how much int8 may lower the AUC, or raise the log loss, of the validation rows. Default:"
                    + " ${DEFAULT-VALUE}.")
    private double qualityTolerance = ExportOptions.DEFAULT_QUALITY_TOLERANCE;

    ExportCommand(CommandSpec spec, Path run) {
        this.spec = spec;
        this.run = run;
    }

    ExportCommand() {
        this(CommandSpec.create(), Path.of(""));
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (quantize != null && !quantize.equals("int8")) {
            throw new ParameterException(
                    spec.commandLine(), "--quantize " + quantize + " is not known: choose int8, or leave it out");
        }
        ExportOptions options =
                new ExportOptions(format(), quantize != null, Optional.ofNullable(output), tolerance, qualityTolerance);
        ExportReport report = Exporter.export(run, options, notice -> {
            err.println(notice);
            err.flush();
        });
        print(report, options, out);
        out.flush();
        return 0;
    }

    private ExportOptions.Format format() {
        return Arrays.stream(ExportOptions.Format.values())
                .filter(known -> known.label().equals(format))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> labels = Arrays.stream(ExportOptions.Format.values())
                            .map(ExportOptions.Format::label)
                            .toList();
                    return new ParameterException(
                            spec.commandLine(), "--format " + format + " is not known: choose one of " + labels);
                });
    }

    private static void print(ExportReport report, ExportOptions options, PrintWriter out) {
        String of = options.format() == ExportOptions.Format.SAFETENSORS ? "weight" : "probability";
        out.printf(
                Locale.ROOT,
                "checked            largest difference of a %s %.3g (tolerance %s)%n",
                of,
                report.largestDifference(),
                options.tolerance());
        out.printf(Locale.ROOT, "on                 %,d %s%n", report.rows(), report.source());
        report.quantized().ifPresent(q -> {
            out.printf(Locale.ROOT, "int8               on %,d validation rows%n", q.rows());
            change(out, "  size", q.floatBytes() / MEBIBYTE, q.bytes() / MEBIBYTE, "MiB");
            change(out, "  200 rows", q.floatMillis(), q.millis(), "ms on one thread");
            change(out, "  " + q.ranking(), q.rankingBefore(), q.rankingAfter(), "");
            change(out, "  log loss", q.lossBefore(), q.lossAfter(), "");
        });
        new TreeMap<>(report.files()).forEach((name, size) -> out.printf(Locale.ROOT, "%-18s %,d bytes%n", name, size));
        out.println("wrote " + report.folder());
    }

    private static void change(PrintWriter out, String what, double before, double after, String unit) {
        out.printf(Locale.ROOT, "%-18s %.6f, in float32 %.6f %s%n", what, after, before, unit);
    }
}
