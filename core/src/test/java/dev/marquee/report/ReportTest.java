package dev.marquee.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    Path folder;

    @Test
    void of_run_isOneFileThatAsksTheNetworkForNothing() throws IOException {
        String page = Report.of(run("clicks-1"));
        assertThat(page).contains("<title>clicks-1</title>", "uPlot", "\"training_loss\":0.5");
        assertThat(Pattern.compile("(src|href)\\s*=").matcher(page).find()).isFalse();
        assertThat(page).doesNotContain("{{");
    }

    @Test
    void of_recipeThatHoldsMarkup_cannotEndTheScriptThatHoldsTheData() throws IOException {
        Path run = run("clicks-1");
        Files.writeString(run.resolve("recipe.yaml"), "description: </script><script>alert(1)</script>\n");
        String page = Report.of(run);
        assertThat(page).doesNotContain("</script><script>alert").contains("\\u003c/script>");
    }

    @Test
    void of_runWithoutItsFiles_leavesGaps() throws IOException {
        assertThat(Report.of(Files.createDirectory(folder.resolve("empty")))).contains("<title>empty</title>");
    }

    @Test
    void of_severalRuns_showsTheirDifferences() throws IOException {
        String page = Report.of(
                List.of(run("a"), run("b")), "paired", List.of(Map.of("first", "a", "second", "b", "metric", "auc")));
        assertThat(page).contains("\"comparison\":\"paired\"", "\"metric\":\"auc\"", "2 runs side by side");
    }

    private Path run(String name) throws IOException {
        Path run = Files.createDirectory(folder.resolve(name));
        Files.writeString(run.resolve("recipe.yaml"), "description: a run\n");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":1,\"loss\":0.7}\n{\"step\":2,\"epoch\":1,\"training_loss\":0.5}\n");
        Files.writeString(run.resolve("summary.json"), "{\"test\":{\"auc\":0.7}}");
        return run;
    }
}
