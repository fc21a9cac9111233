package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderTest {
    @Test
    void sequential_anySize_counts() {
        assertThat(Order.sequential(4)).containsExactly(0, 1, 2, 3);
        assertThat(Order.sequential(0)).isEmpty();
    }

    @Test
    void shuffled_givenSeedAndEpoch_isWhatAnotherImplementationOfTheAlgorithmGives() {
        // Computed in Python with integers of any length.
        assertThat(Order.shuffled(10, 0, 0)).containsExactly(5, 6, 1, 4, 8, 3, 2, 9, 0, 7);
        assertThat(Order.shuffled(10, 42, 1)).containsExactly(3, 4, 6, 1, 8, 2, 9, 7, 5, 0);
        assertThat(Order.shuffled(10, 42, 2)).containsExactly(0, 3, 9, 7, 8, 4, 2, 5, 1, 6);
        assertThat(Order.shuffled(10, -1, 1)).containsExactly(5, 3, 9, 1, 0, 2, 8, 6, 7, 4);
        assertThat(Order.shuffled(60_000, 42, 1)).startsWith(54_842, 19_142, 50_126, 9_560);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 1000, 60_000})
    void shuffled_anySize_isAPermutation(int size) {
        int[] order = Order.shuffled(size, 7, 3);
        Arrays.sort(order);

        assertThat(order).isEqualTo(IntStream.range(0, size).toArray());
    }

    @Test
    void shuffled_otherSeedOrEpoch_differs() {
        int[] order = Order.shuffled(100, 7, 3);

        assertThat(order).isEqualTo(Order.shuffled(100, 7, 3));
        assertThat(order).isNotEqualTo(Order.shuffled(100, 8, 3));
        assertThat(order).isNotEqualTo(Order.shuffled(100, 7, 4));
    }

    @Test
    void shuffled_manyEpochs_bringsEverySampleToEveryPlaceAboutAsOften() {
        int[][] counts = new int[5][5];
        for (int epoch = 0; epoch < 5000; epoch++) {
            int[] order = Order.shuffled(5, 1, epoch);
            for (int place = 0; place < 5; place++) {
                counts[place][order[place]]++;
            }
        }

        // 1000 expected, standard deviation 28.
        assertThat(Arrays.stream(counts).flatMapToInt(Arrays::stream))
                .allSatisfy(count -> assertThat(count).isBetween(860, 1140));
    }

    @Test
    void splitMix64_anyState_agreesWithJavasOwn() {
        SplittableRandom java = new SplittableRandom(1_234_567);
        Order.SplitMix64 ours = new Order.SplitMix64(1_234_567);

        assertThat(IntStream.range(0, 100).mapToObj(i -> ours.next()))
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(i -> java.nextLong()).toList());
    }

    @Test
    void split_fraction_dividesTheSamplesByTheSeedAlone() {
        Order.Split split = Order.split(10, 0.3, 42);

        // Computed in Python with integers of any length.
        assertThat(split.validation()).containsExactly(2, 5, 7);
        assertThat(split.training()).containsExactly(0, 1, 3, 4, 6, 8, 9);
        assertThat(Order.split(1000, 0.3, 42).validation())
                .hasSize(300)
                .isNotEqualTo(Order.split(1000, 0.3, 43).validation());
    }

    @Test
    void split_nothingHeldOut_leavesAll() {
        assertThat(Order.split(3, 0, 1).training()).containsExactly(0, 1, 2);
        assertThat(Order.split(3, 0, 1).validation()).isEmpty();
    }

    @Test
    void split_extremeFraction_leavesAtLeastOneOfEach() {
        assertThat(Order.split(10, 1e-9, 1).validation()).hasSize(1);
        assertThat(Order.split(10, 0.999, 1).training()).hasSize(1);
    }

    @Test
    void order_badArguments_saysWhatIsAllowed() {
        assertThatThrownBy(() -> Order.sequential(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the number of samples must be at least 0, not -1");
        assertThatThrownBy(() -> Order.shuffled(3, 1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the epoch must be at least 0, not -1");
        assertThatThrownBy(() -> Order.split(3, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the fraction held out must be at least 0 and below 1, not 1.0");
        assertThatThrownBy(() -> Order.split(3, Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Order.split(1, 0.5, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("holding a part out needs at least 2 samples, not 1: set the fraction to 0");
    }
}
