package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServingReportTest {
    @Test
    void table_aServerAndPyTorch_showsSharesOfTheFloorAndTheRatio() {
        ServingReport.Latency steady = new ServingReport.Latency(100, 1, 2, 3.25, 4, 5, 1000, 0, 0);
        ServingReport.Latency over = new ServingReport.Latency(2000, 100, 200, 300, 400, 500, 600, 400, 0);
        ServingReport.Server server = new ServingReport.Server(
                steady,
                Map.of("score", 0.75),
                new ServingReport.Latency(1000, 7, 8, 9, 10, 11, 5000, 0, 0),
                200_000,
                Map.of("score", 1.5),
                new ServingReport.Collections("Serial", 7, 12, 2.5, 33),
                300e6,
                310e6,
                new ServingReport.Overload(over, 0.42, 0));
        List<ServingReport.Way> ways = List.of(
                new ServingReport.Way("library", 1, 250_000, 2.5, 2.25, 2.75),
                new ServingReport.Way("PyTorch eager", 1, 100_000, null, null, null));
        ServingReport report = new ServingReport(
                "a network", 200, 50, 35_000, 2, server, ways, ServingReport.Floor.of(20e6, 100, 200));

        // 200 candidates of 20 MFLOP at 100 GFLOP/s are a million a second by both threads, half of that by one.
        assertThat(report.floor().candidatesPerSecond()).isEqualTo(1e6);
        assertThat(report.table())
                .containsPattern("as asked +100 +1\\.00 +2\\.00 +3\\.25 +4\\.00 +5\\.00 +1,000 +0 +0")
                .containsPattern("POST …:rank +2 +200,000 +20%")
                .containsPattern("library +1 +250,000 +50% +2\\.50 +2\\.25 to 2\\.75")
                .contains(
                        "overloaded: 40% refused",
                        "0.42 s", "Serial, 7 pauses", "longest 2.5 ms", "300 MB before, 310 MB");
    }
}
