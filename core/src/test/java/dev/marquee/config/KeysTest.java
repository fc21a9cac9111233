package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KeysTest {
    @Test
    void describe_sample_listsEveryKeyOnceForEachKind() {
        assertThat(Keys.describe(Sample.class))
                .extracting(key -> key.key() + (key.kind().isEmpty() ? "" : " if " + key.kind()))
                .containsExactly(
                        "seed",
                        "data",
                        "data.path",
                        "data.batch_size",
                        "data.shuffle",
                        "data.features",
                        "data.features[].kind",
                        "data.features[].name if data.features[].kind: dense",
                        "data.features[].missing if data.features[].kind: dense",
                        "data.features[].name if data.features[].kind: categorical",
                        "data.features[].size if data.features[].kind: categorical",
                        "data.features[].names if data.features[].kind: sequence",
                        "model.kind",
                        "model.sizes if model.kind: mlp",
                        "model.activation if model.kind: mlp",
                        "model.dropout if model.kind: mlp",
                        "optimizer.kind",
                        "optimizer.learning_rate if optimizer.kind: sgd",
                        "optimizer.momentum if optimizer.kind: sgd",
                        "optimizer.nesterov if optimizer.kind: sgd",
                        "optimizer.learning_rate if optimizer.kind: adam",
                        "optimizer.betas if optimizer.kind: adam",
                        "train",
                        "train.epochs",
                        "train.clip",
                        "train.finetune",
                        "train.finetune.kind",
                        "train.finetune.learning_rate if train.finetune.kind: sgd",
                        "train.finetune.momentum if train.finetune.kind: sgd",
                        "train.finetune.nesterov if train.finetune.kind: sgd",
                        "train.finetune.learning_rate if train.finetune.kind: adam",
                        "train.finetune.betas if train.finetune.kind: adam",
                        "note");
    }

    @Test
    void describe_key_saysTypeDefaultRangeAndMeaning() {
        assertThat(Keys.describe(Sample.class))
                .contains(
                        new Keys.Key("seed", "", "a whole number", "1", "", "What the random numbers start from"),
                        new Keys.Key("data.path", "", "text", "data", "", "Where the rows are"),
                        new Keys.Key(
                                "data.batch_size",
                                "",
                                "a whole number",
                                "32",
                                "a positive number",
                                "How many rows a step takes"),
                        new Keys.Key("data.features", "", "a list of sections", "[]", "", "The columns"),
                        new Keys.Key(
                                "data.features[].missing",
                                "data.features[].kind: dense",
                                "a number",
                                "",
                                "more than -10 and less than 10",
                                "What a missing value is taken for"),
                        new Keys.Key(
                                "data.features[].size",
                                "data.features[].kind: categorical",
                                "a whole number or null",
                                "1000",
                                "2 or more",
                                "How many ids there are"),
                        new Keys.Key("model.kind", "", "one of mlp, constant", "mlp", "", "What learns"),
                        new Keys.Key(
                                "model.activation",
                                "model.kind: mlp",
                                "one of relu, leaky_relu, none",
                                "relu",
                                "",
                                "What follows each layer"),
                        new Keys.Key(
                                "optimizer.learning_rate",
                                "optimizer.kind: sgd",
                                "a number",
                                "0.01",
                                "a positive number",
                                "The length of a step"),
                        new Keys.Key(
                                "optimizer.betas",
                                "optimizer.kind: adam",
                                "a list of numbers",
                                "[0.9, 0.999]",
                                "at least 0 and less than 1",
                                "How slowly averages change"),
                        new Keys.Key("train.finetune", "", "a section or null", "null", "", "What to look at"));
    }

    @Test
    void describe_componentWithoutMeaning_isRefused() {
        assertThatThrownBy(() -> Keys.describe(Mute.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the component of key value lacks @About");
    }

    record Mute(int value) implements Section {}
}
