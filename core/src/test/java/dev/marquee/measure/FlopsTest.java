package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FlopsTest {
    @Test
    void perceptron_twoLayers_agreesWithCountingByHand() {
        // Forward 2·(2·3 + 3·1) = 18; weights' gradients 18; the second layer's input gradient 2·3·1 = 6.
        assertThat(Flops.perceptron(1, List.of(2, 3, 1))).isEqualTo(42);
        assertThat(Flops.perceptron(10, List.of(2, 3, 1))).isEqualTo(420);
    }

    @Test
    void perceptron_defaultRecipe_isTwoMillionASample() {
        assertThat(Flops.perceptron(1, List.of(784, 512, 128, 10))).isEqualTo(2_006_528);
    }

    @Test
    void attention_smallShape_agreesWithCountingByHand() {
        // Queries 2·1·2·3·4 = 48; keys and values 2·(2·1·5·3·4) = 240; scores and sums 2·(2·1·2·5·4) = 160.
        assertThat(Flops.attention(new AttentionShape(1, 2, 5, 3, 4, 2))).isEqualTo(3 * (48 + 240 + 160));
    }
}
