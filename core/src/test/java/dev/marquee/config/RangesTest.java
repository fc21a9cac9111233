package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    any         | ''                             | ''
                    positive    | a positive number              | a positive number
                    atLeastOne  | 1 or more                      | a positive number
                    notNegative | 0 or more                      | 0 or more
                    aboveHalf   | more than 0.5                  | a positive number
                    atMost      | 9000000000 or less             | 9000000000 or less
                    below       | less than 5                    | 4 or less
                    share       | between 0 and 1                | between 0 and 1
                    halfOpen    | at least 0 and less than 1     | between 0 and 0
                    upper       | more than 0 and at most 1      | between 1 and 1
                    open        | more than -1 and less than 1   | between 0 and 0
                    doubled     | more than 2                    | 3 or more
                    """)
    void words_range_readNaturally(String component, String forNumbers, String forWholeNumbers) {
        Range range = Schema.components(Bounds.class).stream()
                .filter(bound -> bound.reflected().getName().equals(component))
                .findFirst()
                .orElseThrow()
                .range();

        assertThat(Ranges.words(range, false)).isEqualTo(forNumbers);
        assertThat(Ranges.words(range, true)).isEqualTo(forWholeNumbers);
    }

    record Bounds(
            @Range double any,
            @Range(above = 0) double positive,
            @Range(atLeast = 1) double atLeastOne,
            @Range(atLeast = 0) double notNegative,
            @Range(above = 0.5) double aboveHalf,
            @Range(atMost = 9e9) double atMost,
            @Range(below = 5) double below,
            @Range(atLeast = 0, atMost = 1) double share,
            @Range(atLeast = 0, below = 1) double halfOpen,
            @Range(above = 0, atMost = 1) double upper,
            @Range(above = -1, below = 1) double open,
            @Range(above = 2, atLeast = 1) double doubled)
            implements Section {}
}
