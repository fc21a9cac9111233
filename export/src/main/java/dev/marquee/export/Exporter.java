package dev.marquee.export;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import dev.marquee.trained.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a run for other runtimes: its network with the calibration, what its inputs mean, and a card that says what it is. The
 * file is opened again and must give the run's own scores; a folder is there as a whole or not at all.
 */
public final class Exporter {
    static final String LOGITS = "logits";
    static final String PROBABILITIES = "probabilities";

    /** The description of the inputs. */
    static final String INPUTS = "inputs.json";

    /** The model card. */
    static final String CARD = "README.md";

    private final OpenRun run;
    private final ExportOptions options;
    private final Consumer<String> notices;

    private Exporter(OpenRun run, ExportOptions options, Consumer<String> notices) {
        this.run = run;
        this.options = options;
        this.notices = notices;
    }

    /** What a format's file was checked to give. */
    private record Checked(Parity.Result parity, Optional<ExportReport.Quantized> quantized) {}

    /**
     * Exports a run's final weights, or, where training is not finished, those of its latest checkpoint.
     *
     * @param run the run's folder
     * @param options format, place and tolerances
     * @param notices told what a user should know meanwhile
     * @return what was written
     * @throws IllegalArgumentException when the folder to make is there already
     * @throws IllegalStateException when the folder holds no run or no weights yet, or when the exported network's scores
     *     differ by more than the tolerances: nothing is written then
     * @throws UncheckedIOException when files cannot be written
     */
    public static ExportReport export(Path run, ExportOptions options, Consumer<String> notices) {
        Path target = options.output()
                .orElseGet(
                        () -> run.resolve("export").resolve(options.format().label() + (options.int8() ? "-int8" : "")))
                .toAbsolutePath()
                .normalize();
        if (Files.exists(target)) {
            throw new IllegalArgumentException(
                    target + " is there already: remove it, or name another folder with --output");
        }
        try (OpenRun open = OpenRun.open(run)) {
            open.unfinishedAt()
                    .ifPresent(step -> notices.accept("the training of this run is not finished: exported are the"
                            + " weights of step " + step + ", without calibration"));
            return new Exporter(open, options, notices).into(target);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target + ": " + RunFiles.reason(e), e);
        }
    }

    private ExportReport into(Path target) throws IOException {
        Path parent = target.getParent();
        Files.createDirectories(parent);
        Path aside = parent.resolve("." + target.getFileName() + ".unfinished-"
                + ProcessHandle.current().pid());
        Files.createDirectory(aside);
        try {
            Checked checked;
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                checked = write(aside);
            }
            if (run.schema().isPresent()) {
                InputsFile.write(run, aside.resolve(INPUTS));
            }
            String card = ModelCard.of(run, options, report(target, aside, checked), notices);
            Files.writeString(aside.resolve(CARD), card);
            ExportReport report = report(target, aside, checked);
            Files.move(aside, target);
            return report;
        } finally {
            deleteTree(aside);
        }
    }

    private Checked write(Path folder) throws IOException {
        Path file = folder.resolve(options.format().file());
        return switch (options.format()) {
            case SAFETENSORS -> new Checked(weights(file), Optional.empty());
            case TORCHSCRIPT -> new Checked(torchScript(file), Optional.empty());
            case ONNX -> onnx(folder, file);
        };
    }

    private Parity.Result torchScript(Path file) {
        Graph graph = run.graph();
        TorchScript.write(graph, file);
        try (TorchScript.Module module = new TorchScript.Module(file)) {
            return parity(graph, inputs -> module.run(inputs, 1));
        }
    }

    private Checked onnx(Path folder, Path file) throws IOException {
        Graph graph = run.graph();
        OnnxFile.write(graph, folder, metadata(), OnnxFile.MOST_BYTES_INSIDE);
        if (!options.int8()) {
            try (OnnxSession session = new OnnxSession(file)) {
                return new Checked(parity(graph, inputs -> session.run(inputs, PROBABILITIES)), Optional.empty());
            }
        }
        Path floats = Files.createDirectory(folder.resolve("float32"));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                Files.move(one, floats.resolve(one.getFileName()));
            }
        }
        OnnxFile.write(Quantizer.int8(graph), folder, metadata(), OnnxFile.MOST_BYTES_INSIDE);
        try (OnnxSession exact = new OnnxSession(floats.resolve(OnnxFile.NAME));
                OnnxSession bytes = new OnnxSession(file)) {
            Parity.Result parity = parity(graph, inputs -> exact.run(inputs, PROBABILITIES));
            ExportReport.Quantized quantized =
                    new QuantizedCheck(run, graph, exact, bytes).measure(size(floats), size(folder), notices);
            requireQuality(quantized);
            return new Checked(parity, Optional.of(quantized));
        } finally {
            deleteTree(floats);
        }
    }

    private Parity.Result weights(Path file) throws IOException {
        Map<String, Tensor> weights = run.tables().weights();
        Map<String, String> metadata = new LinkedHashMap<>(metadata());
        metadata.put("format", "pt");
        Safetensors.write(file, weights, metadata);
        long values = 0;
        double largest = 0;
        try (Safetensors back = Safetensors.read(file)) {
            for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
                Tensor read = back.tensors().get(weight.getKey());
                if (read == null || !Arrays.equals(Tensors.shape(read), Tensors.shape(weight.getValue()))) {
                    throw new IllegalStateException(weight.getKey() + " did not come back from " + file);
                }
                values += read.numel();
                if (read.numel() > 0) {
                    largest = Math.max(
                            largest, read.sub(weight.getValue()).abs().max().item_double());
                }
            }
        }
        Parity.Result result = new Parity.Result(values, largest, "values read back");
        requireParity(result);
        return result;
    }

    private Parity.Result parity(Graph graph, Function<Map<String, Tensor>, float[]> exported) {
        Parity.Result result = new Parity(run, graph).measure(exported, notices);
        requireParity(result);
        return result;
    }

    private void requireParity(Parity.Result result) {
        if (!(result.largest() <= options.tolerance())) {
            throw new IllegalStateException("the exported network's scores differ from the run's by up to "
                    + result.largest() + " (" + result.rows() + " " + result.source() + "), more than --tolerance "
                    + options.tolerance() + ": nothing was written");
        }
        if (result.rows() == 0) {
            throw new IllegalStateException(
                    "there are no rows to check the exported network with: nothing was written");
        }
    }

    private void requireQuality(ExportReport.Quantized quantized) {
        double lost = quantized.rankingBefore() - quantized.rankingAfter();
        double risen = quantized.lossAfter() - quantized.lossBefore();
        if (!(lost <= options.qualityTolerance() && risen <= options.qualityTolerance())) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "int8 changes the %s of the validation rows by %+.6f and the log loss by %+.6f, worse than"
                            + " --quality-tolerance %s: nothing was written",
                    quantized.ranking(),
                    -lost,
                    risen,
                    options.qualityTolerance()));
        }
    }

    private Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("marquee.model", run.recipe().model().describe());
        run.schema().ifPresent(schema -> metadata.put("marquee.schema", schema.fingerprint()));
        return metadata;
    }

    private ExportReport report(Path target, Path aside, Checked checked) throws IOException {
        Map<String, Long> files = new LinkedHashMap<>();
        try (Stream<Path> all = Files.list(aside)) {
            for (Path file : all.sorted().toList()) {
                files.put(file.getFileName().toString(), Files.size(file));
            }
        }
        return new ExportReport(
                target,
                files,
                checked.parity().rows(),
                checked.parity().source(),
                checked.parity().largest(),
                checked.quantized());
    }

    private static long size(Path folder) throws IOException {
        long size = 0;
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                size += Files.size(file);
            }
        }
        return size;
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            all = new ArrayList<>(files.sorted(Comparator.reverseOrder()).toList());
        }
        for (Path file : all) {
            Files.delete(file);
        }
    }
}
