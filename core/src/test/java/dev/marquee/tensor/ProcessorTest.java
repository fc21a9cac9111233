package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessorTest {
    @Test
    void ofCpuinfo_serverWithAmx_listsWhatMatters() {
        Processor processor = Processor.ofCpuinfo("""
                processor\t: 0
                model name\t: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz
                physical id\t: 0
                core id\t\t: 0
                flags\t\t: fpu sse4_2 fma avx avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 amx_tile amx_int8

                processor\t: 1
                model name\t: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz
                physical id\t: 0
                core id\t\t: 0
                flags\t\t: fpu sse4_2 fma avx avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 amx_tile amx_int8
                """);

        assertThat(processor.model()).isEqualTo("Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz");
        assertThat(processor.physicalCores()).isEqualTo(1);
        assertThat(processor.vectors()).containsExactly("AVX", "AVX2", "FMA", "AVX-512", "AVX-512 VNNI", "AMX");
        assertThat(processor.bfloat16()).containsExactly("AVX-512 BF16", "AMX BF16");
    }

    @Test
    void ofCpuinfo_coresOfTwoSockets_areCountedApart() {
        Processor processor = Processor.ofCpuinfo("""
                physical id : 0
                core id : 0
                physical id : 1
                core id : 0
                flags : avx avx2
                """);

        assertThat(processor.physicalCores()).isEqualTo(2);
        assertThat(processor.bfloat16()).isEmpty();
    }

    @Test
    void ofCpuinfo_arm_readsFeatures() {
        Processor processor = Processor.ofCpuinfo("processor : 0\nFeatures : fp asimd sve bf16\nCPU part : 0xd40\n");

        assertThat(processor).isEqualTo(new Processor("unknown", 0, List.of("NEON", "SVE"), List.of("NEON BF16")));
    }

    @Test
    void ofCpuinfo_garbage_isUnknown() {
        assertThat(Processor.ofCpuinfo("")).isEqualTo(Processor.UNKNOWN);
        assertThat(Processor.ofCpuinfo("no colon\n: \n")).isEqualTo(Processor.UNKNOWN);
    }

    @Test
    void ofSysctl_appleSilicon_readsNameCoresAndFeatures() {
        Processor processor = Processor.ofSysctl("""
                machdep.cpu.brand_string: Apple M2 Pro
                hw.physicalcpu: 10
                hw.optional.AdvSIMD: 1
                hw.optional.arm.FEAT_BF16: 1
                """);

        assertThat(processor).isEqualTo(new Processor("Apple M2 Pro", 10, List.of("NEON"), List.of("NEON BF16")));
    }

    @Test
    void ofSysctl_intelMac_readsFeatures() {
        Processor processor = Processor.ofSysctl("""
                machdep.cpu.brand_string: Intel(R) Core(TM) i7
                machdep.cpu.features: FPU SSE AVX1.0 FMA
                machdep.cpu.leaf7_features: AVX2 BMI1
                hw.physicalcpu: many
                """);

        assertThat(processor.vectors()).containsExactly("AVX", "AVX2", "FMA");
        assertThat(processor.physicalCores()).isZero();
    }

    @Test
    void detect_thisMachine_doesNotFail() {
        assertThat(Processor.detect().model()).isNotBlank();
    }
}
