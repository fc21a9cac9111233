package dev.marquee.accelerate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.measure.Interleaved.Series;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GainTest {
    @Test
    void of_fiveTurns_isTheMedianWithSmallestAndLargest() {
        Gain gain = gain(1, 2, 3, 4, 5);
        assertThat(gain).isEqualTo(new Gain(3, 1, 5));
    }

    @Test
    void of_fifteenTurns_leavesOutTwoAtEitherEnd() {
        // P(Bin(15, 1/2) <= 2) = 121 / 32768, so the interval from the third to the thirteenth holds the median in 99.3
        // %
        // of cases; that from the fourth to the twelfth in 96.5 %.
        assertThat(gain(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)).isEqualTo(new Gain(8, 3, 13));
    }

    @Test
    void of_twoDisturbedTurnsOfFifteen_staysFaster() {
        Gain gain = gain(1.2, 1.2, 0.3, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 1.2);
        assertThat(gain.faster()).isTrue();
        assertThat(gain.slower()).isFalse();
    }

    @Test
    void of_evenCount_isTheMeanOfTheMiddleTwo() {
        assertThat(gain(1, 2, 4, 8).times()).isEqualTo(3);
    }

    @Test
    void faster_intervalThatReachesOne_isNeither() {
        Gain gain = gain(0.9, 1, 1.1, 1.2, 1.3);
        assertThat(gain.faster()).isFalse();
        assertThat(gain.slower()).isFalse();
        assertThat(gain(0.5, 0.6, 0.7, 0.8, 0.9).slower()).isTrue();
    }

    private static Gain gain(double... ratios) {
        double[] ones = new double[ratios.length];
        Arrays.fill(ones, 1);
        return Gain.of(new Series("than", ratios), new Series("this", ones));
    }
}
