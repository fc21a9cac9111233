package dev.marquee.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScoresTest {
    @Test
    void order_scoresOfTheFirstLabel_areTheBestFirstAndOfEqualOnesTheEarlier() {
        float[] probabilities = {0.2f, 1, 0.7f, 0, 0, 1, 0.7f, 0, 1, 0, 0.2f, 1, Float.NaN, 0, Float.MIN_VALUE, 0};
        Scores scores = new Scores(List.of("click", "liked"), 8, probabilities);

        assertThat(scores.order()).containsExactly(4, 1, 3, 0, 5, 7, 2, 6);
        assertThat(scores.probabilities(1)).containsExactly(1, 0, 1, 0, 0, 1, 0, 0);
    }
}
