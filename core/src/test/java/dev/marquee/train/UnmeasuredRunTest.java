package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.ConfigException;
import dev.marquee.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of the measures where nothing is held out, or what is held out tells nothing. */
class UnmeasuredRunTest {
    private static final String RECIPE = """
            data:
              kind: click_log
              path: %1$s/train.csv
              features: [{kind: dense, name: age}]
              labels: [{name: click}]
              batch_size: 64
              prepared: never
              split: {validation: 0, test: 0}
            model: {kind: logistic_regression}
            loss: {kind: binary_cross_entropy}
            train: {epochs: 2}
            engine: {threads: 1}
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void writeRows() throws IOException {
        Files.writeString(folder.resolve("train.csv"), rows(true));
        Files.writeString(folder.resolve("zeros.csv"), rows(false));
    }

    @Test
    void train_nothingHeldOut_leavesAWholeRunWithoutMetrics() throws IOException {
        Path path = folder.resolve("run");
        try (Run run = Trainer.train(recipe(), path, Progress.silent())) {
            assertThat(run.unfinishedAt()).isEmpty();
            assertThat(run.metrics()).isEmpty();
        }
        assertThat(path.resolve("report.html")).exists();
        assertThat(path.resolve("weights.safetensors")).exists();
    }

    @Test
    void train_validationRowsOfOneClass_warnsAndEndsWithTheLastWeights() throws IOException {
        Recipe recipe = recipe().with("data.validation_path", folder + "/zeros.csv")
                .with("checkpoint.select", "best")
                .with("checkpoint.metric", "auc");
        List<String> warnings = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void warning(String message) {
                warnings.add(message);
            }
        };
        try (Run run = Trainer.train(recipe, folder.resolve("run"), progress)) {
            assertThat(run.unfinishedAt()).isEmpty();
        }
        assertThat(warnings)
                .containsExactly(
                        "epoch 1 cannot be compared: the validation samples have no auc; do they hold both classes, and"
                                + " does checkpoint.metric suit them?",
                        "epoch 2 cannot be compared: the validation samples have no auc; do they hold both classes, and"
                                + " does checkpoint.metric suit them?",
                        "no epoch could be compared with the others: the run ends with the weights of the last step");
    }

    @Test
    void recipe_groupedAucWithoutAGroup_isRefusedBeforeTraining() {
        assertThatThrownBy(() -> recipe().with("checkpoint.metric", "gauc"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("gauc needs data.group: the column within which rows are ranked");
    }

    private Recipe recipe() throws IOException {
        return Recipe.load(Files.writeString(folder.resolve("mine.yaml"), RECIPE.formatted(folder)));
    }

    private static String rows(boolean clicks) {
        StringBuilder text = new StringBuilder("age,click\n");
        for (int i = 0; i < 200; i++) {
            text.append(20 + i % 50)
                    .append(',')
                    .append(clicks && i % 3 == 0 ? 1 : 0)
                    .append('\n');
        }
        return text.toString();
    }
}
