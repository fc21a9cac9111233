package dev.marquee.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.tensor.Scope;
import dev.marquee.train.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole run, with a growing table, a hashed one, two labels and a calibration, in every format. */
class ExporterTest {
    @TempDir
    static Path data;

    private static final Map<ExportOptions.Format, ExportReport> EXPORTED = new EnumMap<>(ExportOptions.Format.class);

    private static Path run = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        run = TinyRuns.log(data);
        for (ExportOptions.Format format : ExportOptions.Format.values()) {
            EXPORTED.put(format, Exporter.export(run, ExportOptions.of(format), notice -> {}));
        }
    }

    @ParameterizedTest
    @EnumSource(ExportOptions.Format.class)
    void export_ofARun_givesItsScoresOnItsValidationRows(ExportOptions.Format format) {
        ExportReport report = exported(format);
        assertThat(report.rows()).isGreaterThan(150);
        assertThat(report.largestDifference()).isLessThan(2e-6);
        assertThat(report.source()).contains(format == ExportOptions.Format.SAFETENSORS ? "values" : "train.csv");
        assertThat(report.files()).containsKeys(format.file(), "inputs.json", "README.md");
        assertThat(report.folder())
                .isEqualTo(run.resolve("export").resolve(format.label()).toAbsolutePath())
                .isDirectoryContaining(file -> file.endsWith(format.file()));
        assertThat(run.resolve("export"))
                .isDirectoryNotContaining(file -> file.getFileName().toString().contains("unfinished"));
    }

    @Test
    void inputsFile_readByAnotherProgram_givesTheScoresOfPredict() throws IOException {
        Path out = exported(ExportOptions.Format.ONNX).folder();
        List<String> lines = Files.readAllLines(data.resolve("train.csv"));
        String[] columns = lines.get(0).split(",", -1);
        List<String> chosen = new ArrayList<>(List.of(lines.get(0)));
        List<Map<String, String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, 200)) {
            Map<String, String> row = new HashMap<>();
            String[] cells = line.replace("a3,", "a3new,").split(",", -1); // an ad that nobody knows
            for (int i = 0; i < columns.length; i++) {
                row.put(columns[i], cells[i]);
            }
            if (!row.get("age").isEmpty()) {
                rows.add(row);
                chosen.add(String.join(",", cells));
            }
        }
        Path file = Files.write(folder.resolve("rows.csv"), chosen);
        List<Float> expected = new ArrayList<>();
        try (Run opened = Run.open(run)) {
            opened.score(file, List.of("ad"), (keys, labels, probabilities) -> {
                for (float probability : probabilities) {
                    expected.add(probability);
                }
            });
        }
        try (Scope scope = Scope.open();
                OnnxSession session = new OnnxSession(out.resolve("model.onnx"))) {
            Map<String, Tensor> inputs = new ForeignEncoder(out.resolve("inputs.json")).encode(rows);
            float[] given = session.run(inputs, "probabilities");
            assertThat(given).hasSize(expected.size());
            for (int i = 0; i < given.length; i++) {
                assertThat(given[i]).as("score " + i).isCloseTo(expected.get(i), Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void export_asSafetensors_keepsTheNamesOfTheWeights() throws IOException {
        Path out = exported(ExportOptions.Format.SAFETENSORS).folder();
        try (Safetensors weights = Safetensors.read(out.resolve("model.safetensors"))) {
            assertThat(weights.tensors()).containsKeys("embedding.ad", "embedding.site", "perceptron.fc1.weight");
            assertThat(weights.tensors().get("embedding.site").size(0)).isGreaterThan(10);
        }
    }

    @Test
    void export_ofARun_bringsACardWithEverythingOneAsksOfAModel() throws IOException {
        assertThat(Files.readString(exported(ExportOptions.Format.ONNX).folder().resolve("README.md")))
                .contains("# Model card: ", "label `liked`", "| click.auc | 0.", " to 0.", "isotonic", "## Slices")
                .contains("| site | categorical | table `site`", "data_fingerprint", "kind: din", "growing");
    }

    @Test
    void export_beyondItsTolerance_writesNothing() {
        assertThatThrownBy(() -> export(options(ExportOptions.Format.ONNX, false, 1e-12, 1e-3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("more than --tolerance 1.0E-12: nothing was written");
        assertThat(beside()).isEmpty();
    }

    @Test
    void export_ofInt8_saysWhatItCostsAndRefusesBeyondTheTolerance() {
        ExportReport.Quantized quantized = export(options(ExportOptions.Format.ONNX, true, 1e-5, 0.05))
                .quantized()
                .orElseThrow();
        assertThat(quantized.rows()).isGreaterThan(150);
        assertThat(quantized.ranking()).isEqualTo("auc");
        assertThat(quantized.rankingBefore()).isBetween(0.6, 1.0);
        assertThat(quantized.rankingAfter()).isNotEqualTo(quantized.rankingBefore());
        assertThat(quantized.lossAfter()).isNotEqualTo(quantized.lossBefore());
        assertThat(quantized.millis()).isPositive();
        ExportOptions strict =
                new ExportOptions(ExportOptions.Format.ONNX, true, Optional.of(folder.resolve("strict")), 1e-5, 0);
        double lost = quantized.rankingBefore() - quantized.rankingAfter();
        double risen = quantized.lossAfter() - quantized.lossBefore();
        if (lost > 0 || risen > 0) {
            assertThatThrownBy(() -> export(strict))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("worse than --quality-tolerance 0.0: nothing was written");
        }
        assertThat(lost > 0 || risen > 0).isTrue();
        assertThat(beside()).containsExactly("out");
    }

    @Test
    void export_whereTheDataAreGone_checksWithMadeUpRowsAndSaysSo() throws IOException {
        Path moved = Files.createDirectory(folder.resolve("moved"));
        try (Stream<Path> files = Files.list(run)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, moved.resolve(file.getFileName()));
            }
        }
        Path recipe = moved.resolve("recipe.yaml");
        Files.writeString(
                recipe,
                Files.readString(recipe).replace("train.csv", "gone.csv").replace("/prepared", "/elsewhere"));
        List<String> notices = new ArrayList<>();
        ExportReport report =
                Exporter.export(moved, options(ExportOptions.Format.ONNX, false, 1e-5, 1e-3), notices::add);
        assertThat(report.source()).isEqualTo("rows made up from the schema");
        assertThat(notices).anyMatch(notice -> notice.contains("cannot be read"));
    }

    @Test
    void export_intoAFolderThatIsThere_isRefused() throws IOException {
        Files.createDirectory(folder.resolve("out"));
        assertThatThrownBy(() -> export(options(ExportOptions.Format.ONNX, false, 1e-5, 1e-3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is there already");
    }

    @Test
    void options_ofInt8InAnotherFormat_areRefused() {
        assertThatThrownBy(() -> options(ExportOptions.Format.TORCHSCRIPT, true, 1e-5, 1e-3))
                .hasMessageContaining("int8 is for ONNX, not for torchscript");
    }

    private static ExportReport exported(ExportOptions.Format format) {
        return Objects.requireNonNull(EXPORTED.get(format));
    }

    private ExportReport export(ExportOptions options) {
        return Exporter.export(run, options, notice -> {});
    }

    private ExportOptions options(ExportOptions.Format format, boolean int8, double tolerance, double quality) {
        return new ExportOptions(format, int8, Optional.of(folder.resolve("out")), tolerance, quality);
    }

    private List<String> beside() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
