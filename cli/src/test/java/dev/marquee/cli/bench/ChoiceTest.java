package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.cli.bench.Choices.Findings;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.measure.ProductTimes;
import dev.marquee.nn.ProductRule;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private static final List<String> SETTINGS = List.of("nothing", "engine.replicas=2", "engine.replicas=4");

    @Test
    void of_anotherWayFasterInEveryTurn_saysWhatToSet() {
        Choice choice = choice(new Series("two", 0.8, 0.8, 0.8), new Series("four", 0.5, 0.5, 0.5));

        assertThat(choice.advice()).contains("engine.replicas=4");
        assertThat(choice.ways()).extracting(Choice.Way::rate).containsExactly(100.0, 125.0, 200.0);
        assertThat(choice.ways().get(2).gain().times()).isEqualTo(2);
    }

    @Test
    void of_fasterWithinNoise_leavesWhatIsChosen() {
        assertThat(choice(new Series("two", 0.5, 0.5, 1.1), new Series("four", 1, 1, 1))
                        .advice())
                .as("slower in a turn")
                .isEmpty();
        assertThat(choice(new Series("two", 0.98, 0.98, 0.98), new Series("four", 1, 1, 1))
                        .advice())
                .as("not worth a setting")
                .isEmpty();
    }

    @Test
    void lines_findings_showWhatIsChosenAndWhatToSet() {
        ProductTimes.Row row = new ProductTimes.Row(
                ProductRule.OUTPUT,
                new ProductTimes.Shape(100, 1000, 100),
                true,
                new Series("BLAS", 0.001),
                new Series("oneDNN", 0.0005));
        Choice choice = choice(new Series("two", 0.8, 0.8, 0.8), new Series("four", 1, 2, 1));

        assertThat(String.join("\n", ChoicesTable.lines(new Findings(List.of(row), List.of(choice), ""))))
                .isEqualTo("""
                        product, one thread      BLAS  oneDNN  GFLOP/s at best; taken
                        output 100 × 1000 × 100  20.0    40.0                  oneDNN

                        work         way             rate  times   interval
                        perceptron   one  100.0 samples/s                    chosen
                                     two  125.0 samples/s   1.25  1.25–1.25
                                    four  100.0 samples/s   1.00  0.50–1.00

                        set engine.replicas=2 for work like perceptron""");
        assertThat(ChoicesTable.values(new Findings(List.of(row), List.of(choice), "")))
                .containsKeys("products", "choices", "advice")
                .containsEntry("advice", List.of("set engine.replicas=2 for work like perceptron"));
    }

    @Test
    void lines_nothingBetter_sayThatThereIsNothingToSet() {
        assertThat(ChoicesTable.lines(new Findings(List.of(), List.of(), "no Java")))
                .containsExactly(
                        "other processes could not be measured: no Java",
                        "nothing to set: no other way is faster by more than noise");
    }

    private static Choice choice(Series two, Series four) {
        return Choice.of("perceptron", "samples/s", 100, List.of(new Series("one", 1, 1, 1), two, four), SETTINGS, 0);
    }
}
