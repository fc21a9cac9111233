package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.recipe.EngineConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Processor;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrecisionAdviceTest {
    private static final EngineConfig HALF =
            Recipe.DEFAULT.with("engine.precision", "bfloat16").engine();

    @Test
    void of_bfloat16OnAProcessorThatDoesNotMultiplyIt_warnsWithItsNameAndWhatToDo() {
        assertThat(PrecisionAdvice.of(HALF, new Processor("Old One", 2, List.of("AVX2"), List.of())))
                .hasValueSatisfying(warning ->
                        assertThat(warning).contains("engine.precision=bfloat16", "Old One", "set it to float32"));
    }

    @Test
    void of_whateverSuitsTheProcessorOrCannotBeTold_saysNothing() {
        assertThat(PrecisionAdvice.of(HALF, new Processor("New", 2, List.of("AVX-512"), List.of("AVX-512 BF16"))))
                .isEmpty();
        assertThat(PrecisionAdvice.of(HALF, Processor.UNKNOWN)).isEmpty();
        assertThat(PrecisionAdvice.of(EngineConfig.DEFAULT, new Processor("Old", 2, List.of("AVX2"), List.of())))
                .isEmpty();
    }
}
