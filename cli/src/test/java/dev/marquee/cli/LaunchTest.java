package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Trainings by several processes, started as users start them. */
class LaunchTest {
    @TempDir
    Path folder;

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends signals")
    void launch_workerKilledWhileTraining_startsAgainAndEndsWithTheSameWeightsBitForBit() throws Exception {
        Path data = TinyPictures.write(folder.resolve("data"), 300, 20);
        Path whole = folder.resolve("whole");
        assertThat(start(data, whole).waitFor()).isZero();

        Path cut = folder.resolve("cut");
        Process launcher = start(data, cut);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(launcher.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).startsWith("Epoch:  1");
            // Workers are started in the order of their ranks.
            ProcessHandle second = launcher.children()
                    .max(Comparator.comparing(ProcessHandle::pid))
                    .orElseThrow();
            second.destroyForcibly();
            assertThat(out.lines()).anyMatch(line -> line.startsWith("test     accuracy"));
        }
        assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isZero();
        assertThat(Files.readString(errors(cut)))
                .contains(
                        "launch   rank 1 was ended by signal 9 (KILL)",
                        "launch   restarting from the last checkpoint (1 of at most 3 restarts)");
        assertThat(cut.resolve("logs/attempt-0/rank-0.error"))
                .content()
                .startsWith("rank 1 of 2 was lost ")
                .endsWith(": its process ended");
        assertThat(Files.readAllBytes(cut.resolve("weights.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.resolve("weights.safetensors")));
    }

    @Test
    void launch_notATraining_saysWhatIsPossible() {
        Cli result = Cli.run("launch", "--workers", 2, "evaluate", "runs/x");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("launch starts trainings, such as: marquee launch --workers 2 train");
    }

    @Test
    void launch_wrongOptionOfTrain_isFoundBeforeAnythingStarts() {
        Cli result = Cli.run("launch", "train", "fashion_mnist_perceptron", "--epocs", 3);
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("Unknown options: '--epocs', '3'", "Try 'marquee train --help'");
    }

    @Test
    void launch_severalMachines_needsAFolderAnAddressAndASecret() {
        assertThat(Cli.run("launch", "--nodes", 2, "train").err()).contains("train needs --out");
        assertThat(Cli.run("launch", "--nodes", 2, "train", "--out", "x").err())
                .contains("all must know the port of the rendezvous, such as HOST:29400");
        assertThat(Cli.run("launch", "--rendezvous", "nowhere", "train").err())
                .contains("--rendezvous takes HOST:PORT, such as host0:29400, not \"nowhere\"");
        assertThat(Cli.run("launch", "--timeout", "soon", "train").err())
                .contains("--timeout: \"soon\" is not a span of time");
    }

    private static Process start(Path data, Path run) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "launch",
                "--workers",
                "2",
                "--timeout",
                "60s",
                "train",
                "fashion_mnist_perceptron",
                "--data",
                data.toString(),
                "--out",
                run.toString()));
        for (String setting : List.of(
                "train.epochs=12",
                "model.sizes=[784, 64, 10]",
                "model.dropout=0.1",
                "optimizer.name=adam",
                "optimizer.learning_rate=0.001",
                "checkpoint.every_steps=4")) {
            command.addAll(List.of("--set", setting));
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        return builder.redirectError(errors(run).toFile()).start();
    }

    private static Path errors(Path run) {
        return run.resolveSibling(run.getFileName() + ".err");
    }
}
