package dev.marquee.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.collective.RendezvousServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Agents with real workers. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends signals")
class AgentTest {
    private static final Executor THREADS = task -> new Thread(task).start();

    @TempDir
    Path folder;

    private final List<String> notices = new CopyOnWriteArrayList<>();

    @Test
    void run_workerKilled_isNamedAllStartAgainAndWhatTheySayIsShownWithTheRankAndKept() throws Exception {
        assertThat(agent("kill-once", "20s").run()).isZero();

        assertThat(notices)
                .containsExactly(
                        "rank 1 was ended by signal 9 (KILL)",
                        "restarting from the last checkpoint (1 of at most 2 restarts)",
                        "rank 1  warning: rank 1 has something to say");
        assertThat(notes("done")).containsExactlyInAnyOrder("done 0 1 of 2", "done 1 1 of 2");
        assertThat(folder.resolve("logs-0/attempt-1/rank-1.log")).content().contains("rank 1 has something to say");
    }

    @Test
    void run_workerStopped_isLostAfterTheTimeOutAndAllStartAgain() throws Exception {
        assertThat(agent("stop-once", "5s").run()).isZero();

        assertThat(notices).first().asString().isEqualTo("rank 1 was lost: it has been silent for more than 5 s");
        assertThat(notes("done")).hasSize(2);
    }

    @Test
    void run_workerKilledAgainAndAgain_givesUpAfterTheRestartsAllowed() {
        assertThatThrownBy(() -> agent("kill-always", "20s").run())
                .isInstanceOf(LaunchException.class)
                .hasMessage("rank 1 was ended by signal 9 (KILL)\n"
                        + "That was attempt 3, and --max-restarts allows 2 restarts");
    }

    @Test
    void run_workerThatSaysWhyItCannotGoOn_isNotStartedAgain() {
        assertThatThrownBy(() -> agent("fault", "20s").run())
                .isInstanceOf(LaunchException.class)
                .hasMessage("rank 1 ended with code 1: data.path is not there");
        assertThat(notices).isEmpty();
    }

    @Test
    void stop_whileWorkersRun_endsThemAndReturns130() throws Exception {
        Agent agent = agent("wait", "20s");
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(agent::run, THREADS);
        List<ProcessHandle> workers = workers();
        agent.stop();

        assertThat(code.get(60, TimeUnit.SECONDS)).isEqualTo(130);
        assertThat(workers).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void kill9_ofTheAgent_leavesNoOrphans() throws Exception {
        Process agent = new ProcessBuilder(AgentProcess.java(AgentProcess.class.getName(), "wait", folder.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.txt").toFile())
                .start();
        List<ProcessHandle> workers = workers();
        agent.destroyForcibly();

        for (ProcessHandle worker : workers) {
            worker.onExit().get(60, TimeUnit.SECONDS);
        }
        assertThat(workers).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void run_onTwoMachines_numbersAllWorkersAndStartsAgainOnBoth() throws Exception {
        int port = freePort();
        Agent first = new Agent(AgentProcess.launch("kill-once", folder, 1, 2, 0, port, "20s"), notices::add);
        Agent second = new Agent(AgentProcess.launch("kill-once", folder, 2, 2, 1, port, "20s"), notices::add);
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(first::run, THREADS);

        assertThat(second.run()).isZero();
        assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
        assertThat(notes("done")).containsExactlyInAnyOrder("done 0 1 of 3", "done 1 1 of 3", "done 2 1 of 3");
        assertThat(notices)
                .filteredOn(notice -> notice.startsWith("restarting"))
                .hasSize(2);
        assertThat(folder.resolve("logs-1/attempt-1/rank-2.log")).exists();
    }

    @Test
    void launch_severalMachinesWithoutPortOrSecret_isRefused() {
        assertThatThrownBy(() -> AgentProcess.launch("fine", folder, 1, 2, 0, 0, "20s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("all must know the port of the rendezvous");
    }

    private Agent agent(String part, String timeout) {
        return new Agent(AgentProcess.launch(part, folder, 2, 1, 0, 0, timeout), notices::add);
    }

    /** Both workers, once they run. */
    private List<ProcessHandle> workers() throws IOException {
        List<String> pids = notes("pid");
        while (pids.size() < 2) {
            Thread.onSpinWait();
            pids = notes("pid");
        }
        return pids.stream()
                .map(line -> ProcessHandle.of(Long.parseLong(line.substring(4))).orElseThrow())
                .toList();
    }

    private List<String> notes(String kind) throws IOException {
        Path notes = folder.resolve("notes");
        return Files.exists(notes)
                ? Files.readAllLines(notes).stream()
                        .filter(line -> line.startsWith(kind))
                        .toList()
                : List.of();
    }

    private static int freePort() {
        try (RendezvousServer server = RendezvousServer.open("127.0.0.1", 0, Optional.empty(), warning -> {})) {
            return server.port();
        }
    }
}
