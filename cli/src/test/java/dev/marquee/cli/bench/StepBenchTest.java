package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.measure.Workload;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class StepBenchTest {
    private static final Roofline ROOF =
            new Roofline(1, 512, Spread.of(100), Spread.of(100), Optional.empty(), Spread.of(10));

    @Test
    void run_perceptronAlone_givesARowWithoutAPeer() throws Exception {
        try (Workload work = Workload.perceptron(4)) {
            BenchRow row = new StepBench(1, 0.01, ROOF, null).run(work);

            assertThat(row.name()).isEqualTo("perceptron batch 4");
            assertThat(row.value()).isPositive();
            assertThat(row.peer()).isNull();
            assertThat(row.ratio()).isNull();
            assertThat(row.gflops()).isCloseTo(row.value() * 2_006_528 / 1e9, withinPercent(row.gflops()));
        }
    }

    @Test
    void tableSize_smallTables_givesARatioOfWholeStepsAndOfTheTableAlone() throws Exception {
        BenchReport report = TableSizeBench.run(new BenchOptions(1, 0.01, Optional.empty()), 5200, 520, 8);

        assertThat(report.peer()).contains("520 rows");
        assertThat(report.rows())
                .extracting(BenchRow::name)
                .containsExactly("deepfm batch 8, 5,200 rows", "lookup and update batch 8, 5,200 rows");
        assertThat(report.rows())
                .allSatisfy(row -> assertThat(row.ratio()).isNotNull().isPositive());
    }

    private static Offset<Double> withinPercent(double of) {
        return Offset.offset(of / 100);
    }
}
