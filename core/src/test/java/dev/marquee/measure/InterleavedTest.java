package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterleavedTest {
    @Test
    void run_twoAlternatives_takesThemInTurnAndDropsTheWarmUp() throws InterruptedException {
        List<String> order = new ArrayList<>();
        List<Series> series =
                Interleaved.run(List.of(fake("a", order, 9, 1, 2, 3), fake("b", order, 9, 2, 4, 12)), 1, 3, 0);

        assertThat(order).containsExactly("a", "b", "a", "b", "a", "b", "a", "b");
        assertThat(series.get(0).name()).isEqualTo("a");
        assertThat(series.get(0).seconds()).isEqualTo(new Spread(2, 1, 3, 3));
        assertThat(series.get(1).seconds()).isEqualTo(new Spread(4, 2, 12, 3));
    }

    @Test
    void fasterThan_comparesMediansAndEachTurn() {
        Interleaved.Ratio ratio = new Series("a", 1, 2, 3).fasterThan(new Series("b", 2, 4, 12));

        assertThat(ratio.ofMedians()).isEqualTo(2);
        assertThat(ratio.pairwise()).isEqualTo(new Spread(2, 2, 4, 3));
    }

    @Test
    void fasterThan_seriesOfAnotherRun_isRefused() {
        assertThatThrownBy(() -> new Series("a", 1).fasterThan(new Series("b", 1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 and 2 turns were not measured together");
    }

    @Test
    void run_withoutTurns_isRefused() {
        assertThatThrownBy(() -> Interleaved.run(List.of(fake("a", new ArrayList<>(), 1)), 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 alternatives, 0 turns and 0 warm-up turns");
    }

    @Test
    void run_failingAlternative_passesItsExceptionOn() {
        Alternative<IOException> failing = new Alternative<>("a", () -> {
            throw new IOException("gone");
        });
        assertThatThrownBy(() -> Interleaved.run(List.of(failing), 0, 1, 0))
                .isInstanceOf(IOException.class)
                .hasMessage("gone");
    }

    private static Alternative<RuntimeException> fake(String name, List<String> order, double... seconds) {
        int[] next = {0};
        return new Alternative<>(name, () -> {
            order.add(name);
            return seconds[next[0]++];
        });
    }

    @Test
    void run_stoppedInTheMiddleOfATurn_keepsTheWholeTurns() throws InterruptedException {
        int[] left = {5};
        List<Interleaved.Series> series = Interleaved.run(
                List.of(new Alternative<>("a", () -> 1.0), new Alternative<>("b", () -> 2.0)),
                0,
                9,
                0,
                () -> left[0]-- > 0);
        assertThat(series).hasSize(2);
        assertThat(series.get(0).seconds().count()).isEqualTo(2);
        assertThat(series.get(1).ratios(series.get(0))).containsExactly(0.5, 0.5);
    }

    @Test
    void run_stoppedBeforeAnyTurnIsWhole_givesNoSeries() throws InterruptedException {
        assertThat(Interleaved.run(List.of(new Alternative<>("a", () -> 1.0)), 0, 9, 0, () -> false))
                .isEmpty();
    }
}
