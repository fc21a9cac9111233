package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Processor;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RooflineTest {
    private static final Spread COPY = Spread.of(10);

    @Test
    void percent_isOfTheBestRate() {
        Roofline roofline = new Roofline(2, 512, Spread.of(90, 100), Spread.of(60), Optional.empty(), COPY);

        assertThat(roofline.percent(25)).isCloseTo(25, Offset.offset(1e-12));
    }

    @Test
    void percent_oneThreadFasterThanAll_takesItsRate() {
        Roofline roofline = new Roofline(2, 512, Spread.of(20), Spread.of(50), Optional.empty(), COPY);

        assertThat(roofline.percent(25)).isCloseTo(50, Offset.offset(1e-12));
    }

    @Test
    void measure_shortly_givesPositiveRatesAndRestoresTheThreads() {
        Roofline roofline = Roofline.measure(2, 0.01, Processor.UNKNOWN);

        assertThat(roofline.float32().min()).isPositive();
        assertThat(roofline.float32OneThread().min()).isPositive();
        assertThat(roofline.copy().min()).isPositive();
        assertThat(roofline.bfloat16()).isEmpty();
        assertThat(Engine.threads()).isEqualTo(2);
    }

    @Test
    void measure_processorWithBfloat16_measuresItToo() {
        Processor processor = new Processor("test", 1, List.of(), List.of("AVX-512 BF16"));

        assertThat(Roofline.measure(1, 0.01, processor).bfloat16()).isPresent();
    }

    @Test
    void measure_noThreads_isRefused() {
        assertThatThrownBy(() -> Roofline.measure(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads must be at least 1, not 0");
    }
}
