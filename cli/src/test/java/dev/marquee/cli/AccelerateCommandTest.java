package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class AccelerateCommandTest {
    @TempDir
    Path folder;

    @Test
    void accelerate_smallLog_writesTablePageAndARecipeThatTrains() throws IOException {
        Path recipe = TinyLog.recipe(folder.resolve("mine.yaml"), TinyLog.csv(folder.resolve("log.csv")));
        Path fast = folder.resolve("fast.yaml");
        Path page = folder.resolve("page.html");
        Cli found = Cli.run(
                "accelerate",
                recipe,
                "--seconds",
                1,
                "--turns",
                3,
                "--output",
                fast,
                "--report",
                page,
                "--set",
                "data.batch_size=10");
        assertThat(found.code()).as(found.err()).isZero();
        assertThat(found.out())
                .contains("technique", "baseline", "the recipe as it is", "replica threads", "row-wise Adagrad")
                .containsPattern("change:|nothing to change");
        assertThat(found.err()).contains("recipe   mine", "measure  speed", "wrote    " + page);
        assertThat(Files.readString(page)).contains("How to train", "batch size × 4");
        Recipe loaded = Recipe.load(fast);
        assertThat(loaded.model()).isEqualTo(Recipe.load(recipe).model());
        assertThat(loaded.data().batchSize()).isIn(10, 20, 40);
        Cli trained = Cli.run("train", fast, "--out", folder.resolve("run"), "--quiet");
        assertThat(trained.code()).as(trained.err()).isZero();
    }

    @Test
    void accelerate_picturesAsJson_printsOneObject() throws IOException {
        Path data = TinyPictures.write(folder.resolve("data"), 300, 20);
        Cli found = Cli.run(
                "accelerate",
                "fashion_mnist_perceptron",
                "--data",
                data,
                "--set",
                "model.sizes=[784, 16, 10]",
                "--set",
                "data.batch_size=4",
                "--seconds",
                1,
                "--turns",
                3,
                "--report",
                folder.resolve("page.html"),
                "--json",
                "--quiet");
        assertThat(found.code()).as(found.err()).isZero();
        assertThat(found.err()).isEmpty();
        JsonNode result = JsonMapper.builder().build().readTree(found.out());
        assertThat(result.path("complete").asBoolean()).isTrue();
        assertThat(result.path("roof").path("float32_gflops").asDouble()).isPositive();
        JsonNode baseline = result.path("findings").get(0);
        assertThat(baseline.path("verdict").asText()).isEqualTo("baseline");
        assertThat(baseline.path("samples_per_second").path("median").asDouble())
                .isPositive();
        assertThat(baseline.path("gain").path("times").asDouble()).isEqualTo(1);
    }

    @Test
    void accelerate_optionsThatMakeNoSense_areWrongUsage() {
        assertThat(Cli.run("accelerate", "fashion_mnist_perceptron", "--turns", 1))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(2))
                .satisfies(refused -> assertThat(refused.err()).contains("at least 3 turns", "not 1"));
        assertThat(Cli.run("accelerate", "--quality-tolerance", 5).err()).contains("such as 0.005, not 5.0");
        assertThat(Cli.run("accelerate", "--seconds", 0).err()).contains("above 0 seconds");
        assertThat(Cli.run("accelerate", "--seeds", 0).err()).contains("at least 1 seed");
    }

    @Test
    void accelerate_recipeOrFolderThatIsNotThere_isOneSentence() {
        Cli unknown = Cli.run("accelerate", "nothing");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err())
                .startsWith("marquee: there is no recipe named nothing")
                .hasLineCount(1);
        Path nowhere = folder.resolve("nowhere/fast.yaml");
        Cli failed = Cli.run("accelerate", "fashion_mnist_perceptron", "--output", nowhere);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .isEqualTo("marquee: cannot write " + nowhere + ": no such folder" + System.lineSeparator());
    }

    @Test
    void accelerate_missingData_isOneSentence() {
        Cli failed = Cli.run(
                "accelerate",
                "fashion_mnist_perceptron",
                "--data",
                folder.resolve("nowhere"),
                "--report",
                folder.resolve("page.html"),
                "--quiet");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("nowhere").doesNotContain("\tat ", "Exception");
        assertThat(folder.resolve("page.html")).doesNotExist();
    }

    @Test
    void line_narrowTerminal_losesTheBarBeforeTheNumbers() {
        assertThat(MeasuringBar.line("speed", 5, 10, 40)).isEqualTo("speed   50 %  |████████████            |");
        assertThat(MeasuringBar.line("speed", 5, 10, 14)).isEqualTo("speed   50 %");
        assertThat(MeasuringBar.line("speed", 5, 10, 6)).isEqualTo("speed ");
    }
}
