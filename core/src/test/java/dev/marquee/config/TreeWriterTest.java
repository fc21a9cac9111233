package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.recipe.RecipeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TreeWriterTest {
    @TempDir
    Path folder;

    static Stream<String> recipes() {
        return RecipeSource.names().stream();
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void toYaml_everyRecipe_bindsBackToAnEqualOne(String name) throws IOException {
        RecipeSource source = RecipeSource.open(name);
        Path file = Files.writeString(folder.resolve("again.yaml"), source.toYaml(Map.of()));
        assertThat(RecipeSource.ofFile(file).bind()).isEqualTo(source.bind());
    }

    @Test
    void write_treeWithComments_putsThemAboveTheirKeys() {
        ConfigTree tree = ConfigTree.parse("""
                seed: 3
                data: {kind: click_log, path: "a b: c", columns: [x, '1', 2, "yes"]}
                model: {rate: 1e-3, off: null, text: 'null', deep: {list: [{name: x, size: 2}, {name: "#y"}]}}
                """, "mine.yaml").with("data.batch_size", "512", "from a test");
        assertThat(ConfigWriter.write(tree, Map.of("data.batch_size", "was 64", "seed", "any")))
                .isEqualTo("""
                # any
                seed: 3
                data:
                  kind: click_log
                  path: "a b: c"
                  columns: [x, "1", 2, "yes"]
                  # was 64
                  batch_size: 512
                model:
                  rate: 1e-3
                  "off": null
                  text: "null"
                  deep:
                    list:
                      - {name: x, size: 2}
                      - {name: "#y"}
                """);
    }
}
