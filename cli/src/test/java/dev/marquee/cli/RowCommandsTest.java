package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on the rows of a log. */
class RowCommandsTest {
    private static final List<String> METRICS = List.of("auc", "gauc", "log_loss", "normalized_entropy", "calibration");

    @TempDir
    static Path shared;

    private static Path recipe;
    private static Path run;
    private static Path later;

    @TempDir
    Path folder;

    @BeforeAll
    static void trainOnce() {
        recipe = TinyLog.recipe(shared.resolve("mine.yaml"), TinyLog.csv(shared.resolve("clicks.csv")));
        run = shared.resolve("run");
        later = TinyLog.csv(shared.resolve("later.csv"), 600, 200);
        Cli trained = Cli.run("train", recipe, "--out", run);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out()).contains("test     AUC 0.", "gAUC 0.", "log loss 0.", "NE ", "calibration ");
    }

    @Test
    void evaluate_json_hasTheMetricsOfRows() throws IOException {
        JsonNode own = json("evaluate", run, "--json");
        assertThat(own.path("rows").asInt()).isEqualTo(120);
        JsonNode other = json("evaluate", run, "--data", later, "--json");
        assertThat(other.path("rows").asInt()).isEqualTo(200);
        for (String metric : METRICS) {
            assertThat(own.path(metric).isNumber()).as(metric).isTrue();
            assertThat(other.path(metric).isNumber()).as(metric).isTrue();
        }
        assertThat(other.path("auc").asDouble()).isGreaterThan(0.6);
        assertThat(other.has("slices")).isFalse();
        assertThat(other.has("intervals")).isFalse();
    }

    @Test
    void evaluate_byFeatureWithIntervals_givesBoth() throws IOException {
        JsonNode measured = json("evaluate", run, "--data", later, "--by", "slot", "--intervals", 20, "--json");
        JsonNode interval = measured.path("intervals").path("auc");
        assertThat(measured.path("auc").asDouble())
                .isBetween(
                        interval.path("low").asDouble(), interval.path("high").asDouble());
        long rows = 0;
        for (JsonNode slice : measured.path("slices")) {
            assertThat(slice.path("feature").asText()).isEqualTo("slot");
            assertThat(slice.path("metrics").path("auc").isNumber()).isTrue();
            rows += slice.path("rows").asLong();
        }
        assertThat(rows).isEqualTo(200);

        Cli printed = Cli.run("evaluate", run, "--data", later, "--by", "slot", "--intervals", 20);
        assertThat(printed.out()).containsPattern("auc +0\\.\\d{6}   0\\.\\d{6} to 0\\.\\d{6} \\(95 %\\)");
        assertThat(printed.out()).contains("by slot").containsPattern("  [012] +\\d+ rows   AUC 0\\.");
    }

    @Test
    void evaluate_wrongFeatureOrData_isOneSentence() {
        fails("slto", "evaluate", run, "--by", "slto");
        fails("there is no file", "evaluate", run, "--data", folder.resolve("no.csv"));
        Path renamed = TinyLog.csv(folder.resolve("renamed.csv"), 0, 20);
        replace(renamed, "price", "prise");
        fails("renamed.csv has no column \"price\"", "evaluate", run, "--data", renamed);
    }

    @Test
    void evaluate_rowsWithoutClicks_saysWhichMetricsThereAreNot() {
        Path none = TinyLog.csv(folder.resolve("none.csv"), 0, 20);
        replace(none, ",1\n", ",0\n");
        Cli evaluated = Cli.run("evaluate", run, "--data", none);
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        assertThat(evaluated.out()).containsPattern("auc +none: ").containsPattern("log_loss +\\d");
    }

    @Test
    void predict_withoutOutput_printsKeysAndScoresAsCsv() {
        Cli predicted = Cli.run("predict", run, "--data", later);
        assertThat(predicted.code()).as(predicted.err()).isZero();
        List<String> lines = predicted.out().lines().toList();
        assertThat(lines).hasSize(201).first().isEqualTo("impression,score");
        assertThat(lines.get(1)).matches("i600,0\\.\\d+");
        assertThat(lines.get(200)).matches("i799,0\\.\\d+");
    }

    @Test
    void predict_keysAndParquet_writesThemTyped() throws SQLException {
        Path file = folder.resolve("scores.parquet");
        Cli predicted = Cli.run("predict", run, "--data", later, "--keys", "impression,device_model", "--output", file);
        assertThat(predicted.code()).as(predicted.err()).isZero();
        assertThat(predicted.out()).isEmpty();
        assertThat(predicted.err()).contains("wrote " + file);
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*), count(DISTINCT impression), min(score),"
                        + " max(score), any_value(device_model), typeof(any_value(score)) FROM '" + file + "'")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getInt(1)).isEqualTo(200);
            assertThat(result.getInt(2)).isEqualTo(200);
            assertThat(result.getDouble(3)).isGreaterThan(0);
            assertThat(result.getDouble(4)).isLessThan(1);
            assertThat(result.getString(5)).matches("model, \"\\d\"");
            assertThat(result.getString(6)).isEqualTo("DOUBLE");
        }
    }

    @Test
    void predict_rowsWithoutLabels_needNone() {
        Path unlabelled = TinyLog.csv(folder.resolve("unlabelled.csv"), 0, 20);
        replace(unlabelled, ",click\n", ",other\n");
        Cli predicted = Cli.run("predict", run, "--data", unlabelled);
        assertThat(predicted.code()).as(predicted.err()).isZero();
        assertThat(predicted.out().lines()).hasSize(21);
        fails("has no row with a label click: nothing to measure", "evaluate", run, "--data", unlabelled);
    }

    @Test
    void predict_unknownKeyOrFaultyRow_leavesNoFile() throws IOException {
        Path file = folder.resolve("scores.csv");
        fails("nokey", "predict", run, "--data", later, "--keys", "nokey", "--output", file);
        Path torn = TinyLog.csv(folder.resolve("torn.csv"), 0, 20);
        Files.writeString(torn, Files.readString(torn) + "i99,2026\n");
        fails(
                "torn.csv, line 22: has 2 fields where 12 are expected",
                "predict",
                run,
                "--data",
                torn,
                "--output",
                file);
        assertThat(folder).isDirectoryNotContaining("glob:**scores*");
    }

    @Test
    void compare_twoRuns_saysWhatDiffersAndWhetherBeyondChance() throws IOException {
        Path other = folder.resolve("other");
        Cli trained = Cli.run("train", recipe, "--out", other, "--set", "train.epochs=1", "--quiet");
        assertThat(trained.code()).as(trained.err()).isZero();
        Path page = folder.resolve("page.html");
        Cli compared = Cli.run("compare", run, other, "--resamples", 20, "--output", page);
        assertThat(compared.code()).as(compared.err()).isZero();
        assertThat(compared.out())
                .contains("train.epochs: 2 | 1", " − ")
                .containsPattern("beyond chance|may be chance");
        assertThat(page).content().contains("<html");
        JsonNode json = json("compare", run, other, "--resamples", 20, "--json");
        assertThat(json.path("runs")).hasSize(2);
        assertThat(json.path("differences").path(0).path("metric").asText()).isNotEmpty();
    }

    @Test
    void compare_runsOfDifferentTestRows_isRefused() {
        Path other = folder.resolve("other");
        Cli trained = Cli.run("train", recipe, "--out", other, "--set", "data.split.test=0.1", "--quiet");
        assertThat(trained.code()).as(trained.err()).isZero();
        fails("--data", "compare", run, other, "--resamples", 20);
        Cli compared = Cli.run("compare", run, other, "--resamples", 20, "--data", later);
        assertThat(compared.code()).as(compared.err()).isZero();
    }

    @Test
    void prepare_twice_writesAndThenFinds() throws IOException {
        String kept = "data.prepared_path=" + folder.resolve("kept");
        Cli first = Cli.run("prepare", recipe, "--set", kept);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.out())
                .contains("rows     390 to train on, 90 for validation, 120 for the test")
                .contains("written  " + folder.resolve("kept"));
        assertThat(Cli.run("prepare", recipe, "--set", kept).out()).contains("found    " + folder.resolve("kept"));
        JsonNode json = json("prepare", recipe, "--set", kept, "--json");
        assertThat(json.path("written").asBoolean()).isFalse();
        assertThat(json.path("training").asInt()).isEqualTo(390);
        fails("only click logs are prepared", "prepare", "fashion_mnist_perceptron");
    }

    @Test
    void train_faultyLog_isOneSentenceThatNamesTheFileAndLeavesNoRun() throws IOException {
        trainFails("nothing.csv is empty", "nothing", "");
        trainFails("names.csv has no rows", "names", TinyLog.HEADER);
        List<String> lines = TinyLog.lines(0, 60);
        String rows = String.join("\n", lines);
        trainFails("has no column \"price\", only impression", "renamed", rows.replace("price", "prise"));
        trainFails(
                "three.csv, row 3, column click: the label click must be 0, 1, true or false, but the column holds",
                "three",
                String.join("\n", lines.subList(0, 3)) + "\n" + lines.get(3).replaceAll(".$", "2") + "\n"
                        + String.join("\n", lines.subList(4, 61)));
        trainFails(
                "constant.csv: every row has click = 0: nothing to learn (39 training rows); name another label, or"
                        + " give more rows",
                "constant",
                rows.replaceAll(",1(\n|$)", ",0$1"));
        trainFails(
                "unlabelled.csv: none of the 39 training rows has a label: nothing to learn",
                "unlabelled",
                rows.replaceAll(",[01](\n|$)", ",$1"));
        trainFails("torn.csv, line 62: has 1 fields where 12 are expected", "torn", rows + "\ni9");
    }

    @Test
    void train_logFromAWindowsSpreadsheet_isRead() throws IOException {
        Path file = folder.resolve("windows.csv");
        String rows = String.join("\r\n", TinyLog.lines(0, 200)) + "\r\n";
        Files.writeString(file, "\ufeff" + rows.replace("model, ", "mo\r\ndel; "));
        Path mine = TinyLog.recipe(folder.resolve("mine.yaml"), file);
        Cli trained = Cli.run(
                "train",
                mine,
                "--out",
                folder.resolve("run"),
                "--set",
                "data.batch_size=5",
                "--set",
                "data.features=[{kind: categorical, name: device_model}, {kind: sequence, name: seen_ads}]");
        assertThat(trained.code()).as(trained.err()).isZero();
    }

    @Test
    void prepare_fileThatChanged_isPreparedAnewWithANotice() throws IOException {
        Path data = TinyLog.csv(folder.resolve("clicks.csv"));
        Path mine = TinyLog.recipe(folder.resolve("mine.yaml"), data);
        assertThat(Cli.run("prepare", mine).out()).contains("written");
        TinyLog.csv(data, 0, 500);
        Files.setLastModifiedTime(data, FileTime.fromMillis(1_800_000_000_000L));
        Cli again = Cli.run("prepare", mine);
        assertThat(again.out()).contains("written");
        assertThat(again.err()).contains("clicks.csv changed since it was prepared: preparing the rows");
    }

    @Test
    void trainSeeds_twice_givesMeanAndDeviationAndKeepsWhatIsFinished() throws IOException {
        Path out = folder.resolve("seeds");
        Cli trained = Cli.run("train", recipe, "--out", out, "--seeds", 2, "--quiet");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out())
                .contains("mean ± standard deviation over 2 seeds, on the test data")
                .containsPattern("(?m)^auc +0\\.\\d{6} ± 0\\.\\d{6}$");
        assertThat(out.resolve("seed-4/recipe.yaml")).content().contains("seed: 4");
        Cli again = Cli.run("train", recipe, "--out", out, "--seeds", 2, "--resume");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.err()).containsPattern("(?s)all 2 epochs are done.*all 2 epochs are done");
        assertThat(again.out().substring(again.out().indexOf("mean ±")))
                .isEqualTo(trained.out().substring(trained.out().indexOf("mean ±")));
    }

    @Test
    void train_platt_isKeptWithTheRunAndUsedByEvaluateAndPredict() throws IOException {
        Path calibrated = folder.resolve("platt");
        Cli trained = Cli.run("train", recipe, "--out", calibrated, "--set", "train.calibration=platt", "--quiet");
        assertThat(trained.code()).as(trained.err()).isZero();
        JsonNode plain = json("evaluate", run, "--data", later, "--json");
        JsonNode scaled = json("evaluate", calibrated, "--data", later, "--json");
        assertThat(scaled.path("auc").asDouble()).isEqualTo(plain.path("auc").asDouble());
        assertThat(scaled.path("log_loss").asDouble())
                .isNotEqualTo(plain.path("log_loss").asDouble());
        assertThat(Cli.run("predict", calibrated, "--data", later).out())
                .isNotEqualTo(Cli.run("predict", run, "--data", later).out());
    }

    private void trainFails(String message, String name, String rows) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".csv"), rows);
        Path mine = TinyLog.recipe(folder.resolve(name + ".yaml"), file);
        Path out = folder.resolve("run-" + name);
        Cli failed = Cli.run("train", mine, "--out", out, "--quiet");
        assertThat(failed.code()).as(failed.out()).isEqualTo(1);
        assertThat(failed.err()).contains(message).hasLineCount(1);
        assertThat(out).doesNotExist();
    }

    private static JsonNode json(Object... arguments) throws IOException {
        Cli done = Cli.run(arguments);
        assertThat(done.code()).as(done.err()).isZero();
        return JsonMapper.builder().build().readTree(done.out());
    }

    private static void fails(String message, Object... arguments) {
        Cli failed = Cli.run(arguments);
        assertThat(failed.code()).as(failed.out()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err()).contains(message).doesNotContain("Exception", "unexpected", "\tat ");
    }

    private static void replace(Path file, String what, String with) {
        try {
            Files.writeString(file, Files.readString(file).replace(what, with));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
