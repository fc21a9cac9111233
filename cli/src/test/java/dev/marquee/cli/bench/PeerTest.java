package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The protocol, with shell scripts in place of Python. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the stand-ins are shell scripts")
class PeerTest {
    private static final Map<String, Object> WORK = Map.of("work", "perceptron", "batch", 32);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HELLO = "echo '{\"peer\": \"PyTorch 9.9\"}'\n";

    @TempDir
    Path folder;

    @Test
    void seconds_answeringPeer_passesTheRequestAndReadsTheTime() throws Exception {
        String python =
                python(HELLO + "read request\necho \"$request\" > " + folder + "/seen\necho '{\"seconds\": 0.5}'");
        try (Peer peer = Peer.start(PeerCommand.python(python))) {
            assertThat(peer.name()).isEqualTo("PyTorch 9.9");
            assertThat(peer.seconds(WORK, false, 7, 2, PATIENCE)).isEqualTo(0.5);
        }
        assertThat(Files.readString(folder.resolve("seen")))
                .contains("\"work\":\"perceptron\"", "\"batch\":32", "\"steps\":7", "\"threads\":2");
    }

    @Test
    void start_noSuchFile_saysSo() {
        assertThatThrownBy(() -> Peer.start(PeerCommand.python(folder + "/nowhere")))
                .isInstanceOf(PeerException.class)
                .hasMessage("cannot start " + folder + "/nowhere: no such file."
                        + " Give the path of a Python interpreter that has PyTorch.");
    }

    @Test
    void start_withoutTorch_printsTheImportError() throws Exception {
        String python = python("echo '{\"error\": \"ModuleNotFoundError: No module named torch\"}'; exit 3");
        assertThatThrownBy(() -> Peer.start(PeerCommand.python(python)))
                .isInstanceOf(PeerException.class)
                .hasMessage(python + " has no usable PyTorch: ModuleNotFoundError: No module named torch");
    }

    @Test
    void start_otherProgram_isNotUnderstood() throws Exception {
        String python = python("echo hello");
        assertThatThrownBy(() -> Peer.start(PeerCommand.python(python)))
                .isInstanceOf(PeerException.class)
                .hasMessageContaining("it printed \"hello\"");
    }

    @Test
    void start_crash_givesExitCodeAndLastComplaint() throws Exception {
        String python = python("echo first >&2; echo Segmentation fault >&2; exit 139");
        assertThatThrownBy(() -> Peer.start(PeerCommand.python(python)))
                .isInstanceOf(PeerException.class)
                .hasMessageContaining("ended with exit code 139");
    }

    @Test
    void seconds_diesInTheMiddle_saysSo() throws Exception {
        try (Peer peer = Peer.start(program(HELLO + "read request\nexit 9"))) {
            assertThatThrownBy(() -> peer.seconds(WORK, false, 1, 1, PATIENCE))
                    .isInstanceOf(PeerException.class)
                    .hasMessageContaining("ended with exit code 9");
        }
    }

    @Test
    void seconds_failingWork_passesTheMessageOn() throws Exception {
        try (Peer peer = Peer.start(program(HELLO + "read request\necho '{\"error\": \"RuntimeError: no memory\"}'"))) {
            assertThatThrownBy(() -> peer.seconds(WORK, false, 1, 1, PATIENCE))
                    .isInstanceOf(PeerException.class)
                    .hasMessageEndingWith("failed: RuntimeError: no memory");
        }
    }

    @Test
    void seconds_answerWithoutTime_isRefused() throws Exception {
        try (Peer peer = Peer.start(program(HELLO + "read request\necho '{}'"))) {
            assertThatThrownBy(() -> peer.seconds(WORK, false, 1, 1, PATIENCE))
                    .isInstanceOf(PeerException.class)
                    .hasMessageEndingWith("answered without a time");
        }
    }

    @Test
    void seconds_silence_endsAfterThePatience() throws Exception {
        try (Peer peer = Peer.start(program(HELLO + "read request\nread never"))) {
            assertThatThrownBy(() -> peer.seconds(WORK, false, 1, 1, Duration.ofMillis(10)))
                    .isInstanceOf(PeerException.class)
                    .hasMessageEndingWith("did not answer within 10 ms");
        }
    }

    @Test
    void prepare_peerThatCompiles_isReady() throws Exception {
        String compiles = "echo '{\"peer\": \"PyTorch 9.9\", \"compiles\": true}'\n";
        String python = python(compiles + "read request\necho \"$request\" > " + folder
                + "/seen\necho '{\"ready\": true}'\nread request\necho '{\"seconds\": 0.25}'");
        try (Peer peer = Peer.start(PeerCommand.python(python))) {
            assertThat(peer.compiles()).isTrue();
            assertThat(peer.prepare(WORK, 2, PATIENCE)).isEmpty();
            assertThat(peer.seconds(WORK, true, 7, 2, PATIENCE)).isEqualTo(0.25);
        }
        assertThat(Files.readString(folder.resolve("seen"))).contains("\"compiled\":true", "\"steps\":0");
    }

    @Test
    void prepare_peerWithoutACompiler_saysWhyAndGoesOn() throws Exception {
        String answers = "read request\necho '{\"unavailable\": \"InvalidCxxCompiler: no C++ compiler\"}'\n"
                + "read request\necho '{\"seconds\": 0.5}'";
        try (Peer peer = Peer.start(program(HELLO + answers))) {
            assertThat(peer.compiles()).isFalse();
            assertThat(peer.prepare(WORK, 1, PATIENCE)).contains("InvalidCxxCompiler: no C++ compiler");
            assertThat(peer.seconds(WORK, false, 1, 1, PATIENCE)).isEqualTo(0.5);
        }
    }

    @Test
    void program_noSuchFile_saysSo() {
        assertThatThrownBy(() -> Peer.start(PeerCommand.program(folder + "/nowhere")))
                .isInstanceOf(PeerException.class)
                .hasMessage("cannot start " + folder + "/nowhere: no such file."
                        + " Give the path of a program that answers requests for steps.");
    }

    private PeerCommand program(String body) throws IOException {
        return PeerCommand.program(python(body));
    }

    private String python(String body) throws IOException {
        Path script = folder.resolve("python");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script.toString();
    }
}
