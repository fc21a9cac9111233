package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditDistanceTest {
    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "a, '', 1",
        "kitten, sitting, 3",
        "learning_rat, learning_rate, 1",
        "aepochs, epochs, 1",
        "ecophs, epochs, 2",
        "eopchs, epochs, 1"
    })
    void between_twoNames_countsSlips(String a, String b, int expected) {
        assertThat(EditDistance.between(a, b)).isEqualTo(expected);
        assertThat(EditDistance.between(b, a)).isEqualTo(expected);
    }

    @Test
    void nearest_closeName_isFoundWhateverItsCase() {
        assertThat(EditDistance.nearest("Sead", List.of("data", "seed", "speed")))
                .contains("seed");
    }

    @Test
    void nearest_beginningOfOneName_isFound() {
        assertThat(EditDistance.nearest("batch", List.of("batch_size", "shuffle")))
                .contains("batch_size");
        assertThat(EditDistance.nearest("batch", List.of("batch_size", "batch_norm")))
                .isEmpty();
    }

    @Test
    void nearest_nothingClose_isEmpty() {
        assertThat(EditDistance.nearest("colour", List.of("data", "seed"))).isEmpty();
        assertThat(EditDistance.nearest("x", List.of("y"))).isEmpty();
        assertThat(EditDistance.nearest("", List.of("y"))).isEmpty();
    }
}
