package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
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
    void useThreads_byDefault_makesAsManyReplicasAsTraining() {
        try (Workload small = Workload.perceptron(32);
                Workload large = Workload.perceptron(128);
                Workload attention = Workload.attention(new AttentionShape(4, 1, 50, 8, 8, 2), false)) {
            small.useThreads(2);
            large.useThreads(2);
            attention.useThreads(2);
            assertThat(small.replicas()).isEqualTo(1);
            assertThat(large.replicas()).isEqualTo(2);
            assertThat(attention.replicas()).as("4 samples of 50 keys").isEqualTo(2);
            small.useThreads(2, 2);
            small.step();
            assertThat(small.replicas()).isEqualTo(2);
        }
        Engine.useThreads(1);
    }

    @Test
    void usePrecision_bfloat16_stepsWithAndWithoutReplicas() {
        for (int replicas : new int[] {1, 2}) {
            for (Workload work : List.of(
                    Workload.perceptron(8),
                    Workload.attention(new AttentionShape(4, 1, 5, 8, 8, 2), false),
                    Workload.attention(new AttentionShape(4, 2, 5, 256, 256, 2), true),
                    Workload.ranking(8, 2600, true),
                    Workload.history("din", 8, 5),
                    Workload.history("bst", 8, 5))) {
                try (work) {
                    work.usePrecision(DType.BFLOAT16);
                    work.useThreads(2, replicas);
                    work.step();
                    work.step();
                    assertThat(work.replicas()).as(work.name()).isEqualTo(replicas);
                }
            }
        }
        Engine.useThreads(1);
    }

    @Test
    void usePrecision_workWithoutProducts_isRefused() {
        try (Workload work = Workload.embeddings(4, 100)) {
            assertThatThrownBy(() -> work.usePrecision(DType.BFLOAT16))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("FLOAT32");
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

    @Test
    void ranking_described_saysWhatAnotherProgramMustDo() {
        try (Workload work = Workload.ranking(4, 2600, true)) {
            work.step();
            work.step();
            assertThat(work.name()).isEqualTo("deepfm batch 4, 2,600 rows");
            assertThat(work.samples()).isEqualTo(4);
            // Forward 2·(429·400 + 400·400 + 400·400 + 400); backward twice that, but for the 13 numbers.
            assertThat(work.flops()).isEqualTo(4 * (3 * 2.0 * (429 * 400 + 320_000 + 400) - 2.0 * 13 * 400));
            assertThat(work.description())
                    .containsEntry("work", "ranking")
                    .containsEntry("rows", 2600)
                    .containsEntry("sparse", true)
                    .containsEntry("sizes", List.of(429, 400, 400, 400, 1));
        }
    }

    @Test
    void embeddings_steps_haveNoMatrixProducts() {
        try (Workload work = Workload.embeddings(4, 100)) {
            work.step();
            work.step();
            assertThat(work.flops()).isZero();
            assertThat(work.name()).isEqualTo("lookup and update batch 4, 100 rows");
        }
    }

    @Test
    void rank_uniformNumbers_followsTheLaw() {
        assertThat(Zipf.rank(0, 1000)).isZero();
        assertThat(Zipf.rank(Math.nextDown(1.0), 1000)).isEqualTo(999);
        // P(rank 0) of the continuous law: (1 - 2^-0.05) / (1 - 1001^-0.05) = 0.1166.
        assertThat(Zipf.rank(0.115, 1000)).isZero();
        assertThat(Zipf.rank(0.118, 1000)).isEqualTo(1);
    }
}
