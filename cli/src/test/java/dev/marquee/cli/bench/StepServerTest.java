package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** This program in another process. */
class StepServerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void seconds_anotherProcess_makesSteps() throws Exception {
        Surrounding found = Surrounding.all(1).get(0);
        assertThat(found.name()).startsWith("as found: ");
        try (Peer peer = Peer.start(found.command())) {
            assertThat(peer.name()).isEqualTo("Marquee");
            Map<String, Object> perceptron = Map.of("work", "perceptron", "batch", 4);
            assertThat(peer.seconds(perceptron, false, 2, 1, PATIENCE)).isPositive();
            Map<String, Object> attention =
                    Map.of("work", "attention", "shape", List.of(2, 1, 3, 4, 4, 2), "fused", true);
            assertThat(peer.seconds(attention, false, 2, 1, PATIENCE)).isPositive();
        }
    }

    @Test
    void all_severalThreads_offerBothWaysOfWaiting() {
        List<Surrounding> surroundings = Surrounding.all(2);
        assertThat(surroundings).hasSizeGreaterThan(1);
        assertThat(surroundings)
                .extracting(Surrounding::setting)
                .containsAnyOf("GOMP_SPINCOUNT=300000", "OMP_WAIT_POLICY=passive");
    }
}
