package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.measure.Scaling.Prediction;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Worked out by hand: a network of a microsecond a message and a gigabyte a second. */
class ScalingTest {
    private static final Network NETWORK = new Network(1e-6, 1e9);
    private static final Offset<Double> EXACT = Offset.offset(1e-12);

    @Test
    void ring_fourWorkers_sendsAQuarterSixTimes() {
        assertThat(NETWORK.ring(4e6, 4)).isCloseTo(6 * (1e-6 + 1e-3), EXACT);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 2", "3, 4", "4, 4", "5, 6", "1024, 20"})
    void tree_sendsEverythingUpAndDownTheLevels(int workers, int messages) {
        assertThat(NETWORK.tree(1e6, workers)).isCloseTo(messages * (1e-6 + 1e-3), EXACT);
    }

    @Test
    void gatherAndExchange_fourWorkers_receiveAllOfTheOthersOrOnePartOfEach() {
        assertThat(NETWORK.gather(1e6, 4)).isCloseTo(3 * (1e-6 + 1e-3), EXACT);
        assertThat(NETWORK.exchange(4e6, 4)).isCloseTo(3 * (1e-6 + 1e-3), EXACT);
    }

    @Test
    void predict_oneWorker_isWhatWasMeasured() {
        Prediction one = new Scaling(0.01, 4e6, 1e6, 0.5, Optional.empty(), 1e9).predict(1, NETWORK, 1);

        assertThat(one.seconds()).isEqualTo(0.01);
        assertThat(one.efficiency()).isEqualTo(1);
    }

    @Test
    void predict_twoWorkers_addsWhatBackwardDoesNotHide() {
        double bucket = 1 << 19;
        Scaling scaling = new Scaling(0.01, 2 * bucket, 0, 0.5, Optional.empty(), 1e9);
        // Two buckets, each of two messages of half of it, half of them hidden; two sums of next to nothing.
        double sums = 0.5 * 2 * 2 * (1e-6 + bucket / 2 / 1e9) + 2 * 2e-6;

        Prediction two = scaling.predict(2, NETWORK, 1);

        assertThat(two.sums()).isCloseTo(sums, EXACT);
        assertThat(two.seconds()).isCloseTo(0.01 + sums, EXACT);
        assertThat(two.efficiency()).isCloseTo(0.01 / (0.01 + sums), EXACT);
        assertThat(two.rows()).isZero();
    }

    @Test
    void predict_sumsLongerThanBackward_areHiddenByItsTimeOnly() {
        Scaling scaling = new Scaling(0.0003, 1 << 19, 0, 1, Optional.empty(), 1e9);
        double sum = 2 * (1e-6 + (1 << 18) / 1e9);

        assertThat(scaling.predict(2, NETWORK, 1).sums()).isCloseTo(sum - 0.0002 + 4e-6, EXACT);
    }

    @Test
    void predict_rows_growWithTheNumberOfWorkers() {
        Scaling scaling = new Scaling(0.01, 0, 1e6, 0, Optional.empty(), 1e9);

        // Numbers of rows twice, the rows' numbers, their gradients.
        assertThat(scaling.predict(4, NETWORK, 1).rows()).isCloseTo(3 * (1e-6 + 1e-3) + 3e-6 + 2 * 6e-6, EXACT);
        assertThat(scaling.predict(4, NETWORK, 1).residentBytes()).isEqualTo(1e9 + 3e6);
    }

    @Test
    void predict_rowsOfSharedTables_goToTheirOwnersOnlyAndTablesTakeLessMemory() {
        Scaling scaling = new Scaling(0.01, 0, 1e6, 0, Optional.of(new Scaling.Shared(8e8)), 1e9);

        // Of 2 MB a quarter stays, and the others go to three owners: values, numbers, numbers of numbers; and back.
        double there = 3 * (1e-6 + 0.5e-3) + 3e-6 + 2 * 6e-6;
        assertThat(scaling.predict(4, NETWORK, 1).rows()).isCloseTo(2 * there, EXACT);
        assertThat(scaling.predict(4, NETWORK, 1).residentBytes()).isEqualTo(4e8);
    }

    @Test
    void predict_sharedCores_slowsTheArithmeticDown() {
        assertThat(new Scaling(0.01, 0, 0, 0, Optional.empty(), 1e9)
                        .predict(4, NETWORK, 2)
                        .seconds())
                .isCloseTo(0.02 + 12e-6, EXACT);
    }

    @ParameterizedTest
    @CsvSource({"25Gbit, 3.125e9", "100 Mbit/s, 1.25e7", "8bit, 1", "1.6tbit, 2e11"})
    void bytesPerSecond_rate_isAnEighth(String text, double bytes) {
        assertThat(Network.bytesPerSecond(text)).isCloseTo(bytes, Offset.offset(1e-6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "25", "25GB", "-1Gbit", "fast"})
    void bytesPerSecond_anythingElse_saysWhatARateIs(String text) {
        assertThatThrownBy(() -> Network.bytesPerSecond(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a rate is a number and Kbit, Mbit, Gbit or Tbit, such as 25Gbit, not \"" + text + "\"");
    }
}
