package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    @TempDir
    Path folder;

    @Test
    void export_ofAPerceptron_saysWhatWasCheckedAndWritesAFolder() {
        Path run = folder.resolve("run");
        Cli trained = Cli.run(
                "train",
                "fashion_mnist_perceptron",
                "--data",
                TinyPictures.write(folder.resolve("pictures"), 40, 20),
                "--set",
                "train.epochs=1",
                "--out",
                run);
        assertThat(trained.code()).as(trained.err()).isZero();
        Cli exported = Cli.run("export", run, "--format", "onnx");
        assertThat(exported.code()).as(exported.err()).isZero();
        assertThat(exported.out())
                .contains("largest difference of a probability", "model.onnx", "wrote " + run.resolve("export/onnx"));
        assertThat(run.resolve("export/onnx")).isDirectoryContaining("glob:**README.md");
        Cli again = Cli.run("export", run, "--format", "onnx");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err().strip().lines()).hasSize(1).first().asString().contains("is there already");
    }

    @Test
    void export_whatCannotBe_isRefusedInOneLine() {
        Cli nowhere = Cli.run("export", folder.resolve("nowhere"), "--format", "onnx");
        assertThat(nowhere.code()).isEqualTo(1);
        assertThat(nowhere.err().strip().lines()).hasSize(1).first().asString().contains("holds no run");
        assertThat(Cli.run("export", folder, "--format", "tf").code()).isEqualTo(2);
        assertThat(Cli.run("export", folder, "--format", "tf").err()).contains("choose one of [onnx, torchscript");
        assertThat(Cli.run("export", folder, "--format", "torchscript", "--quantize", "int8")
                        .err())
                .contains("int8 is for ONNX");
        assertThat(folder).isEmptyDirectory();
    }
}
