package dev.marquee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.ConfigException;
import dev.marquee.tensor.Device;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineDeviceTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpu | 1 | together | float32 | engine.device: must be cpu, cuda, or cuda:1 for the second GPU, not gpu",
                "cuda | 2 | together | float32 | engine.replicas: must be 0 or 1 with device=cuda",
                "cuda:1 | 0 | asynchronous | float32 | engine.replica_updates: must be together with device=cuda:1",
                "cpu | 0 | together | float16 | engine.precision: float16 is for GPUs",
            })
    void with_whatDoesNotGoTogether_isRefusedByName(
            String device, int replicas, String updates, String precision, String message) {
        assertThatThrownBy(() -> Recipe.DEFAULT.with(Map.of(
                        "engine.device",
                        device,
                        "engine.replicas",
                        replicas,
                        "engine.replica_updates",
                        updates,
                        "engine.precision",
                        precision)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message.split(": ", 2)[0])
                .hasMessageContaining(message.split(": ", 2)[1]);
    }

    @Test
    void place_ofAGpu_hasOneNetworkAndNoProductsOfItsOwn() {
        EngineConfig engine = Recipe.DEFAULT
                .with(Map.of("engine.device", "cuda:1", "engine.threads", 8, "engine.precision", "float16"))
                .engine();
        assertThat(engine.place()).isEqualTo(new Device(Device.Kind.CUDA, 1));
        assertThat(engine.effectiveReplicas(100_000, 1, true)).isEqualTo(1);
        assertThat(engine.scalesLoss()).isTrue();
        assertThat(EngineConfig.DEFAULT.place()).isEqualTo(Device.CPU);
    }
}
