package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.measure.Workload;
import dev.marquee.tensor.DType;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class StepBenchTest {
    private static final Roofline ROOF =
            new Roofline(1, 512, Spread.of(100), Spread.of(100), Optional.empty(), Spread.of(10));

    @Test
    void run_perceptronAlone_givesARowWithoutAPeer() throws Exception {
        try (Workload work = Workload.perceptron(4)) {
            BenchRow row = new StepBench(BenchOptions.alone(1, 0.01), ROOF, null).run(work);

            assertThat(row.name()).isEqualTo("perceptron batch 4");
            assertThat(row.value()).isPositive();
            assertThat(row.peer()).isNull();
            assertThat(row.ratio()).isNull();
            assertThat(row.gflops()).isCloseTo(row.value() * 2_006_528 / 1e9, withinPercent(row.gflops()));
        }
    }

    @Test
    void tableSize_smallTables_givesARatioOfWholeStepsAndOfTheTableAlone() throws Exception {
        BenchReport report = TableSizeBench.run(BenchOptions.alone(1, 0.01), 5200, 520, 8);

        assertThat(report.peer()).contains("520 rows");
        assertThat(report.rows())
                .extracting(BenchRow::name)
                .containsExactly("deepfm batch 8, 5,200 rows", "lookup and update batch 8, 5,200 rows");
        assertThat(report.rows())
                .allSatisfy(row -> assertThat(row.ratio()).isNotNull().isPositive());
    }

    @Test
    void row_peerInTwoWays_isComparedWithTheFaster() {
        try (Workload work = Workload.perceptron(4)) {
            Series here = new Series("here", 1, 1, 1);
            Series eager = new Series("eager", 3, 3, 3);
            Series compiled = new Series("compiled", 2, 2.5, 1.5);

            BenchRow row = new StepBench(BenchOptions.alone(1, 0.01), ROOF, null)
                    .row(work, 30, List.of(here, eager, compiled), null);

            assertThat(row.peerEager()).isEqualTo(40);
            assertThat(row.peerCompiled()).isEqualTo(60);
            assertThat(row.peer()).isEqualTo(60);
            assertThat(row.ratio()).isEqualTo(2);
            assertThat(row.ratioLow()).isEqualTo(1.5);
            assertThat(row.ratioHigh()).isEqualTo(2.5);
        }
    }

    @Test
    void options_outOfRange_sayWhatIsAllowed() {
        assertThatThrownBy(() ->
                        new BenchOptions(2, 1, Optional.empty(), true, 3, DType.FLOAT32, DType.FLOAT32, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "replicas must be at most as many as the 2 threads, or 0 for as many as training makes, not 3");
        assertThatThrownBy(() ->
                        new BenchOptions(2, 1, Optional.empty(), true, 0, DType.FLOAT32, DType.FLOAT32, List.of(32, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a batch has at least 1 sample, not 0");
    }

    private static Offset<Double> withinPercent(double of) {
        return Offset.offset(of / 100);
    }

    @Test
    void named_otherPrecisions_saysWhichSideHasWhich() {
        PeerCommand python = PeerCommand.python("python");
        assertThat(options(Optional.empty(), DType.FLOAT32, DType.FLOAT32).named("work"))
                .isEqualTo("work");
        assertThat(options(Optional.of(python), DType.BFLOAT16, DType.BFLOAT16).named("work"))
                .isEqualTo("work bfloat16");
        assertThat(options(Optional.of(python), DType.BFLOAT16, DType.FLOAT32).named("work"))
                .isEqualTo("work bfloat16 to float32");
    }

    private static BenchOptions options(Optional<PeerCommand> peer, DType here, DType there) {
        return new BenchOptions(2, 1, peer, true, 0, here, there, List.of());
    }
}
