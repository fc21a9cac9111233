package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.marquee.config.Sample.Activation;
import dev.marquee.config.Sample.Adam;
import dev.marquee.config.Sample.Sgd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTreeTest {
    @Test
    void read_file_knowsTheLineOfEachKey(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("mine.yaml"), "\uFEFF# a remark\nseed: 7\nmodel:\n  sizes:\n  - 2\n  - 3\n");
        ConfigTree tree = ConfigTree.read(file);

        assertThat(tree.origin("seed")).contains(file + ":2");
        assertThat(tree.origin("model.sizes")).contains(file + ":4");
        assertThat(tree.origin("model.sizes[1]")).contains(file + ":6");
        assertThat(tree.origin("model.sizes[2]")).isEmpty();
        assertThat(tree.origin("seed.x")).isEmpty();
        assertThat(tree.origin("not a key")).isEmpty();
        assertThat(bind(tree).seed()).isEqualTo(7);
    }

    @Test
    void section_ofAFile_hasItsKeysAndTheLinesTheyStandOn() {
        ConfigTree tree =
                ConfigTree.parse("seed: 7\nmodel:\n  kind: dnn\n  name: ''\n  sizes: [2]\n  none:\n", "a.yaml");

        ConfigTree model = tree.section("model");
        assertThat(model.text("kind")).contains("dnn");
        assertThat(model.origin("kind")).contains("a.yaml:3");
        assertThat(tree.text("model.name")).contains("");
        assertThat(tree.text("model.sizes")).isEmpty();
        assertThat(tree.text("model.none")).isEmpty();
        assertThat(tree.section("seed").text("seed")).isEmpty();
        assertThat(tree.section("no.such").text("seed")).isEmpty();
    }

    @Test
    void read_noSuchFileOrNoText_saysSo(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("mine.yaml");
        assertThatThrownBy(() -> ConfigTree.read(missing))
                .isInstanceOf(ConfigException.class)
                .hasMessage(missing + " has 1 fault:\n  there is no such file");

        Path latin = Files.write(folder.resolve("latin.yaml"), "note: café".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ConfigTree.read(latin)).hasMessageEndingWith("this is not text in UTF-8");
        assertThatThrownBy(() -> ConfigTree.read(folder)).hasMessageContaining("this cannot be read: ");
    }

    @Test
    void parse_nothing_saysThatItIsEmpty() {
        String message =
                "a.yaml has 1 fault:\n" + "  this is empty: write keys with their values, such as seed: 1   (a.yaml:1)";

        assertThatThrownBy(() -> ConfigTree.parse("", "a.yaml")).hasMessage(message);
        assertThatThrownBy(() -> ConfigTree.parse("# only a remark\n", "a.yaml"))
                .hasMessage(message);
        assertThatThrownBy(() -> ConfigTree.parse("---\n", "a.yaml")).hasMessage(message);
    }

    @Test
    void parse_noMapping_saysWhatIsExpected() {
        String message = "a.yaml has 1 fault:\n"
                + "  this is not a list of keys with their values, such as seed: 1   (a.yaml:2)";

        assertThatThrownBy(() -> ConfigTree.parse("\n- seed\n", "a.yaml")).hasMessage(message);
        assertThatThrownBy(() -> ConfigTree.parse("\nseed=1\n", "a.yaml")).hasMessage(message);
    }

    @Test
    void parse_nestedTooDeeply_saysSo() {
        assertThatThrownBy(() -> ConfigTree.parse("a: " + "[".repeat(50_000), "a.yaml"))
                .hasMessage("a.yaml has 1 fault:\n  is nested too deeply   (a.yaml)");
    }

    @Test
    void parse_tagOfAJavaClass_isRefused() {
        assertThatThrownBy(() -> bind(ConfigTree.parse("seed: !!java.lang.Runtime {}\n", "a.yaml")))
                .hasMessageContaining(
                        "the tag tag:yaml.org,2002:java.lang.Runtime cannot be used: write a plain value");
    }

    @Test
    void parse_tab_saysWhere() {
        assertThatThrownBy(() -> ConfigTree.parse("model:\n\tsizes: [2, 3]\n", "a.yaml"))
                .hasMessage(
                        "a.yaml has 1 fault:\n" + "  a tab cannot indent or begin a value: use spaces   (a.yaml:2:1)");
    }

    @Test
    void parse_brokenYaml_saysWhereAndWhatIsExpected() {
        assertThatThrownBy(() -> ConfigTree.parse("model:\n  sizes: [2, 3\nseed: 1\n", "a.yaml"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(
                        "a.yaml has 1 fault:\n  this is not YAML: while parsing a flow sequence: expected")
                .hasMessageEndingWith("(a.yaml:3:5)");
        assertThatThrownBy(() -> ConfigTree.parse("seed: 1\n---\nseed: 2\n", "a.yaml"))
                .hasMessageContaining("single document");
        assertThatThrownBy(() -> ConfigTree.parse("note: \u0001\n", "a.yaml"))
                .hasMessageContaining("the character U+0001 is not allowed in YAML   (a.yaml)");
    }

    @Test
    void parse_whatRecipesDoNotUse_isReportedWithLineAndColumn() {
        ConfigTree tree = ConfigTree.parse("""
                seed: 1
                seed: 2
                model: &m {kind: constant}
                train: {epochs: 1, epochs: 2}
                optimizer: {<<: {momentum: 0.5}}
                data: !special {shuffle: true}
                note: *m
                [a]: 3
                """, "a.yaml");

        assertThat(tree.faults())
                .containsExactly(
                        new Faults.Fault("seed", "is given twice, first in a.yaml:1", "a.yaml:2:1"),
                        new Faults.Fault(
                                "model",
                                "anchors (&) and aliases (*) cannot be used: write the value out",
                                "a.yaml:3:8"),
                        new Faults.Fault("train.epochs", "is given twice, first in a.yaml:4", "a.yaml:4:20"),
                        new Faults.Fault(
                                "optimizer.<<", "merge keys cannot be used: write the keys out", "a.yaml:5:13"),
                        new Faults.Fault("data", "the tag !special cannot be used: write a plain value", "a.yaml:6:7"),
                        new Faults.Fault(
                                "note",
                                "anchors (&) and aliases (*) cannot be used: write the value out",
                                "a.yaml:3:8"),
                        new Faults.Fault("", "a key must be a plain word, not a list or a mapping", "a.yaml:8:1"));
        assertThatThrownBy(() -> bind(tree)).hasMessageStartingWith("mine.yaml has 7 faults:");
    }

    @Test
    void with_text_isReadAsYaml() {
        Sample sample = bind(ConfigTree.empty()
                .with("seed", "12", "from --set")
                .with("data.shuffle", "false", "from --set")
                .with("model.sizes", "[784,256,10]", "from --set")
                .with("optimizer", "{kind: adam, learning_rate: 1e-2}", "from --set")
                .with("note", "", "from --set"));

        assertThat(sample.seed()).isEqualTo(12);
        assertThat(sample.data().shuffle()).isFalse();
        assertThat(sample.model()).isEqualTo(new Sample.MlpSection(List.of(784, 256, 10), Activation.RELU, 0.0));
        assertThat(sample.optimizer()).isEqualTo(new Adam(0.01, List.of(0.9, 0.999)));
        assertThat(sample.note()).isEmpty();
    }

    @Test
    void with_laterValue_replacesTheEarlierAndItsOrigin() {
        ConfigTree file = ConfigTree.parse("train: {epochs: 3}", "mine.yaml");
        ConfigTree set = file.with("train.epochs", "4", "from --set");

        assertThat(bind(file).train().epochs()).isEqualTo(3);
        assertThat(bind(set).train().epochs()).isEqualTo(4);
        assertThat(set.origin("train.epochs")).contains("from --set");
        assertThat(bind(set.with("train.epochs", "null", "from --set")).train().epochs())
                .isEqualTo(10);
        assertThat(bind(set.with("train.epochs", "# nothing", "from --set"))
                        .train()
                        .epochs())
                .isEqualTo(10);
    }

    @Test
    void with_element_setsItInTheList() {
        ConfigTree tree = ConfigTree.parse(
                "data: {features: [{kind: dense, name: a, missing: 1}, {kind: categorical}]}", "mine.yaml");

        assertThat(bind(tree.with("data.features[1].size", "5", "from --set"))
                        .data()
                        .features())
                .containsExactly(new Sample.Dense("a", 1), new Sample.Categorical("id", Optional.of(5)));
    }

    @Test
    void with_whatCannotBeSet_isReportedWithTheOtherFaults() {
        ConfigTree tree = ConfigTree.parse("model: {sizes: [1, 2]}\nseed: x", "mine.yaml")
                .with("model.sizes[2]", "3", "from --set")
                .with("data.features[0].name", "a", "from --set")
                .with("model..sizes", "3", "from --set")
                .with("train.epochs", "[1", "from --set");

        assertThat(catchThrowableOfType(ConfigException.class, () -> bind(tree)).faults())
                .contains(
                        new Faults.Fault(
                                "model.sizes[2]",
                                "there is no element 2: the list has 2, counted from 0",
                                "from --set"),
                        new Faults.Fault(
                                "data.features[0].name",
                                "no list is given here, so that no element can be set: set the list",
                                "from --set"),
                        new Faults.Fault(
                                "model..sizes",
                                "this is not a key: write words with dots between, such as optimizer.learning_rate",
                                "from --set"),
                        new Faults.Fault("seed", "\"x\" is not a whole number", "mine.yaml:2"))
                .anySatisfy(fault -> {
                    assertThat(fault.key()).isEqualTo("train.epochs");
                    assertThat(fault.message())
                            .startsWith("\"[1\" is not YAML: while parsing a flow sequence: expected");
                    assertThat(fault.origin()).isEqualTo("from --set");
                })
                .hasSize(5);
    }

    @Test
    void with_valuesFromJava_areTakenAsTheyAre() {
        Sample sample = bind(ConfigTree.empty()
                .with("seed", 12L)
                .with("data.path", Path.of("pictures", "of: clothes"))
                .with("data.shuffle", false)
                .with("data.features", List.of(new Sample.Sequence(List.of("a"))))
                .with("model.activation", Activation.LEAKY_RELU)
                .with("optimizer", new Sgd(0.1, 0.2, true))
                .with("train.clip", Optional.empty())
                .with("note", "null"));

        assertThat(sample)
                .isEqualTo(new Sample(
                        12,
                        new Sample.DataSection(
                                Path.of("pictures", "of: clothes").toString(),
                                32,
                                false,
                                List.of(new Sample.Sequence(List.of("a")))),
                        new Sample.MlpSection(List.of(784, 512, 10), Activation.LEAKY_RELU, 0),
                        new Sgd(0.1, 0.2, true),
                        new Sample.TrainSection(10, Optional.empty(), Optional.empty()),
                        Optional.of("null")));
    }

    @Test
    void with_wrongValueFromJava_saysWhereItCameFrom() {
        assertThatThrownBy(() -> bind(ConfigTree.empty().with("seed", 0.5)))
                .hasMessage("mine.yaml has 1 fault:\n  seed   0.5 is not a whole number   (from Java)");
        assertThatThrownBy(() -> ConfigTree.empty().with("seed", new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a recipe cannot hold a value of class java.lang.Object: give a boolean");
    }

    @Test
    void of_section_bindsToAnEqualOne() {
        assertThat(bind(ConfigTree.of(Sample.DEFAULT).with("optimizer.learning_rate", 0.5)))
                .isEqualTo(bind(ConfigTree.empty().with("optimizer.learning_rate", 0.5)));
    }

    private static Sample bind(ConfigTree tree) {
        return Binder.bind(Sample.class, tree, "mine.yaml");
    }
}
