package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BarLineTest {
    @Test
    void render_wideTerminal_showsBarSpeedLossTimeAndWaiting() {
        BarLine line = new BarLine(0);
        line.tell(0.49123, 0.02);
        assertThat(line.render("epoch 2", 30_000, 60_000, 2, 120))
                .isEqualTo("epoch 2  |████████████            |   50 %  15,000 samples/s  loss 0.4912  0:02 left"
                        + "  waiting for data 2 %");
    }

    @Test
    void render_sixtyColumns_showsTheNumbersWhole() {
        BarLine line = new BarLine(0);
        line.tell(0.49123, 0.02);
        assertThat(line.render("epoch 2", 30_000, 60_000, 2, 60))
                .isEqualTo("epoch 2   50 %  15,000 samples/s  loss 0.4912  0:02 left");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 20, 33, 59, 79, 99})
    void render_anyWidth_fits(int width) {
        BarLine line = new BarLine(0);
        line.tell(2.3, 0.5);
        assertThat(line.render("epoch 10", 1, 60_000, 0.5, width)).hasSizeLessThanOrEqualTo(width);
    }

    @Test
    void render_resumedEpoch_leavesOutWhatWasSeenBefore() {
        BarLine line = new BarLine(30_000);
        assertThat(line.render("epoch 1", 40_000, 60_000, 1, 60)).contains("10,000 samples/s", "0:02 left");
    }

    @Test
    void render_nothingDoneYet_hasNoTimeLeft() {
        assertThat(new BarLine(0).render("epoch 1", 0, 60_000, 0, 60)).doesNotContain("left", "loss", "NaN");
    }
}
