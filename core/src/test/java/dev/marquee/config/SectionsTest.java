package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.Sample.DataSection;
import dev.marquee.config.Sample.Sgd;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SectionsTest {
    @Test
    void validate_allFaultsOfARecord_areThrownAtOnce() {
        assertThatThrownBy(() -> new Sgd(-0.5, 1.2, false))
                .isInstanceOf(ConfigException.class)
                .hasMessage("""
                        Sgd has 2 faults:
                          learning_rate   -0.5 is not a positive number
                          momentum        1.2 is not between 0 and 1""");
    }

    @Test
    void validate_numberAtABound_isAllowedUnlessTheBoundIsOpen() {
        assertThatNoException().isThrownBy(() -> new Sgd(Double.MIN_VALUE, 1.0, true));
        assertThatThrownBy(() -> new Sgd(0, 0, false)).hasMessageContaining("0 is not a positive number");
    }

    @Test
    void validate_notFinite_isRefusedWithAndWithoutARange() {
        assertThatThrownBy(() -> new Sgd(Double.NaN, 0, false)).hasMessageContaining("NaN is not a finite number");
        assertThatThrownBy(() -> new Sgd(Double.POSITIVE_INFINITY, 0, false))
                .hasMessageContaining("Infinity is not a finite number");
        assertThatThrownBy(() -> new Free(Double.NEGATIVE_INFINITY))
                .hasMessageContaining("-Infinity is not a finite number");
    }

    @Test
    void validate_elementsAndPresentValues_areChecked() {
        assertThatThrownBy(() -> new Sample.MlpSection(List.of(3, 0, -1), Sample.Activation.NONE, 0))
                .hasMessage("""
                        MlpSection has 2 faults:
                          sizes[1]   0 is not a positive number
                          sizes[2]   -1 is not a positive number""");
        assertThatThrownBy(() -> new Sample.TrainSection(1, Optional.of(-1.0), Optional.empty()))
                .hasMessageContaining("clip   -1 is not a positive number");
    }

    @Test
    @SuppressWarnings("NullAway")
    void validate_null_isRefused() {
        assertThatThrownBy(() -> new DataSection(null, 1, true, List.of()))
                .hasMessageContaining("path   must not be null");
        assertThatThrownBy(() -> new Sample.Sequence(Arrays.asList("a", null)))
                .hasMessageContaining("names[1]   must not be null");
    }

    @Test
    void validate_contradictionWithinAComponent_isFoundByTheOuterSection() {
        assertThatThrownBy(() -> new Sample.TrainSection(1, Optional.empty(), Optional.of(new Sgd(1, 0, true))))
                .hasMessage(
                        "TrainSection has 1 fault:\n" + "  finetune.nesterov   looking ahead needs a momentum above 0");
    }

    @Test
    void validate_tooFewValues_isABug() {
        assertThatThrownBy(() -> Sections.validate(Sgd.class, 0.1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must hand over all its components");
    }

    @Test
    void checked_contradiction_isThrown() {
        assertThatThrownBy(() -> Sections.checked(new Sgd(1, 0, true)))
                .isInstanceOf(ConfigException.class)
                .hasMessage("Sgd has 1 fault:\n  nesterov   looking ahead needs a momentum above 0");
    }

    @Test
    void checked_soundSection_isReturned() {
        assertThat(Sections.checked(Sample.DEFAULT)).isSameAs(Sample.DEFAULT);
    }

    record Free(@About("Any number") double value) implements Section {
        Free {
            Sections.validate(Free.class, value);
        }
    }
}
