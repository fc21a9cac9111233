package dev.marquee.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.config.Binder;
import dev.marquee.config.ConfigTree;
import dev.marquee.config.Keys;
import dev.marquee.config.Kind;
import dev.marquee.nn.Activation;
import dev.marquee.nn.Norm;
import dev.marquee.nn.RowStorage;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RankingConfigsTest {
    static Stream<RankingModelConfig> defaults() {
        return Stream.of(
                LogisticRegressionConfig.DEFAULT,
                FmConfig.DEFAULT,
                WideDeepConfig.DEFAULT,
                DnnConfig.DEFAULT,
                DeepFmConfig.DEFAULT,
                DlrmConfig.DEFAULT,
                DcnV2Config.DEFAULT,
                AutoIntConfig.DEFAULT,
                FinalMlpConfig.DEFAULT);
    }

    @ParameterizedTest
    @MethodSource("defaults")
    void bind_kindAlone_isItsDefault(RankingModelConfig config) {
        String kind = config.getClass().getAnnotation(Kind.class).value();
        assertThat(bind("kind: " + kind)).isEqualTo(config);
        assertThat(config.initFrom()).isEmpty();
        assertThat(config.head()).isEqualTo(Head.LOGITS);
    }

    @ParameterizedTest
    @MethodSource("defaults")
    void bind_whatTheConfigWrites_isTheConfig(RankingModelConfig config) {
        assertThat(Binder.bind(RankingModelConfig.class, ConfigTree.of(config), "written"))
                .isEqualTo(config);
    }

    @Test
    void bind_allKeysOfDcnV2_areRead() {
        assertThat(bind("""
                kind: dcn_v2
                embedding: {size: 8, deviation: 0.1, dropout: 0.2, storage: int8}
                dense: embedded
                layers: 3
                rank: 32
                experts: 4
                structure: parallel
                hidden: [64, 32]
                activation: silu
                dropout: 0.3
                norm: layer
                members: 8
                init_from: first.safetensors
                """))
                .isEqualTo(new DcnV2Config(
                        new EmbeddingConfig(8, 0.1, 0.2, RowStorage.INT8),
                        DenseInput.EMBEDDED,
                        3,
                        Optional.of(32),
                        4,
                        DcnV2Config.Structure.PARALLEL,
                        List.of(64, 32),
                        Activation.SILU,
                        0.3,
                        Norm.LAYER,
                        8,
                        Optional.of("first.safetensors")));
    }

    @Test
    void bind_allKeysOfFinalMlp_areRead() {
        assertThat(bind("""
                kind: final_mlp
                embedding: {size: 8}
                dense: embedded
                first: [64, 32]
                second: [16]
                activation: gelu
                dropout: 0.3
                norm: batch
                gating: false
                gate_hidden: [8]
                first_gate: [user]
                second_gate: [ad, topic]
                heads: 4
                init_from: first.safetensors
                """))
                .isEqualTo(new FinalMlpConfig(
                        new EmbeddingConfig(8, 0.01, 0),
                        DenseInput.EMBEDDED,
                        List.of(64, 32),
                        List.of(16),
                        Activation.GELU,
                        0.3,
                        Norm.BATCH,
                        false,
                        List.of(8),
                        List.of("user"),
                        List.of("ad", "topic"),
                        4,
                        Optional.of("first.safetensors")));
    }

    @Test
    void describe_everyKey_saysWhatItMeans() {
        assertThat(Keys.describe(RankingModelConfig.class))
                .filteredOn(key -> !key.key().equals("kind"))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(key.about()).as(key.key()).isNotBlank());
    }

    @Test
    void describe_network_tellsItsSizes() {
        assertThat(bind("{kind: dcn_v2, layers: 3, hidden: [64, 32], members: 8}")
                        .describe())
                .isEqualTo("dcn_v2 of 3 cross layers, embeddings of 16, perceptron 64-32, 8 members");
        assertThat(FinalMlpConfig.DEFAULT.describe())
                .isEqualTo("final_mlp of 1 head, embeddings of 16, perceptrons 256-128 and 256-128");
        assertThat(AutoIntConfig.DEFAULT.describe()).isEqualTo("autoint of 3 attention layers, embeddings of 16");
    }

    private static RankingModelConfig bind(String yaml) {
        return Binder.bind(RankingModelConfig.class, ConfigTree.parse(yaml, "mine.yaml"), "mine.yaml");
    }
}
