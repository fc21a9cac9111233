package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InitCommandTest {
    @TempDir
    static Path shared;

    private static Path csv;
    private static Path later;

    @TempDir
    Path folder;

    @BeforeAll
    static void writeALog() {
        csv = TinyLog.csv(shared.resolve("clicks.csv"));
        TinyLog.parquet(csv, shared.resolve("clicks.parquet"));
        later = TinyLog.csv(shared.resolve("later.csv"), 600, 80);
        TinyLog.parquet(later, shared.resolve("later.parquet"));
    }

    @ParameterizedTest
    @ValueSource(strings = {".csv", ".parquet"})
    void init_fileNeverSeen_givesARecipeThatTrainsUnchanged(String ending) throws IOException {
        Path recipe = folder.resolve("mine.yaml");
        Path run = folder.resolve("run");
        Cli made = Cli.run("init", "--data", shared.resolve("clicks" + ending), "--label", "click", "--output", recipe);
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).isEmpty();
        assertThat(made.err().lines())
                .anyMatch(line -> line.matches("rows     600 looked at, of .*clicks" + ending))
                .anyMatch(line -> line.matches("label    click: \\d\\d\\.\\d % are 1"))
                .contains(
                        "features 7: 4 categorical, 1 dense, 2 sequence",
                        "left out impression: identifies a row: 600 distinct values in 600 rows",
                        "left out country: is the same in all rows",
                        "left out charged: tells the label by itself (AUC 1.000): probably known only afterwards",
                        "split    by time (shown_at): 10 % for validation, the latest 10 % for the test",
                        "group    user_id: gAUC ranks the rows within each",
                        "wrote    " + recipe + ": read it, then  marquee train " + recipe);
        assertThat(Files.readString(recipe))
                .contains(
                        "target: ad_id, history: seen_ads}", "target: slot, history: seen_ads}", "keys: [impression]");

        String cache = "data.prepared_path=" + folder.resolve("prepared");
        Cli trained = Cli.run("train", recipe, "--out", run, "--set", "train.epochs=1", "--set", cache);
        assertThat(trained.code()).as(trained.err()).isZero();

        Path unseen = shared.resolve("later" + ending);
        Cli evaluated = Cli.run("evaluate", run, "--data", unseen, "--json");
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        JsonNode metrics = JsonMapper.builder().build().readTree(evaluated.out());
        assertThat(metrics.path("rows").asInt()).isEqualTo(80);
        for (String metric : List.of("auc", "gauc", "log_loss", "normalized_entropy", "calibration")) {
            assertThat(metrics.path(metric).isNumber()).as(metric).isTrue();
        }

        Path scores = folder.resolve("scores.csv");
        Cli predicted = Cli.run("predict", run, "--data", unseen, "--output", scores);
        assertThat(predicted.code()).as(predicted.err()).isZero();
        List<String> lines = Files.readAllLines(scores);
        assertThat(lines).hasSize(81).first().isEqualTo("impression,score");
        assertThat(lines.get(1)).matches("i600,0\\.\\d+");
    }

    @Test
    void init_withoutOutput_printsTheRecipeOnStandardOutputAndTheRestOnStandardError() {
        Cli made = Cli.run("init", "--data", csv, "--label", "click");
        assertThat(made.out()).startsWith("# Guessed from 600 rows").contains("path: " + csv);
        assertThat(made.err()).contains("next     keep the recipe with --output mine.yaml");
    }

    @Test
    void init_json_isOneObject() throws IOException {
        Cli made = Cli.run("init", "--data", csv, "--label", "click", "--json");
        JsonNode json = JsonMapper.builder().build().readTree(made.out());
        assertThat(json.path("rate").asDouble()).isBetween(0.2, 0.6);
        assertThat(json.path("features").path("sequence").asInt()).isEqualTo(2);
        assertThat(json.path("left_out").path("country").asText()).isEqualTo("is the same in all rows");
        assertThat(json.path("split").asText()).isEqualTo("time");
        assertThat(json.path("keys").path(0).asText()).isEqualTo("impression");
        assertThat(json.path("recipe").asText()).contains("kind: click_log");
    }

    @Test
    void init_fileThatExists_isOverwrittenOnlyWithForce() throws IOException {
        Path recipe = Files.writeString(folder.resolve("mine.yaml"), "seed: 7\n");
        Cli refused = Cli.run("init", "--data", csv, "--label", "click", "--output", recipe);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .isEqualTo("marquee: " + recipe + " exists: name another --output, or overwrite it with --force"
                        + System.lineSeparator());
        assertThat(recipe).hasContent("seed: 7");
        Cli forced = Cli.run("init", "--data", csv, "--label", "click", "--output", recipe, "--force");
        assertThat(forced.code()).isZero();
        assertThat(recipe).content().contains("kind: click_log");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.toList()).containsExactly(recipe);
        }
    }

    @Test
    void init_linesWithoutNamesAndATextLabel_takesWhatIsGiven() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            lines.add((i % 9 == 0 ? "yes" : "no") + "\tu" + i % 13 + "\t" + i % 70);
        }
        Path file = Files.write(folder.resolve("raw.txt"), lines);
        Cli made = Cli.run(
                "init", "--data", file, "--label", "sold", "--columns", "sold,shop,stock", "--delimiter", "\\t");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out())
                .contains(
                        "    delimiter: \"\\t\"",
                        "    columns: [sold, shop, stock]",
                        "    - {name: sold, positive: [\"yes\"]}  # 11.5 % are 1: the rarer of 2 values, yes / no");
    }

    @Test
    void init_query_isKeptInTheRecipe() {
        Cli made = Cli.run(
                "init", "--data", csv, "--label", "click", "--sql", "SELECT click, ad_id, hour(shown_at) h FROM data");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).contains("    sql: \"SELECT click, ad_id, hour(shown_at) h FROM data\"", "name: h}");
    }

    @Test
    void init_faults_areOneSentence() throws IOException {
        assertThat(Cli.run("init", "--label", "click").code()).isEqualTo(2);
        fails("has no column clik to predict", "--data", csv, "--label", "clik");
        fails("is always nowhere: nothing can be learnt from it", "--data", csv, "--label", "country");
        fails("there is no file", "--data", folder.resolve("no.csv"), "--label", "click");
        Path only = Files.writeString(folder.resolve("only.csv"), "click,same\n" + "1,x\n0,x\n".repeat(30));
        fails(
                "no column is left to learn click from: same is the same in all rows",
                "--data",
                only,
                "--label",
                "click");
        Path nowhere = folder.resolve("none/mine.yaml");
        fails("cannot write " + nowhere + ": no such folder", "--data", csv, "--label", "click", "--output", nowhere);
    }

    private static void fails(String message, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("init"));
        all.addAll(List.of(arguments));
        Cli failed = Cli.run(all.toArray());
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err()).contains(message).hasLineCount(1);
    }
}
