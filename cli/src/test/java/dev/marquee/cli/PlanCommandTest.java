package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.cli.bench.PlanReport;
import dev.marquee.measure.Network;
import dev.marquee.measure.Scaling;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class PlanCommandTest {
    private static final Network NETWORK = new Network(50e-6, 3.125e9);

    @Test
    void plan_smallRecipe_predictsManyWorkersAndChecksTwo() {
        Cli result = Cli.run(
                "plan",
                "fashion_mnist_perceptron",
                "--set",
                "data.download=false",
                "--workers",
                "1,8..32",
                "--check",
                "2",
                "--seconds",
                "0.01");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("samples by one worker of 1 thread", "network   25.0 Gbit/s, 50 µs a message")
                .containsPattern("(?m)^1 +20 .* 100% ")
                .containsPattern("(?m)^32 +640 ")
                .containsPattern("(?m)^2 +\\d+\\.\\d\\d +\\d+\\.\\d\\d +[+-]\\d+%");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "8..4", "many", "2..", "-1"})
    void plan_noNumberOfWorkers_saysWhatIsOne(String text) {
        assertThatThrownBy(() -> PlanCommand.numbers(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--workers takes numbers from 1 on, and ranges such as 2..1024, not \"" + text + "\"");
    }

    @Test
    void plan_noRate_isAnErrorOfUse() {
        Cli result = Cli.run("plan", "--network", "fast");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("a rate is a number and Kbit, Mbit, Gbit or Tbit, such as 25Gbit");
    }

    @Test
    void table_manyRows_namesTheBendAndWhatToDo() {
        Scaling rows = new Scaling(0.01, 1e6, 1e6, 1, Optional.empty(), 1e9);
        List<Scaling.Prediction> predictions = Stream.of(2, 4, 8, 16)
                .map(size -> rows.predict(size, NETWORK, 1))
                .toList();
        PlanReport report = new PlanReport(
                512, 1, NETWORK, NETWORK, rows, predictions, List.of(new PlanReport.Check(2, 0.011, 0.01)));

        assertThat(report.table())
                .contains("From 8 workers on exchanges take more than a fifth of a step: each worker receives the rows")
                .containsPattern("(?m)^2 +11\\.00 +10\\.00 +\\+10%$");
    }
}
