package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.About;
import dev.marquee.config.Binder;
import dev.marquee.config.ConfigTree;
import dev.marquee.config.Section;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sections of the networks for histories and for several labels. */
class SequenceConfigsTest {
    private static final EmbeddingConfig EMBEDDING = new EmbeddingConfig(8, 0.1, 0.2);
    private static final Optional<String> WEIGHTS = Optional.of("weights.safetensors");

    /** A recipe with nothing but a network. */
    record Holder(@About("the network") RankingModelConfig model) implements Section {}

    @ParameterizedTest
    @MethodSource("defaults")
    void bind_kindAlone_givesTheDefaults(String kind, RankingModelConfig expected) {
        assertThat(bind("model:\n  kind: " + kind)).isEqualTo(expected);
        assertThat(expected.head()).isEqualTo(Head.LOGITS);
    }

    static Object[][] defaults() {
        return new Object[][] {
            {"din", DinConfig.DEFAULT},
            {"bst", BstConfig.DEFAULT},
            {"mmoe", MmoeConfig.DEFAULT},
            {"ple", PleConfig.DEFAULT},
            {"esmm", EsmmConfig.DEFAULT},
        };
    }

    @ParameterizedTest
    @MethodSource("others")
    void bind_allKeys_givesThemBack(RankingModelConfig config) {
        ConfigTree tree = ConfigTree.of(new Holder(config));
        assertThat(Binder.bind(Holder.class, tree, "the test").model()).isEqualTo(config);
    }

    static List<RankingModelConfig> others() {
        Activation tanh = Activation.TANH;
        return List.of(
                new DinConfig(EMBEDDING, List.of(5, 6), true, true, List.of(7), false, tanh, 0.1, Norm.BATCH, WEIGHTS),
                new BstConfig(EMBEDDING, 2, 3, 9, BstConfig.Tokens.ALL, List.of(7), tanh, 0.1, Norm.LAYER, WEIGHTS),
                new MmoeConfig(EMBEDDING, 3, List.of(4), List.of("ad"), List.of(5), tanh, 0.1, Norm.BATCH, WEIGHTS),
                new PleConfig(
                        EMBEDDING, 3, 4, 5, List.of(4), List.of("ad"), List.of(5), tanh, 0.1, Norm.BATCH, WEIGHTS),
                new EsmmConfig(EMBEDDING, List.of(5), tanh, 0.1, Norm.BATCH, WEIGHTS));
    }

    @Test
    void bind_noAttentionLayerOrWrongSizes_isRefused() {
        assertThatThrownBy(() -> bind("model:\n  kind: din\n  attention_hidden: []"))
                .hasMessageContaining("model.attention_hidden")
                .hasMessageContaining("needs at least one size, such as [36]");
        assertThatThrownBy(() -> bind("model:\n  kind: ple\n  shared_experts: 0"))
                .hasMessageContaining("model.shared_experts");
    }

    @Test
    void describe_namesTheNetworkAndItsSizes() {
        assertThat(DinConfig.DEFAULT.describe())
                .isEqualTo("deep interest network: embeddings of 16, activation unit [36], perceptron [200, 80]");
        assertThat(BstConfig.DEFAULT.describe())
                .isEqualTo("behaviour sequence transformer: embeddings of 16, 1 block, 4 heads, perceptron [256, 128,"
                        + " 64]");
        assertThat(MmoeConfig.DEFAULT.describe())
                .isEqualTo("multi-gate mixture of experts: embeddings of 16, 8 experts [128], towers [64]");
        assertThat(PleConfig.DEFAULT.describe())
                .isEqualTo(
                        "progressive layered extraction: embeddings of 16, 2 levels of 2 experts a label and 2 shared"
                                + " [128], towers [64]");
        assertThat(EsmmConfig.DEFAULT.describe())
                .isEqualTo("entire space multi-task model: embeddings of 16, two towers [360, 200, 80]");
    }

    private static RankingModelConfig bind(String text) {
        return Binder.bind(Holder.class, ConfigTree.parse(text, "the test"), "the test")
                .model();
    }
}
