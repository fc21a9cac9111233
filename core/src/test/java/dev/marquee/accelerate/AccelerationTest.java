package dev.marquee.accelerate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.config.ConfigDifference;
import dev.marquee.measure.Machine;
import dev.marquee.measure.Processor;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import dev.marquee.train.StepWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccelerationTest {
    private static final StepWork WORK = new StepWork(5e6, 1e5);

    @TempDir
    Path folder;

    @Test
    void recipeYaml_winner_loadsAndDiffersInExactlyTheChangedKeys() throws IOException {
        RecipeSource source = RecipeSource.open("simulated_impressions_din").with("data.rows", "5000", "from a test");
        Recipe given = source.bind();
        Map<String, Object> settings = Map.of(
                "engine.precision", "bfloat16", "data.batch_size", 1024, "optimizer.sparse.name", "rowwise_adagrad");
        Recipe winner = Winner.of(given.with("engine.fused", false), settings, true);
        String yaml = acceleration(given, winner, settings).recipeYaml(source);
        Recipe loaded = Recipe.load(Files.writeString(folder.resolve("fast.yaml"), yaml));
        assertThat(loaded).isEqualTo(winner);
        assertThat(ConfigDifference.between(given, loaded).stream().map(ConfigDifference::key))
                .containsExactlyInAnyOrder(
                        "engine.precision", "data.batch_size", "optimizer.sparse.name", "engine.fused");
        assertThat(yaml)
                .contains("# was float32; everything (alone 2.00 × the baseline)")
                .contains("rows: 5000")
                .doesNotContain("checkpoint.keep", "users");
    }

    @Test
    void winner_replicasThatTheRecipeChoosesByItself_leavesItsNumbersAlone() {
        Recipe given = Recipe.named("simulated_impressions_din");
        int cores = Runtime.getRuntime().availableProcessors();
        Map<String, Object> settings = Map.of("engine.threads", cores, "engine.replicas", cores, "engine.fused", true);
        assertThat(Winner.of(given, settings, true)).isEqualTo(given);
    }

    @Test
    void page_ofAnAcceleration_standsAloneAndHoldsItsFigures() throws IOException {
        Recipe given = Recipe.named("simulated_impressions_din");
        String html = AccelerationPage.html(acceleration(given, given, Map.of()), "seed: 1 # </script>");
        assertThat(html).contains("everything", "\"roof_percent\"", "made up").doesNotContain("{{", "http-equiv");
        assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://", "https://");
        assertThat(html.split("</script>", -1)).hasSize(3);
    }

    @Test
    void gflops_ofAFinding_areTheCountedWorkTimesItsRate() {
        Recipe given = Recipe.named("simulated_impressions_din");
        Acceleration acceleration = acceleration(given, given, Map.of());
        Finding finding = acceleration.findings().get(0);
        assertThat(acceleration.gflops(finding)).isEqualTo(5); // 1,000 samples/s of 5 MFLOP
        assertThat(acceleration.intensity(finding)).isEqualTo(50);
    }

    private static Acceleration acceleration(Recipe given, Recipe winner, Map<String, Object> settings) {
        Spread rate = new Spread(1000, 900, 1100, 9);
        Gain gain = new Gain(2, 1.9, 2.1);
        Finding one = new Finding(
                "everything", "All.", settings, Finding.Verdict.RECOMMENDED, "faster", 1024, rate, gain, 5, WORK, null);
        Finding best =
                new Finding("best: all", "All.", settings, Finding.Verdict.BEST, "", 1024, rate, gain, 5, WORK, null);
        Spread roof = new Spread(100, 90, 110, 5);
        return new Acceleration(
                "simulated_impressions_din",
                given,
                winner,
                List.of(one, best),
                true,
                AccelerateOptions.DEFAULT,
                new Machine(
                        new Processor("made up", 2, List.of(), List.of()),
                        2,
                        1L << 34,
                        "Linux",
                        "Java",
                        "2",
                        "AVX2",
                        "OpenBLAS",
                        2,
                        List.of("cpu"),
                        List.of()),
                new Roofline(2, 512, roof, roof, Optional.empty(), roof),
                1000,
                0);
    }
}
