package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BenchReportTest {
    private static final Roofline ROOF =
            new Roofline(2, 512, Spread.of(100), Spread.of(60), Optional.empty(), Spread.of(10));

    @Test
    void table_withPeer_alignsColumns() {
        BenchRow row = new BenchRow(
                "perceptron batch 32", "samples/s", 30000, 20000.0, 1.5, 60, 60, 4, 1.4, 1.62, 20000.0, null, null, 2);

        assertThat(new BenchReport(2, ROOF, Optional.of("PyTorch 2"), List.of(row)).table())
                .isEqualTo("""
                        2 threads; roof: 100 GFLOP/s in float32 matrix products

                        workload             samples/s  spread  GFLOP/s  % of roof  PyTorch 2  ratio  in each turn
                        perceptron batch 32     30,000      4%     60.0        60%     20,000   1.50  1.40 to 1.62""");
    }

    @Test
    void table_compiledPeer_hasAColumnForItAndSaysWhatCouldNotBeCompiled() {
        BenchRow both =
                new BenchRow("x", "samples/s", 30000, 24000.0, 1.25, 60, 60, 4, 1.2, 1.3, 20000.0, 24000.0, null, 2);
        BenchRow eager =
                new BenchRow("y", "samples/s", 30000, 20000.0, 1.5, 60, 60, 4, 1.4, 1.62, 20000.0, null, "no C++", 2);

        assertThat(new BenchReport(2, ROOF, Optional.of("PyTorch 2"), List.of(both, eager)).table())
                .isEqualTo("""
                        2 threads; roof: 100 GFLOP/s in float32 matrix products

                        workload  samples/s  spread  GFLOP/s  % of roof  PyTorch 2  compiled  ratio  in each turn
                        x            30,000      4%     60.0        60%     20,000    24,000   1.25  1.20 to 1.30
                        y            30,000      4%     60.0        60%     20,000         -   1.50  1.40 to 1.62
                        ratio: to the faster of the two
                        not compiled there (y): no C++""");
    }

    @Test
    void table_alone_hasNoColumnsForAPeer() {
        BenchRow row = new BenchRow("x", "samples/s", 12, null, null, 60, 60, 4, null, null, null, null, null, 1);

        assertThat(new BenchReport(1, ROOF, Optional.empty(), List.of(row)).table())
                .isEqualTo("""
                        1 thread; roof: 100 GFLOP/s in float32 matrix products

                        workload  samples/s  spread  GFLOP/s  % of roof
                        x                12      4%     60.0        60%""");
    }

    @Test
    void row_asJson_hasTheDocumentedKeysFirst() throws Exception {
        BenchRow row = new BenchRow("x", "samples/s", 12, null, null, 60, 6, 4, null, null, null, null, null, 1);

        assertThat(new ObjectMapper().writeValueAsString(row))
                .startsWith("{\"name\":\"x\",\"unit\":\"samples/s\",\"value\":12.0,\"peer\":null,\"ratio\":null,"
                        + "\"roofline_percent\":60.0,");
    }
}
