package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void of_oddCount_takesTheMiddleValue() {
        assertThat(Spread.of(3, 1, 10)).isEqualTo(new Spread(3, 1, 10, 3));
    }

    @Test
    void of_evenCount_takesTheMeanOfTheTwoInTheMiddle() {
        assertThat(Spread.of(4, 1, 2, 9).median()).isEqualTo(3);
    }

    @Test
    void of_array_leavesTheArrayAsItIs() {
        double[] values = {2, 1};
        Spread.of(values);
        assertThat(values).containsExactly(2, 1);
    }

    @Test
    void of_nothing_isRefused() {
        assertThatThrownBy(Spread::of)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a spread needs at least one measurement");
    }

    @Test
    void relative_measuresTheDistanceOfTheExtremes() {
        assertThat(Spread.of(2, 4, 6).relative()).isEqualTo(1);
        assertThat(Spread.of(0, 0).relative()).isZero();
    }
}
