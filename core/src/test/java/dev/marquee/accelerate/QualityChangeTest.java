package dev.marquee.accelerate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.accelerate.QualityChange.Answer;
import dev.marquee.train.RowLosses;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class QualityChangeTest {
    private static final int ROWS = 2000;

    @Test
    void of_everyLossOnePerCentHigher_isOnePerCentWithoutDoubt() {
        QualityChange change = QualityChange.of(List.of(losses(1, 0, 0)), List.of(losses(1.01, 0, 0)), 7);
        assertThat(change.change()).isCloseTo(0.01, Offset.offset(1e-12));
        assertThat(change.low()).isCloseTo(0.01, Offset.offset(1e-12));
        assertThat(change.high()).isCloseTo(0.01, Offset.offset(1e-12));
        assertThat(change.within(0.005)).isEqualTo(Answer.BEYOND);
        assertThat(change.within(0.02)).isEqualTo(Answer.WITHIN);
        assertThat(change.metrics()).containsOnly(Map.entry("auc", 0.7));
    }

    @Test
    void of_noiseInEveryRow_hasTheIntervalOfTheStandardError() {
        // Losses of mean 0.5; independent noise of deviation 0.1 in each row of the candidate.
        QualityChange change = QualityChange.of(List.of(losses(1, 0, 0)), List.of(losses(1, 0.1, 0)), 7);
        double standard = 0.1 / Math.sqrt(ROWS) / 0.5;
        assertThat(change.high() - change.low()).isCloseTo(2 * 1.96 * standard, Offset.offset(0.25 * standard));
        assertThat(change.within(change.change())).isEqualTo(Answer.UNDECIDED);
    }

    @Test
    void of_groupsOfTenEqualRows_isWiderThanOfSingleRows() {
        QualityChange rows = QualityChange.of(List.of(losses(1, 0, 0)), List.of(losses(1, 0.1, 0)), 7);
        QualityChange groups = QualityChange.of(List.of(losses(1, 0, 10)), List.of(losses(1, 0.1, 10)), 7);
        assertThat(groups.high() - groups.low()).isGreaterThan(1.5 * (rows.high() - rows.low()));
    }

    @Test
    void of_seedsThatDisagree_widensTheIntervalToThatOfTheirMean() {
        QualityChange change = QualityChange.of(
                List.of(losses(1, 0, 0), losses(1, 0, 0)), List.of(losses(1.01, 0, 0), losses(1.03, 0, 0)), 7);
        assertThat(change.change()).isCloseTo(0.02, Offset.offset(1e-12));
        // The standard error of two is 0.01; Student's quantile with one degree of freedom is 12.71.
        assertThat(change.high()).isCloseTo(0.02 + 0.1271, Offset.offset(1e-9));
        assertThat(change.seeds()).isEqualTo(2);
    }

    /** Losses from 0.25 to 0.75, times a factor, plus noise, which rows of a group share. */
    private static RowLosses losses(double factor, double noise, int groupSize) {
        Random random = new Random(5);
        double[] losses = new double[ROWS];
        long[] groups = new long[groupSize == 0 ? 0 : ROWS];
        double shared = 0;
        for (int i = 0; i < ROWS; i++) {
            if (groupSize == 0 || i % groupSize == 0) {
                shared = noise * random.nextGaussian();
            }
            if (groupSize > 0) {
                groups[i] = 1000L + i / groupSize;
            }
            losses[i] = factor * (0.25 + 0.5 * i / (ROWS - 1)) + shared;
        }
        double[] weights = new double[ROWS];
        Arrays.fill(weights, 1);
        return new RowLosses(Map.of("auc", 0.7, "log_loss", 0.5), losses, weights, groups);
    }
}
