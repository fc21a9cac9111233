package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class DeviceTest {
    @Test
    void named_cpuAndGpus_areKnownAndNothingElse() {
        assertThat(Device.named("cpu")).contains(Device.CPU);
        assertThat(Device.named("cuda")).contains(new Device(Device.Kind.CUDA, 0));
        assertThat(Device.named("cuda:3")).contains(new Device(Device.Kind.CUDA, 3));
        for (String wrong : new String[] {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:1000", "cpu:0", "cuda0"}) {
            assertThat(Device.named(wrong)).as(wrong).isEmpty();
        }
        assertThat(new Device(Device.Kind.CUDA, 0)).hasToString("cuda");
        assertThat(new Device(Device.Kind.CUDA, 2)).hasToString("cuda:2");
    }

    @Test
    void missing_withoutNativesForGpus_namesTheProfileThatBringsThem() {
        assertThat(Device.CPU.missing()).isEmpty();
        Device gpu = new Device(Device.Kind.CUDA, 1);
        if (gpu.missing().isPresent()) { // anywhere but on a machine with two GPUs
            assertThat(gpu.missing().get()).startsWith("engine.device=cuda:1 ").doesNotContain("\n");
            assertThatThrownBy(gpu::require)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(gpu.missing().get());
        }
    }

    @Test
    void put_andBack_keepsValuesAndCopiesNothingThatIsThere() {
        Device there = LazyDevice.get();
        try (Scope scope = Scope.open()) {
            Tensor here = Tensors.of(new float[] {1, 2, 3});
            assertThat(Device.CPU.put(here)).isSameAs(here);
            assertThat(Device.host(here)).isSameAs(here);
            Tensor copy = there.put(here);
            assertThat(Device.of(copy)).isEqualTo(there);
            assertThat(there.put(copy)).isSameAs(copy);
            assertThat(Device.beside(here, copy).is_cpu()).isFalse();
            assertThat(Device.beside(here, here)).isSameAs(here);
            assertThat(Tensors.toFloats(copy)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void bytes_ofATensorElsewhere_areRefused() {
        try (Scope scope = Scope.open()) {
            Tensor there = LazyDevice.get().zeros(DType.FLOAT32, 2, 2);
            assertThatThrownBy(() -> Tensors.bytes(there))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the bytes of [2, 2] FLOAT32 are not in main memory but on lazy: copy it by Device.host"
                            + " first");
            assertThatThrownBy(() -> Numbers.of(there)).hasMessageContaining("not in main memory");
            assertThatThrownBy(() -> Tensors.eachChunk(there, piece -> {})).hasMessageContaining("not in main memory");
        }
    }

    @Test
    void factors_elsewhere_areThoseOfMainMemoryBitForBit() {
        for (long[] shape : new long[][] {{1}, {7}, {5, 13}, {3, 2, 8}}) {
            try (Scope scope = Scope.open()) {
                Draws.seed(3, 4, 0);
                float[] here = Tensors.toFloats(Draws.factors(Tensors.empty(DType.FLOAT32, shape), 0.7));
                for (Device device : new Device[] {Device.CPU, LazyDevice.get()}) {
                    Draws.seed(3, 4, 0);
                    Tensor start = Tensors.empty(DType.INT64, 1).random_(Draws.generator());
                    Tensor drawn = Draws.byOperators(device, Tensors.toLongs(start)[0], 0.7, shape);
                    assertThat(Tensors.shape(drawn)).isEqualTo(shape);
                    assertThat(Tensors.toFloats(drawn)).isEqualTo(here);
                }
            }
        }
    }
}
