package dev.marquee.profile;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void quantile_manyNumbers_isRightToOnePercent() {
        Durations durations = new Durations();
        for (int i = 1; i <= 100_000; i++) {
            durations.add(i * 1000L);
        }
        assertThat(durations.count()).isEqualTo(100_000);
        assertThat(durations.mean()).isCloseTo(50_000_500, Percentage.withPercentage(1e-6));
        assertThat(durations.quantile(0.5)).isCloseTo(50_000_000, Percentage.withPercentage(0.8));
        assertThat(durations.quantile(0.99)).isCloseTo(99_000_000, Percentage.withPercentage(0.8));
    }

    @Test
    void quantile_smallNumbers_isExact() {
        Durations durations = new Durations();
        for (int i = 0; i < 256; i++) {
            durations.add(i);
        }
        assertThat(durations.quantile(0.5)).isEqualTo(127);
        assertThat(durations.quantile(1)).isEqualTo(255);
    }

    @Test
    void quantile_oneNumber_isThatNumber() {
        for (long value : new long[] {0, 1, 255, 256, 1_000_003, Long.MAX_VALUE}) {
            Durations durations = new Durations();
            durations.add(value);
            assertThat(durations.quantile(0.99)).isEqualTo(value);
        }
    }

    @Test
    void mean_ofNone_isZero() {
        assertThat(new Durations().mean()).isZero();
        assertThat(new Durations().quantile(0.5)).isZero();
    }
}
