package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class RadixSortTest {
    @Test
    void order_doublesOfEverySizeAndSign_isTheirOrder() {
        double[] values = {
            3,
            -1e300,
            0.0,
            Double.MIN_VALUE,
            -Double.MIN_VALUE,
            1e-300,
            -2,
            Double.MAX_VALUE,
            -0.5,
            0.5,
            -Double.MAX_VALUE
        };
        long[] keys = Arrays.stream(values).mapToLong(RadixSort::key).toArray();
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        assertThat(Arrays.stream(RadixSort.order(keys, keys.length)).mapToDouble(place -> RadixSort.value(keys[place])))
                .containsExactly(Arrays.stream(sorted).boxed().toArray(Double[]::new));
    }

    @Test
    void order_equalKeys_stayInTheirOrder() {
        long[] keys = LongStream.range(0, 1000).map(i -> i * 7919 % 10 - 5).toArray();
        int[] expected = IntStream.range(0, 900)
                .boxed()
                .sorted((a, b) -> Long.compare(keys[a], keys[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        assertThat(RadixSort.order(keys, 900)).containsExactly(expected);
    }

    @Test
    void key_negativeZero_isThatOfZero() {
        assertThat(RadixSort.key(-0.0)).isEqualTo(RadixSort.key(0.0));
    }
}
