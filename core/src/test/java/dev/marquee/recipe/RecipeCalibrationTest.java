package dev.marquee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeCalibrationTest {
    private static final String LOG = """
            data:
              kind: click_log
              path: log.csv
              features:
                - kind: dense
                  name: age
              labels:
                - name: click
              split:
                validation: %s
            model:
              kind: logistic_regression
            loss:
              kind: binary_cross_entropy
            train:
              calibration: isotonic
            """;

    @TempDir
    Path folder;

    @Test
    void calibration_absent_isNone() {
        assertThat(Recipe.DEFAULT.train().calibration()).isEqualTo(TrainConfig.Calibration.NONE);
    }

    @Test
    void calibration_withValidationRows_isReadAndWrittenBack() throws IOException {
        Recipe recipe = load("0.1");
        assertThat(recipe.train().calibration()).isEqualTo(TrainConfig.Calibration.ISOTONIC);
        assertThat(recipe.toYaml()).contains("calibration: isotonic");
    }

    @Test
    void calibration_withoutValidationRows_isRefused() {
        assertThatThrownBy(() -> load("0"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("train.calibration")
                .hasMessageContaining("needs validation data, such as data.split.validation above 0");
    }

    @Test
    void calibration_ofPictures_isRefused() {
        assertThatThrownBy(() -> Recipe.DEFAULT.with("train.calibration", "platt"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must be none for pictures");
    }

    private Recipe load(String share) throws IOException {
        return Recipe.load(Files.writeString(folder.resolve("recipe.yaml"), LOG.formatted(share)));
    }
}
