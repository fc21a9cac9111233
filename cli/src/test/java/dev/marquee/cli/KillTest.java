package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings in processes of their own that are killed without warning, and told to stop. */
class KillTest {
    private static final int EPOCHS = 30;

    @TempDir
    Path folder;

    @Test
    void interruptAndKill9_atAnyMomentSeveralTimes_resumedRunEndsWithTheSameWeightsBitForBit() throws Exception {
        Path data = TinyPictures.write(folder.resolve("data"), 300, 20);
        Path whole = folder.resolve("whole");
        Process undisturbed = start(arguments(data, whole, false));

        Path cut = folder.resolve("cut");
        interrupt(start(arguments(data, cut, false)), cut);
        Random random = new Random(11);
        for (int kill = 0; kill < 2; kill++) {
            Process process = start(arguments(data, cut, true));
            killAfterLines(process, 1 + random.nextInt(5), random.nextInt(40));
            assertThat(process.waitFor()).isNotZero();
            assertThat(cut.resolve("weights.safetensors")).doesNotExist();
        }
        assertThat(start(arguments(data, cut, true)).waitFor()).isZero();
        assertThat(undisturbed.waitFor()).isZero();
        assertThat(Files.readAllBytes(cut.resolve("weights.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.resolve("weights.safetensors")));
        assertThat(epochs(cut)).isEqualTo(epochs(whole));
    }

    /** It finishes the step, saves, says how to resume, and ends with 130. */
    private static void interrupt(Process process, Path run) throws Exception {
        try (BufferedReader out = reader(process)) {
            assertThat(out.readLine()).startsWith("Epoch:  1");
            assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(Files.readString(errors(run))).contains("stopped after step", "marquee train --resume --out " + run);
    }

    /** Kills at a moment that depends on the run's own progress, so that it falls into the training on any machine. */
    private static void killAfterLines(Process process, int lines, int moreMilliseconds) throws Exception {
        try (BufferedReader out = reader(process)) {
            for (int i = 0; i < lines; i++) {
                assertThat(out.readLine()).isNotNull();
            }
            assertThat(process.waitFor(moreMilliseconds, TimeUnit.MILLISECONDS)).isFalse();
            process.destroyForcibly();
        }
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static List<String> arguments(Path data, Path run, boolean resume) {
        List<String> arguments = new ArrayList<>(List.of("train", "--out", run.toString()));
        if (resume) {
            arguments.add("--resume");
            return arguments;
        }
        arguments.add("fashion_mnist_perceptron");
        arguments.addAll(List.of("--data", data.toString()));
        for (String setting : List.of(
                "train.epochs=" + EPOCHS,
                "model.sizes=[784, 64, 10]",
                "model.dropout=0.1",
                "optimizer.name=adam",
                "optimizer.learning_rate=0.001",
                "checkpoint.every_steps=3",
                "engine.threads=1")) {
            arguments.addAll(List.of("--set", setting));
        }
        return arguments;
    }

    private static Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        Path run = Path.of(arguments.get(arguments.indexOf("--out") + 1));
        return builder.redirectError(
                        ProcessBuilder.Redirect.appendTo(errors(run).toFile()))
                .start();
    }

    private static Path errors(Path run) {
        return run.resolveSibling(run.getFileName() + ".err");
    }

    private static List<String> epochs(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(line -> line.replaceAll(",\"samples_per_second\":[^}]*", ""))
                .toList();
    }
}
