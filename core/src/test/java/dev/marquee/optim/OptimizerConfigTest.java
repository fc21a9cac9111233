package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.config.ConfigException;
import dev.marquee.config.Faults;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class OptimizerConfigTest {
    @ParameterizedTest
    @EnumSource(OptimizerConfig.Name.class)
    void check_defaultsOfEachOptimiser_haveNoFault(OptimizerConfig.Name name) {
        Faults faults = new Faults();
        OptimizerConfig.of(name, 0.1).check(faults);
        assertThat(faults.list()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "adam|{\"momentum\": 0.9}|momentum|is not an option of adam; leave it out",
                "rmsprop|{\"dampening\": 0.1}|dampening|is not an option of rmsprop; leave it out",
                "adamw|{\"nesterov\": true}|nesterov|is not an option of adamw; leave it out",
                "sgd|{\"beta1\": 0.9}|beta1|is not an option of sgd; leave it out",
                "adagrad|{\"beta2\": 0.9}|beta2|is not an option of adagrad; leave it out",
                "sgd|{\"epsilon\": 0.1}|epsilon|is not an option of sgd; leave it out",
                "adam|{\"alpha\": 0.1}|alpha|is not an option of adam; leave it out",
                "adam|{\"centered\": true}|centered|is not an option of adam; leave it out",
                "sgd|{\"nesterov\": true}|nesterov|needs momentum above 0",
                "sgd|{\"dampening\": 0.5}|dampening|needs momentum above 0",
                "sgd|{\"momentum\": 0.9, \"nesterov\": true, \"dampening\": 0.5}|dampening|must be 0 with nesterov, not 0.5"
            })
    void check_contradiction_isOneFaultThatNamesTheKey(String name, String options, String key, String message)
            throws Exception {
        Faults faults = new Faults();
        config(name, options).check(faults);
        assertThat(faults.list()).containsExactly(new Faults.Fault(key, message, ""));
    }

    @Test
    void create_severalContradictions_saysAllOfThem() throws Exception {
        OptimizerConfig config = config("adam", "{\"momentum\": 0.9, \"nesterov\": true}");
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            assertThatThrownBy(() -> config.create(parameters))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("momentum")
                    .hasMessageContaining("nesterov");
        }
    }

    private static OptimizerConfig config(String name, String options) throws Exception {
        return OptimizersTest.config(
                new ObjectMapper().readTree("{\"name\": \"" + name + "\", \"options\": " + options + "}"));
    }
}
