package dev.marquee.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Groups of real processes, connected by shared memory or by TCP. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends signals")
class ProcessGroupTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(value = Transport.class, names = "AUTO", mode = Mode.EXCLUDE)
    void exchanges_ofTwoProcesses_areRightAndKill9IsNoticedByTheOther(Transport transport) throws Exception {
        try (Processes processes = new Processes(folder, transport, "20s")) {
            processes.startAll(2, "all");
            String memory = processes.await(0, "memory");
            assertThat(Long.parseLong(memory.substring("memory ".length()))).isLessThan(24);
            processes.await(0, "step 20");
            assertThat(Processes.sharedFiles()).isEmpty();
            processes.signal(1, "KILL");
            assertThat(last(processes.lines(0)))
                    .matches("lost rank 1 of 2 was lost (in exchange|before a) .*: its process ended");
            assertThat(processes.exitCode(0)).isEqualTo(GroupWorker.LOST);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Transport.class, names = "AUTO", mode = Mode.EXCLUDE)
    void stop_whileExchanging_isNoticedWithinTheTimeOutAndNamesTheSilentRank(Transport transport) throws Exception {
        try (Processes processes = new Processes(folder, transport, "4s")) {
            processes.startAll(2, "loop");
            processes.await(0, "step 20");
            processes.signal(1, "STOP");
            assertThat(last(processes.lines(0)))
                    .matches("lost rank 1 of 2 was lost in exchange .*: it has been silent for more than 4 s");
            processes.signal(1, "CONT");
            assertThat(last(processes.lines(1))).startsWith("lost ");
        }
    }

    @Test
    void kill9_ofTheRankThatHostsTheRendezvous_isNoticed() throws Exception {
        try (Processes processes = new Processes(folder, Transport.AUTO, "20s")) {
            processes.startAll(2, "loop");
            processes.await(1, "step 20");
            processes.signal(0, "KILL");
            assertThat(last(processes.lines(1)))
                    .startsWith("lost rank 0, which hosts the rendezvous at 127.0.0.1, was lost");
        }
    }

    private static String last(List<String> lines) {
        return lines.get(lines.size() - 1);
    }
}
