package dev.marquee.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.tensor.Processor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaRuleTest {
    @ParameterizedTest
    @CsvSource({
        "1, 4096, 1, 1",
        "2, 32, 1, 1",
        "2, 127, 1, 1",
        "2, 128, 1, 2",
        "8, 256, 1, 4",
        "2, 64, 50, 2",
        "8, 4, 1000, 4",
        "2, 2147483647, 1024, 2",
    })
    void replicas_sharesOfAtLeast64Rows_neverMoreThanThreadsOrSamples(
            int threads, int batch, int positions, int replicas) {
        assertThat(ReplicaRule.replicas(threads, batch, positions)).isEqualTo(replicas);
    }

    @ParameterizedTest
    @CsvSource({
        "AVX-512, false, 64, true",
        "AVX-512, false, 128, false",
        "AVX-512, true, 256, true",
        "AVX-512, true, 512, false",
        "AVX2, true, 16, false",
    })
    void alone_perceptron784x512x128x10_dependsOnTheProcessorAndThePrecision(
            String vectors, boolean halves, long rows, boolean alone) {
        Processor processor = new Processor("some", 2, List.of(vectors), List.of());

        assertThat(ReplicaRule.alone(468_874, rows, processor, halves)).isEqualTo(alone);
    }
}
