package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadTest {
    @Test
    void perceptron_described_saysWhatAnotherProgramMustDo() {
        try (Workload work = Workload.perceptron(4)) {
            work.step();
            work.step();
            assertThat(work.name()).isEqualTo("perceptron batch 4");
            assertThat(work.samples()).isEqualTo(4);
            assertThat(work.flops()).isEqualTo(4 * 2_006_528);
            assertThat(work.description())
                    .containsEntry("work", "perceptron")
                    .containsEntry("batch", 4)
                    .containsEntry("sizes", List.of(784, 512, 128, 10));
        }
    }

    @Test
    void attention_bothWays_stepsAndSaysWhatAnotherProgramMustDo() {
        AttentionShape shape = new AttentionShape(3, 2, 5, 8, 8, 2);
        for (boolean fused : new boolean[] {false, true}) {
            try (Workload work = Workload.attention(shape, fused)) {
                work.step();
                work.step();
                assertThat(work.samples()).isEqualTo(3);
                assertThat(work.description())
                        .containsEntry("shape", List.of(3, 2, 5, 8, 8, 2))
                        .containsEntry("fused", fused);
            }
        }
    }
}
