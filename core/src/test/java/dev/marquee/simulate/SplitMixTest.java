package dev.marquee.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SplitMixTest {
    @Test
    void numbers_ofManyGenerators_haveTheMomentsTheyShould() {
        int size = 100_000;
        SplitMix random = new SplitMix(1, SplitMix.Kind.PAGE, 0);
        double uniform = 0;
        double gaussian = 0;
        double squares = 0;
        double exponential = 0;
        for (int i = 0; i < size; i++) {
            random.restart(1, SplitMix.Kind.PAGE, i); // the first number of each, as pages draw theirs
            uniform += random.uniform();
            double value = random.gaussian();
            gaussian += value;
            squares += value * value;
            exponential += random.exponential();
        }
        assertThat(uniform / size).isCloseTo(0.5, within(0.004));
        assertThat(gaussian / size).isCloseTo(0, within(0.013));
        assertThat(squares / size).isCloseTo(1, within(0.018));
        assertThat(exponential / size).isCloseTo(1, within(0.013));
    }

    @Test
    void permutation_holdsEachNumberOnce() {
        int[] order = new SplitMix(5, SplitMix.Kind.ORDER, 0).permutation(100);
        assertThat(order).isNotEqualTo(Arrays.stream(order).sorted().toArray());
        assertThat(Arrays.stream(order).sorted().toArray())
                .isEqualTo(java.util.stream.IntStream.range(0, 100).toArray());
    }

    @Test
    void alias_drawsByWeight() {
        double[] weights = {1, 0, 5, 2, 2};
        Alias alias = new Alias(weights);
        SplitMix random = new SplitMix(2, SplitMix.Kind.PAGE, 0);
        int[] counts = new int[weights.length];
        for (int i = 0; i < 100_000; i++) {
            counts[alias.draw(random)]++;
        }
        for (int i = 0; i < weights.length; i++) {
            assertThat(counts[i] / 100_000.0).isCloseTo(weights[i] / 10, within(0.007));
        }
    }
}
