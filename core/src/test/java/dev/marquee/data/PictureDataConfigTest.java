package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PictureDataConfigTest {
    @Test
    void default_allKeys_areAsDocumented() {
        PictureDataConfig config = PictureDataConfig.DEFAULT;

        assertThat(config.source()).isEqualTo(DataSource.FASHION_MNIST);
        assertThat(config.path()).isEmpty();
        assertThat(config.batchSize()).isEqualTo(20);
        assertThat(config.shuffle()).isTrue();
        assertThat(config.validationFraction()).isZero();
        assertThat(config.classes()).isEqualTo(10);
        assertThat(config.download()).isTrue();
        assertThat(config.readers()).isEqualTo(1);
        assertThat(config.prefetch()).isEqualTo(4);
        assertThat(faults(config)).isEmpty();
    }

    @Test
    void components_all_sayWhatTheyAre() {
        assertThat(Arrays.stream(PictureDataConfig.class.getRecordComponents()))
                .allMatch(component -> component.isAnnotationPresent(About.class));
    }

    @Test
    void check_tooFewClasses_isAContradictionOnlyWithoutAPath() {
        assertThat(faults(with(Optional.empty(), 7)))
                .containsExactly(new Faults.Fault(
                        "classes",
                        "7 is fewer than the 10 classes of Fashion-MNIST; to read other pictures, give their folder"
                                + " as data.path",
                        ""));
        assertThat(faults(with(Optional.of("digits"), 7))).isEmpty();
    }

    @Test
    void check_blankPath_isAFault() {
        assertThat(faults(with(Optional.of(" "), 10)))
                .containsExactly(new Faults.Fault(
                        "path",
                        "the name of the folder is empty; leave the key out to find the pictures by data.source",
                        ""));
    }

    private static Iterable<Faults.Fault> faults(PictureDataConfig config) {
        Faults faults = new Faults();
        config.check(faults);
        return faults.list();
    }

    private static PictureDataConfig with(Optional<String> path, int classes) {
        return new PictureDataConfig(DataSource.FASHION_MNIST, path, 20, true, 0, classes, true, 1, 4);
    }
}
