package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DrawsTest {
    @AfterEach
    void restoreThreads() {
        Engine.useThreads(2);
    }

    @Test
    void draws_ofMembers_dependOnSeedStepAndShareAlone() {
        double[][] first = drawn();
        assertThat(drawn()).isDeepEqualTo(first);
        assertThat(first[0]).isNotEqualTo(first[1]);
        assertThat(first[1]).isNotEqualTo(first[2]);
    }

    private static double[][] drawn() {
        double[][] drawn = new double[3][];
        try (Team team = Team.open(3)) {
            team.run(member -> {
                try (Scope scope = Scope.open()) {
                    Draws.seed(7, 11, member);
                    Tensor tensor = Tensors.empty(DType.FLOAT64, 64);
                    tensor.bernoulli_(0.5, Draws.generator());
                    drawn[member] = Tensors.toDoubles(tensor);
                }
            });
        }
        return drawn;
    }

    @Test
    void factors_ofFloats_areZeroOrTheReciprocalAsOftenAsAskedAndTheSameForASeed() {
        try (Scope scope = Scope.open()) {
            Draws.seed(5, 6, 0);
            float[] first = Tensors.toFloats(Draws.factors(Tensors.empty(DType.FLOAT32, 999, 101), 0.7));
            Draws.seed(5, 6, 0);
            float[] again = Tensors.toFloats(Draws.factors(Tensors.empty(DType.FLOAT32, 999, 101), 0.7));
            float[] next = Tensors.toFloats(Draws.factors(Tensors.empty(DType.FLOAT32, 999, 101), 0.7));
            assertThat(again).isEqualTo(first);
            assertThat(next).isNotEqualTo(first);
            double sum = 0;
            int zeros = 0;
            for (float factor : first) {
                assertThat(factor == 0 || Math.abs(factor - 1 / 0.7) < 1e-4).isTrue();
                zeros += factor == 0 ? 1 : 0;
                sum += factor;
            }
            // Five standard deviations of a binomial distribution of 100,899 draws.
            assertThat(zeros / (double) first.length).isBetween(0.3 - 0.0073, 0.3 + 0.0073);
            assertThat(sum / first.length).isBetween(1 - 0.0104, 1 + 0.0104);
        }
    }
}
