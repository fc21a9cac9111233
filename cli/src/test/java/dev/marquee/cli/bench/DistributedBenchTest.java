package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.cli.bench.DistributedBench.Options;
import dev.marquee.cli.bench.DistributedBench.Work;
import dev.marquee.collective.Transport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes of this program that share gradients. */
@Timeout(120)
class DistributedBenchTest {
    private static final Timing SHORT = new Timing(1, 0.01);

    private static final Map<String, Object> PERCEPTRON =
            Map.of("work", "perceptron", "batch", 4, "sizes", List.of(784, 512, 128, 10));

    @Test
    void run_oneAndTwoWorkers_comparesThemAndCountsTheBytesOfAStep() throws Exception {
        Options options = new Options(List.of(2, 1), SHORT, Transport.AUTO, Optional.empty());
        List<DistributedRow> rows = DistributedBench.run(
                        options, List.of(new Work("perceptron", PERCEPTRON, /* peer= */ true)), notice -> {})
                .rows();

        assertThat(rows).extracting(DistributedRow::workers).containsExactly(1, 2);
        assertThat(rows.get(0).times()).isEqualTo(1);
        assertThat(rows.get(0).exchanged()).isZero();
        assertThat(rows.get(1).samplesPerSecond()).isPositive();
        assertThat(rows.get(1).times())
                .isBetween(rows.get(1).timesLow(), rows.get(1).timesHigh());
        // Four bytes for each of the perceptron's parameters, rounded up to whole lines of memory.
        assertThat(rows.get(1).exchanged()).isBetween(4 * 468_874.0, 4 * 468_874.0 + 1024);
        assertThat(rows.get(1).early()).isBetween(0.0, 1.0);
    }

    @Test
    void run_workThatNobodyKnows_tellsWhatTheWorkerSays() {
        Options options = new Options(List.of(1), SHORT, Transport.AUTO, Optional.empty());
        List<Work> works = List.of(new Work("none", Map.of("work", "none"), /* peer= */ false));

        assertThatThrownBy(() -> DistributedBench.run(options, works, notice -> {}))
                .isInstanceOf(PeerException.class)
                .hasMessageContaining("worker 0 of 1 failed")
                .hasMessageContaining("not none");
    }

    @Test
    void table_rowWithAPeer_showsTimesOneAndTheRatio() {
        DistributedRow one = new DistributedRow("w", 1, 1000, 5, 1, 1, 1, 0, 0, 900.0, 1.11, 1.0, 1.2);
        DistributedRow two = new DistributedRow("w", 2, 1900, 5, 1.9, 1.8, 2.0, 2e6, 0.75, 950.0, 2.0, 1.9, 2.1);

        assertThat(new DistributedReport(1, Optional.of("PyTorch"), List.of(one, two)).table())
                .contains("1,900", "1.90", "1.80 to 2.00", "95%", "2.00", "75%", "950")
                .startsWith("1 thread of each worker");
    }
}
