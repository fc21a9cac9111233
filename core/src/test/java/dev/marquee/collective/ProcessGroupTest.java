package dev.marquee.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Groups of real processes, connected by TCP. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends signals")
class ProcessGroupTest {
    @TempDir
    Path folder;

    @Test
    void exchanges_ofTwoProcesses_areRightHaveTheSameBitsAndLeaveNoMemoryBehind() throws Exception {
        try (Processes processes = new Processes(folder, "20s")) {
            processes.startAll(2, "all");
            List<String> first = processes.lines(0);
            assertThat(first).contains("all right").hasSize(7);
            assertThat(processes.lines(1))
                    .filteredOn(line -> line.startsWith("bits"))
                    .isEqualTo(bits(first));
            long megabytes = first.stream()
                    .filter(line -> line.startsWith("memory"))
                    .mapToLong(line -> Long.parseLong(line.substring(7)))
                    .findFirst()
                    .orElseThrow();
            assertThat(megabytes).isLessThan(16);
            assertThat(processes.exitCode(0)).isZero();
            assertThat(processes.exitCode(1)).isZero();
        }
    }

    @Test
    void exchanges_ofFourProcesses_areRightAndHaveTheSameBitsWhoeverComesFirst() throws Exception {
        try (Processes processes = new Processes(folder, "30s")) {
            processes.startAll(4, "all");
            List<String> first = processes.lines(0);
            assertThat(first).contains("all right");
            for (int rank = 1; rank < 4; rank++) {
                List<String> lines = processes.lines(rank);
                assertThat(lines).contains("all right");
                assertThat(bits(lines)).isEqualTo(bits(first));
            }
        }
    }

    @Test
    void kill9_whileExchanging_isNoticedByAllWhoNameTheLostRank() throws Exception {
        try (Processes processes = new Processes(folder, "20s")) {
            processes.startAll(3, "loop");
            processes.await(0, "step 20");
            processes.signal(1, "KILL");
            for (int rank : List.of(0, 2)) {
                assertThat(last(processes.lines(rank)))
                        .matches("lost rank 1 of 3 was lost (in exchange|before a) .*: its process ended");
                assertThat(processes.exitCode(rank)).isEqualTo(GroupWorker.LOST);
            }
        }
    }

    @Test
    void stop_whileExchanging_isNoticedWithinTheTimeOutAndNamesTheSilentRank() throws Exception {
        try (Processes processes = new Processes(folder, "4s")) {
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
        try (Processes processes = new Processes(folder, "20s")) {
            processes.startAll(2, "loop");
            processes.await(1, "step 20");
            processes.signal(0, "KILL");
            assertThat(last(processes.lines(1)))
                    .startsWith("lost rank 0, which hosts the rendezvous at 127.0.0.1, was lost");
        }
    }

    private static List<String> bits(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("bits")).toList();
    }

    private static String last(List<String> lines) {
        return lines.get(lines.size() - 1);
    }
}
