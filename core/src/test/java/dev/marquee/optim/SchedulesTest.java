package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.marquee.config.ConfigException;
import dev.marquee.config.Faults;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares rates with those of PyTorch's schedulers; see {@code parity/record_schedules.py}. */
final class SchedulesTest {
    private static final double BASE = 0.1;

    static Stream<Arguments> cases() throws IOException {
        return arguments(recorded().get("cases"));
    }

    static Stream<Arguments> plateaus() throws IOException {
        return arguments(recorded().get("plateaus"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void learningRate_everyStepOfARun_agreesWithPyTorch(JsonNode options, JsonNode rates) {
        Schedule schedule = config(options).create(BASE, 10, 6);
        for (int step = 0; step < rates.size(); step++) {
            assertThat(schedule.learningRate(step))
                    .as("step %d", step)
                    .isCloseTo(rates.get(step).doubleValue(), within(1e-14));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void learningRate_afterTheEndOfTheRun_isNeverNegativeNorAboveTheBase(JsonNode options, JsonNode rates) {
        Schedule schedule = config(options).create(BASE, 10, 6);
        assertThat(schedule.learningRate(1_000)).isBetween(0.0, BASE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plateaus")
    void observe_losses_reducesTheRateAsPyTorch(JsonNode options, JsonNode rates) throws IOException {
        JsonNode losses = recorded().get("losses");
        Schedule schedule = plateau(options);
        for (int epoch = 0; epoch < rates.size(); epoch++) {
            schedule.observe(losses.get(epoch).doubleValue());
            assertThat(schedule.learningRate(0)).isEqualTo(rates.get(epoch).doubleValue());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plateaus")
    void load_stateSavedAtAnyEpoch_goesOnTheSame(JsonNode options, JsonNode rates) throws IOException {
        JsonNode losses = recorded().get("losses");
        Schedule schedule = plateau(options);
        for (int epoch = 0; epoch < rates.size(); epoch++) {
            Schedule fresh = plateau(options);
            fresh.load(schedule.state());
            fresh.observe(losses.get(epoch).doubleValue());
            schedule.observe(losses.get(epoch).doubleValue());
            assertThat(fresh.state()).isEqualTo(schedule.state());
            assertThat(fresh.learningRate(0)).isEqualTo(rates.get(epoch).doubleValue());
        }
    }

    @Test
    void learningRate_plateauWithWarmUp_isTheProductAndKeepsTheState() {
        ScheduleConfig config = new ScheduleConfig(
                ScheduleConfig.Name.REDUCE_ON_PLATEAU,
                4,
                0.5,
                ScheduleConfig.Scaling.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(0),
                Optional.of(0.5),
                Optional.empty());
        Schedule schedule = config.create(0.8, 2, 10);
        schedule.observe(1);
        schedule.observe(1);
        assertThat(schedule.learningRate(0)).isEqualTo(0.2);
        assertThat(schedule.learningRate(2)).isCloseTo(0.3, within(1e-15));
        assertThat(schedule.learningRate(4)).isEqualTo(0.4);
        Schedule fresh = config.create(0.8, 2, 10);
        fresh.load(schedule.state());
        assertThat(fresh.learningRate(4)).isEqualTo(0.4);
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, , 1024, 0.1",
        "LINEAR, 256, 256, 0.1",
        "LINEAR, 256, 1024, 0.4",
        "LINEAR, 256, 64, 0.025",
        "SQUARE_ROOT, 256, 1024, 0.2",
        "SQUARE_ROOT, 100, 64, 0.08"
    })
    void scaled_batchOfAnotherSizeThanTheReference_followsIt(
            ScheduleConfig.Scaling scaling, Integer reference, int batchSize, double rate) {
        assertThat(scaling(scaling, Optional.ofNullable(reference)).scaled(0.1, batchSize))
                .isCloseTo(rate, within(1e-15));
    }

    @Test
    void check_scalingAndReferenceWithoutEachOther_areRefusedByName() {
        for (ScheduleConfig config : new ScheduleConfig[] {
            scaling(ScheduleConfig.Scaling.LINEAR, Optional.empty()),
            scaling(ScheduleConfig.Scaling.NONE, Optional.of(8))
        }) {
            Faults faults = new Faults();
            config.check(faults);
            assertThat(faults.list()).singleElement().satisfies(fault -> {
                assertThat(fault.key()).isEqualTo("reference_batch_size");
                assertThat(fault.message()).contains("scale_with_batch");
            });
        }
    }

    @Test
    void observe_lossNotANumber_countsAsNotBetter() {
        Schedule schedule = new ReduceOnPlateau(1, 0.5, 0, 0, 0);
        schedule.observe(Double.NaN);
        assertThat(schedule.learningRate(0)).isEqualTo(0.5);
        assertThat(schedule.state()).doesNotContainKey("best");
    }

    @Test
    void load_stateThatDoesNotFit_saysWhatIsNeeded() {
        assertThatThrownBy(() -> new ReduceOnPlateau(1, 0.5, 0, 0, 0).load(Map.of("rate", 1.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the state of reduce_on_plateau needs learning_rate and bad_epochs, and may have best, but"
                        + " it has [rate]");
        assertThatThrownBy(() -> ScheduleConfig.DEFAULT.create(1, 1, 1).load(Map.of("best", 1.0)))
                .hasMessage("this schedule remembers nothing, but the saved one did: [best]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"name\": \"constant\", \"step_epochs\": 2}|step_epochs|is not an option of constant; leave it out",
                "{\"name\": \"cosine\", \"gamma\": 0.5}|gamma|is not an option of cosine; leave it out",
                "{\"name\": \"constant\", \"min_learning_rate\": 0.5}|min_learning_rate|is not an option of constant; leave it out",
                "{\"name\": \"cosine\", \"patience\": 5}|patience|is not an option of cosine; leave it out",
                "{\"name\": \"cosine\", \"factor\": 0.5}|factor|is not an option of cosine; leave it out",
                "{\"name\": \"cosine\", \"threshold\": 0.5}|threshold|is not an option of cosine; leave it out",
                "{\"name\": \"step\"}|step_epochs|is needed by step: after how many epochs the rate is multiplied by gamma",
                "{\"name\": \"linear_warmup\"}|warmup_steps|must be at least 1 for linear_warmup"
            })
    void check_contradiction_isOneFaultThatNamesTheKey(String options, String key, String message) throws IOException {
        Faults faults = new Faults();
        config(new ObjectMapper().readTree(options)).check(faults);
        assertThat(faults.list()).containsExactly(new Faults.Fault(key, message, ""));
    }

    @Test
    void create_lowestRateAboveTheBase_isRefused() throws IOException {
        ScheduleConfig config =
                config(new ObjectMapper().readTree("{\"name\": \"cosine\", \"min_learning_rate\": 0.5}"));
        assertThatThrownBy(() -> config.create(BASE, 10, 6))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("min_learning_rate   0.5 is above the learning rate, 0.1");
    }

    @Test
    void create_noSteps_isRefused() {
        assertThatThrownBy(() -> ScheduleConfig.DEFAULT.create(BASE, 0, 6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a schedule needs at least one step and one epoch, not 0 steps per epoch and 6 epochs");
    }

    @Test
    void learningRate_warmUpLongerThanACosineRun_staysDefined() {
        Schedule schedule = ScheduleConfig.of(ScheduleConfig.Name.COSINE, 100).create(BASE, 10, 6);
        assertThat(schedule.learningRate(59)).isCloseTo(BASE * (0.1 + 0.9 * 0.59), within(1e-15));
    }

    private static JsonNode recorded() throws IOException {
        try (InputStream in = Objects.requireNonNull(SchedulesTest.class.getResourceAsStream("schedules.json"))) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static Stream<Arguments> arguments(JsonNode cases) {
        return StreamSupport.stream(cases.spliterator(), false)
                .map(recorded -> Arguments.of(recorded.get("options"), recorded.get("rates")));
    }

    private static Schedule plateau(JsonNode options) {
        ScheduleConfig config = config(options);
        return new ScheduleConfig(
                        ScheduleConfig.Name.REDUCE_ON_PLATEAU,
                        0,
                        0.1,
                        ScheduleConfig.Scaling.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        config.minLearningRate(),
                        config.patience(),
                        config.factor(),
                        config.threshold())
                .create(BASE, 10, 6);
    }

    private static ScheduleConfig config(JsonNode options) {
        String name = options.path("name").asText("constant").toUpperCase(Locale.ROOT);
        return new ScheduleConfig(
                ScheduleConfig.Name.valueOf(name),
                options.path("warmup_steps").asLong(0),
                options.path("warmup_factor").asDouble(0.1),
                ScheduleConfig.Scaling.NONE,
                Optional.empty(),
                number(options, "step_epochs").map(Double::intValue),
                number(options, "gamma"),
                number(options, "min_learning_rate"),
                number(options, "patience").map(Double::intValue),
                number(options, "factor"),
                number(options, "threshold"));
    }

    private static ScheduleConfig scaling(ScheduleConfig.Scaling scaling, Optional<Integer> reference) {
        Optional<Double> absent = Optional.empty();
        return new ScheduleConfig(
                ScheduleConfig.Name.CONSTANT,
                0,
                0.1,
                scaling,
                reference,
                Optional.empty(),
                absent,
                absent,
                Optional.empty(),
                absent,
                absent);
    }

    private static Optional<Double> number(JsonNode options, String key) {
        return options.has(key) ? Optional.of(options.get(key).doubleValue()) : Optional.empty();
    }
}
