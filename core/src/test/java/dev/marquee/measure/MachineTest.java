package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineTest {
    @Test
    void detect_thisMachine_findsEngineAndProcessor() {
        Machine machine = Machine.detect(1);

        assertThat(machine.engine()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(machine.cores()).isPositive();
        assertThat(machine.memoryBytes()).isPositive();
        assertThat(machine.devices()).startsWith("cpu");
        assertThat(machine.blas()).isNotEqualTo("unknown");
    }

    @Test
    void blasName_knownAndUnknown_areTold() {
        assertThat(Machine.blasName("Build settings: BLAS_INFO=open, BUILD_TYPE=Release"))
                .isEqualTo("OpenBLAS (own threads)");
        assertThat(Machine.blasName("BLAS_INFO=mkl,")).isEqualTo("MKL");
        assertThat(Machine.blasName("")).isEqualTo("unknown");
    }
}
