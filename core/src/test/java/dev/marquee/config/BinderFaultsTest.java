package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinderFaultsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    seed: ten                        | seed | "ten" is not a whole number
                    seed: 1.5                        | seed | 1.5 is not a whole number
                    seed: true                       | seed | true is not a whole number
                    seed: 1e6                        | seed | 1e6 is not a whole number: write 1000000
                    seed: 1_000                      | seed | "1_000" is not a whole number: write 1000
                    seed: "10"                       | seed | "10" is text, not a whole number: remove the quotes
                    seed: [1]                        | seed | a list where a whole number is expected
                    seed: {a: 1}                     | seed | a section where a whole number is expected
                    seed: 9223372036854775808        | seed | 9223372036854775808 is too large: at most 9223372036854775807
                    train: {epochs: -3000000000}     | train.epochs | -3000000000 is too small: at least -2147483648
                    train: {epochs: 0}               | train.epochs | 0 is not between 1 and 1000
                    train: {clip: 0.0}               | train.clip | 0.0 is not a positive number
                    train: {clip: much}              | train.clip | "much" is not a number
                    data: {batch_size: -3}           | data.batch_size | -3 is not a positive number
                    data: {shuffle: yes}             | data.shuffle | "yes" is not true or false
                    data: {shuffle: "true"}          | data.shuffle | "true" is text, not true or false: remove the quotes
                    data: {path: [a]}                | data.path | a list where text is expected
                    data: 3                          | data | 3 is not a section: write keys with their values beneath
                    data: [3]                        | data | a list where a section is expected
                    data: {features: x}              | data.features | "x" is not a list of sections: write [x]
                    data: {features: [{name: a}]}    | data.features[0].kind | is missing: give one of dense, categorical, sequence
                    data: {features: [{kind: [a]}]}  | data.features[0].kind | a list where one of dense, categorical, sequence is expected
                    data: {features: [{kind: categorical, size: 1}]}           | data.features[0].size | 1 is not 2 or more
                    data: {features: [{kind: dense, name: a, missing: 10}]}    | data.features[0].missing | 10 is not more than -10 and less than 10
                    data: {features: [{kind: sequence, names: [a, null]}]}     | data.features[0].names[1] | is missing: give text
                    model: {sizes: 10}               | model.sizes | 10 is not a list of whole numbers: write [10]
                    model: {sizes: [5, 0]}           | model.sizes[1] | 0 is not a positive number
                    model: {activation: Relu}        | model.activation | "Relu" is not one of relu, leaky_relu, none; did you mean relu?
                    model: {activation: tanh}        | model.activation | "tanh" is not one of relu, leaky_relu, none
                    model: {dropout: 1.0}            | model.dropout | 1.0 is not at least 0 and less than 1
                    model: {dropout: .nan}           | model.dropout | .nan is not a finite number
                    model: {dropout: -.inf}          | model.dropout | -.inf is not a finite number
                    model: {dropout: 1e999}          | model.dropout | 1e999 is too large a number
                    model: {kind: transformer}       | model.kind | "transformer" is not one of mlp, constant
                    model: {sizes: [5]}              | model.sizes | a perceptron has at least two sizes, but here is [5]
                    optimizer: {kind: adm}           | optimizer.kind | "adm" is not one of sgd, adam; did you mean adam?
                    optimizer: {momentum: 1.2}       | optimizer.momentum | 1.2 is not between 0 and 1
                    optimizer: {kind: adam, betas: [0.1]}                      | optimizer.betas | two are needed, not 1
                    optimizer: {kind: adam, momentum: 0.5}                     | optimizer.momentum | unknown key for adam: it belongs to sgd
                    optimizer: {learning_rat: 0.1}   | optimizer.learning_rat | unknown key; did you mean optimizer.learning_rate?
                    optimzer: {learning_rate: 0.1}   | optimzer | unknown key; did you mean optimizer?
                    train: {batch_size: 3}           | train.batch_size | unknown key; did you mean data.batch_size?
                    data.batch_size: 3               | data.batch_size | unknown key; did you mean data.batch_size?
                    data: {colour: red}              | data.colour | unknown key; known here: path, batch_size, shuffle, features
                    model: {kind: constant, colour: red}                       | model.colour | unknown key; known here: kind
                    colour: red                      | colour | unknown key; known here: seed, data, model, optimizer, train, note
                    """)
    void bind_oneFault_saysWhatWasGivenAndWhatIsAllowed(String yaml, String key, String message) {
        assertThat(faults(yaml)).containsExactly(new Faults.Fault(key, message, "mine.yaml:1"));
    }

    @Test
    void bind_typoWrongTypeAndContradictions_areToldTogether() {
        String yaml = """
                sead: 1
                model: {sizes: [3]}
                optimizer: {nesterov: true, learning_rate: fast}
                data: {batch_size: 13, shuffle: maybe}
                """;

        assertThat(keys(yaml))
                .containsExactly(
                        "sead", "data.shuffle", "model.sizes", "optimizer.learning_rate", "optimizer.nesterov");
    }

    @Test
    void bind_recordWithoutDefault_missesAllItsKeys() {
        assertThat(keys("data: {features: [{kind: dense}]}"))
                .containsExactly("data.features[0].name", "data.features[0].missing");
        assertThat(keys("data: {features: [{kind: dense, name: [a], missing: b}]}"))
                .containsExactly("data.features[0].name", "data.features[0].missing");
    }

    @Test
    void bind_contradictionBetweenSections_isToldBesideOtherFaults() {
        assertThat(faults("data: {batch_size: 13}\nseed: x"))
                .containsExactly(
                        new Faults.Fault("seed", "\"x\" is not a whole number", "mine.yaml:2"),
                        new Faults.Fault(
                                "train.epochs", "more than one epoch does not go with data.batch_size 13", ""));
    }

    @Test
    void bind_contradictionThatNamesAWrongValue_isLeftOut() {
        assertThat(keys("optimizer: {nesterov: true, momentum: much}")).containsExactly("optimizer.momentum");
    }

    @Test
    void bind_contradictionWithTheStandInForAWrongName_isLeftOut() {
        assertThat(keys("model: {activation: relu, dropout: 0.25}")).containsExactly("model.dropout");
        assertThat(keys("model: {activation: rilu, dropout: 0.25}")).containsExactly("model.activation");
    }

    @Test
    void bind_keyOfAnotherKindResetToNull_isNoFault() {
        ConfigTree tree = ConfigTree.parse("optimizer: {momentum: 0.5}", "mine.yaml")
                .with("optimizer.kind", "adam", "from --set")
                .with("optimizer.momentum", "null", "from --set");

        assertThat(Binder.bind(Sample.class, tree, "mine.yaml").optimizer()).isEqualTo(Sample.Adam.DEFAULT);
    }

    @Test
    void bind_constructorWithABug_passesItsExceptionOn() {
        assertThatThrownBy(() -> Binder.bind(Buggy.class, ConfigTree.empty(), "mine.yaml"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug");
    }

    record Buggy(@About("Something") Optional<Integer> value) implements Section {
        Buggy {
            throw new IllegalStateException("a bug");
        }
    }

    private static List<Faults.Fault> faults(String yaml) {
        ConfigTree tree = ConfigTree.parse(yaml, "mine.yaml");
        return catchThrowableOfType(ConfigException.class, () -> Binder.bind(Sample.class, tree, "mine.yaml"))
                .faults();
    }

    private static List<String> keys(String yaml) {
        return faults(yaml).stream().map(Faults.Fault::key).collect(Collectors.toList());
    }
}
