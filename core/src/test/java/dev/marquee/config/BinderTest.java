package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.Sample.Activation;
import dev.marquee.config.Sample.Adam;
import dev.marquee.config.Sample.Categorical;
import dev.marquee.config.Sample.ConstantSection;
import dev.marquee.config.Sample.DataSection;
import dev.marquee.config.Sample.Dense;
import dev.marquee.config.Sample.MlpSection;
import dev.marquee.config.Sample.Sequence;
import dev.marquee.config.Sample.Sgd;
import dev.marquee.config.Sample.TrainSection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BinderTest {
    @Test
    void bind_noKeys_givesTheDefault() {
        assertThat(Binder.bind(Sample.class, ConfigTree.empty(), "defaults")).isEqualTo(Sample.DEFAULT);
    }

    @Test
    void bind_allKeys_givesTheirValues() {
        String yaml = """
                seed: 9000000000
                data:
                  path: /data/mnist
                  batch_size: 64
                  shuffle: false
                  features:
                    - {kind: dense, name: price, missing: -1.5}
                    - {kind: categorical, name: "user id", size: 50}
                    - kind: sequence
                      names: [a, 7, true]
                model:
                  kind: mlp
                  sizes: [4, 3, 2]
                  activation: leaky_relu
                  dropout: 2e-1
                optimizer:
                  kind: adam
                  learning_rate: 1
                  betas: [0.5, .25]
                train:
                  epochs: 3
                  clip: 0.5
                  finetune:
                    kind: sgd
                    learning_rate: 1e-3
                note: tried on Monday
                """;
        Sample expected = new Sample(
                9_000_000_000L,
                new DataSection(
                        "/data/mnist",
                        64,
                        false,
                        List.of(
                                new Dense("price", -1.5),
                                new Categorical("user id", Optional.of(50)),
                                new Sequence(List.of("a", "7", "true")))),
                new MlpSection(List.of(4, 3, 2), Activation.LEAKY_RELU, 0.2),
                new Adam(1.0, List.of(0.5, 0.25)),
                new TrainSection(3, Optional.of(0.5), Optional.of(new Sgd(0.001, 0.5, false))),
                Optional.of("tried on Monday"));

        assertThat(bind(yaml)).isEqualTo(expected);
    }

    @Test
    void bind_sectionWithSomeKeys_takesTheOthersFromTheOuterDefault() {
        assertThat(bind("optimizer: {momentum: 0.9}").optimizer()).isEqualTo(new Sgd(0.01, 0.9, false));
    }

    @Test
    void bind_anotherKind_takesTheOtherKeysFromItsOwnDefault() {
        assertThat(bind("optimizer: {kind: adam}").optimizer()).isEqualTo(Adam.DEFAULT);
        assertThat(bind("model: {kind: constant}").model()).isEqualTo(new ConstantSection());
    }

    @Test
    void bind_null_givesTheDefaultBackButEmptiesAnOptional() {
        Sample bound = bind("seed: null\noptimizer:\ntrain: {clip: null, epochs: ~}");

        assertThat(bound.seed()).isEqualTo(1);
        assertThat(bound.optimizer()).isEqualTo(Sample.DEFAULT.optimizer());
        assertThat(bound.train()).isEqualTo(new TrainSection(10, Optional.empty(), Optional.empty()));
    }

    @Test
    void bind_sealedInterfaceItself_choosesByKind() {
        ConfigTree tree = ConfigTree.parse("kind: adam", "o.yaml");

        assertThat(Binder.bind(Sample.OptimizerSection.class, tree, "o.yaml")).isEqualTo(Adam.DEFAULT);
    }

    @Test
    void bind_manyFaults_saysAllAtOnceAligned() {
        ConfigTree tree = ConfigTree.parse("""
                        model:
                          sizes: [784, ten]
                        data:
                          features:
                            - {kind: dense, name: a}
                            - kind: categorial
                        optimizer:
                          nesterov: true
                        """, "mine.yaml")
                .with("optimizer.learning_rat", "0.1", "from --set")
                .with("data.batch_size", "-3", "from --set");

        assertThatThrownBy(() -> Binder.bind(Sample.class, tree, "mine.yaml"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("""
                        mine.yaml has 6 faults:
                          data.batch_size            -3 is not a positive number   (from --set)
                          data.features[0].missing   is missing: give a number   (mine.yaml:5)
                          data.features[1].kind      "categorial" is not one of dense, categorical, sequence;\
                         did you mean categorical?   (mine.yaml:6)
                          model.sizes[1]             "ten" is not a whole number   (mine.yaml:2)
                          optimizer.learning_rat     unknown key; did you mean optimizer.learning_rate?   (from --set)
                          optimizer.nesterov         looking ahead needs a momentum above 0   (mine.yaml:8)""");
    }

    private static Sample bind(String yaml) {
        return Binder.bind(Sample.class, ConfigTree.parse(yaml, "mine.yaml"), "mine.yaml");
    }
}
