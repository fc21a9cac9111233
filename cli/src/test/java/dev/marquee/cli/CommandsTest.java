package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    @TempDir
    static Path shared;

    private static Path data;
    private static Path run;
    private static Cli trained;

    @TempDir
    Path folder;

    @BeforeAll
    static void trainOnce() {
        data = TinyPictures.write(shared.resolve("data"), 40, 20);
        run = shared.resolve("run");
        trained = Cli.run("train", "fashion_mnist_perceptron", "--data", data, "--out", run, "--set", "train.epochs=2");
    }

    @Test
    void train_twoEpochs_printsResultsOnStandardOutputAndTheRestOnStandardError() {
        assertThat(trained.code()).as(trained.err()).isZero();
        List<String> lines = trained.out().lines().toList();
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0)).matches("Epoch:  1  \tTraining Loss: \\d+\\.\\d{6}");
        assertThat(lines.get(1)).contains("test data", "loss", "accuracy");
        assertThat(lines.get(2)).matches("Epoch:  2  \tTraining Loss: \\d+\\.\\d{6}");
        assertThat(lines.get(4)).startsWith("test").contains("accuracy", "loss");
        assertThat(lines.get(5)).contains(run.toString());
        assertThat(trained.err()).contains("recipe", "fashion_mnist_perceptron", "data", "model", "784-512-128-10");
    }

    @Test
    void evaluate_json_printsOneObjectOfMetricsAndNothingElse() throws IOException {
        Cli evaluated = Cli.run("evaluate", run, "--json");
        assertThat(evaluated.code()).isZero();
        JsonNode metrics = JsonMapper.builder().build().readTree(evaluated.out());
        assertThat(metrics.path("accuracy").isNumber()).isTrue();
        assertThat(metrics.path("loss").isNumber()).isTrue();
    }

    @Test
    void evaluate_otherData_measuresThem() {
        Path other = TinyPictures.write(folder.resolve("other"), 10, 50);
        Cli evaluated = Cli.run("evaluate", run, "--data", other);
        assertThat(evaluated.code()).isZero();
        assertThat(evaluated.out()).contains("accuracy").contains("loss").contains("%");
    }

    @Test
    void predict_folder_writesALineForEachTestPictureWithProbabilitiesThatSumToOne() throws IOException {
        Path file = folder.resolve("scores.csv");
        Cli predicted = Cli.run("predict", run, "--data", data, "--output", file);
        assertThat(predicted.code()).isZero();
        assertThat(predicted.out()).isEmpty();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(21);
        assertThat(lines.get(0)).isEqualTo("index,class,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9");
        String[] first = lines.get(1).split(",", -1);
        double sum = 0;
        for (int i = 2; i < first.length; i++) {
            sum += Double.parseDouble(first[i]);
        }
        assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
    }

    @Test
    void predict_fileOfPicturesWithoutLabels_predictsThem() {
        Cli predicted = Cli.run("predict", run, "--data", data.resolve("train-images-idx3-ubyte"));
        assertThat(predicted.code()).as(predicted.err()).isZero();
        assertThat(predicted.out().lines()).hasSize(41);
    }

    @Test
    void predict_outputThatCannotBeWritten_isOneSentence() {
        Path nowhere = folder.resolve("nowhere/scores.csv");
        Cli failed = Cli.run("predict", run, "--data", data, "--output", nowhere);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .isEqualTo("marquee: cannot write " + nowhere + ": no such folder" + System.lineSeparator());
        assertThat(Cli.run("predict", run, "--data", data, "--output", folder).err())
                .startsWith("marquee: cannot write " + folder + ": ")
                .hasLineCount(1);
    }

    @Test
    void recipes_list_hasALineForEachRecipe() {
        Cli listed = Cli.run("recipes");
        assertThat(listed.out().lines().map(line -> line.split(" ", 2)[0]))
                .containsExactly(
                        "avazu_dcn_v2",
                        "census_income_mmoe",
                        "census_income_wide_deep",
                        "criteo_deepfm",
                        "fashion_mnist_attention",
                        "fashion_mnist_perceptron",
                        "fashion_mnist_perceptron_softmax",
                        "movielens_din",
                        "simulated_impressions_autoint",
                        "simulated_impressions_bst",
                        "simulated_impressions_dcn_v2",
                        "simulated_impressions_deepfm",
                        "simulated_impressions_din",
                        "simulated_impressions_dlrm",
                        "simulated_impressions_dnn",
                        "simulated_impressions_esmm",
                        "simulated_impressions_final_mlp",
                        "simulated_impressions_fm",
                        "simulated_impressions_logistic_regression",
                        "simulated_impressions_mmoe",
                        "simulated_impressions_ple",
                        "simulated_impressions_wide_deep",
                        "sparrow_movielens_wide_deep",
                        "taobao_ad_bst");
    }

    @Test
    void recipes_named_printsYamlThatTrainTakes() throws IOException {
        Cli printed = Cli.run("recipes", "fashion_mnist_perceptron");
        Path mine = Files.writeString(folder.resolve("mine.yaml"), printed.out());
        Cli used = Cli.run(
                "train", mine, "--data", data, "--out", folder.resolve("mine"), "--set", "train.epochs=1", "--quiet");
        assertThat(used.code()).as(used.err()).isZero();
        assertThat(used.err()).isEmpty();
    }

    @Test
    void recipes_keys_listsThemWithTypeAndMeaning() {
        assertThat(Cli.run("recipes", "--keys").out())
                .contains("optimizer.learning_rate", "data.batch_size", "model.init_from", "engine.threads", "seed");
    }

    @Test
    void train_recipeWithSeveralFaults_reportsAllOfThemWithTheirOrigin() throws IOException {
        Path mine =
                Files.writeString(folder.resolve("mine.yaml"), "model:\n  kind: perceptrn\ntrain:\n  epochs: ten\n");
        Cli failed = Cli.run("train", mine, "--set", "optimizer.learning_rat=0.1", "--set", "data.batch_size=-3");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err())
                .contains(
                        "has 4 faults",
                        "optimizer.learning_rat",
                        "did you mean optimizer.learning_rate?",
                        "(from --set)",
                        "data.batch_size",
                        "-3 is not a positive number",
                        "mine.yaml:2",
                        "mine.yaml:4");
    }

    @Test
    void train_folderThatHoldsARun_isRefused() {
        Cli refused = Cli.run("train", "fashion_mnist_perceptron", "--data", data, "--out", run);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("holds a run already: resume it with --resume");
    }

    @Test
    void train_resumeWithoutARun_isRefused() {
        Cli refused = Cli.run("train", "--resume", "--out", folder.resolve("nothing"));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("holds no run").hasLineCount(1);
        assertThat(folder.resolve("nothing")).doesNotExist();
    }

    @Test
    void train_resumeOfAFinishedRun_saysSo() {
        Cli again = Cli.run("train", "--resume", "--out", run);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out()).contains("accuracy");
        assertThat(again.err()).contains("all 2 epochs are done");
    }

    @Test
    void train_missingData_isOneSentence() {
        Cli failed = Cli.run(
                "train",
                "fashion_mnist_perceptron",
                "--data",
                folder.resolve("nowhere"),
                "--out",
                folder.resolve("run"));
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("nowhere");
        assertThat(failed.err()).doesNotContain("\tat ", "Exception");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train",
                "evaluate",
                "predict",
                "serve",
                "export",
                "compare",
                "accelerate",
                "prepare",
                "init",
                "simulate",
                "recipes",
                "doctor",
                "parity",
                "bench",
                "bench perceptron",
                "bench ranking",
                "bench data"
            })
    void help_everyCommand_explainsItself(String command) {
        Cli helped = Cli.run((Object[]) (command + " --help").split(" ", -1));
        assertThat(helped.code()).isZero();
        assertThat(helped.out()).contains("Usage: marquee " + command);
    }

    @Test
    void noCommand_isWrongUsage() {
        assertThat(Cli.run().code()).isEqualTo(2);
        assertThat(Cli.run("trian").code()).isEqualTo(2);
        assertThat(Cli.run("trian").err()).contains("train");
        assertThat(Cli.run("train", "--epochs", "3").code()).isEqualTo(2);
        assertThat(Cli.run("train", "--epochs", "3").err()).startsWith("marquee: Unknown option");
    }

    @Test
    void train_modelLargerThanTheMemory_isOneSentence() {
        Cli failed = Cli.run(
                "train",
                "fashion_mnist_perceptron",
                "--data",
                data,
                "--out",
                folder.resolve("run"),
                "--quiet",
                "--set",
                "model.sizes=[784, 2000000000, 10]");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .isEqualTo("marquee: the engine could not get 6,272,000,000,000 bytes of memory:"
                        + " make the model or data.batch_size smaller" + System.lineSeparator());
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void train_resumeOfARunInAFolderWithSpaces_printsACommandThatCanBeCopied() {
        Path spaced = folder.resolve("my run");
        Cli cut = Cli.run(
                "train", "fashion_mnist_perceptron", "--data", data, "--out", spaced, "--set", "train.epochs=1");
        assertThat(cut.err()).contains("marquee evaluate '" + spaced + "'");
        assertThat(Cli.run("train", "--resume", "--out", spaced).err()).doesNotContain("recipe ");
    }

    @Test
    void version_namesMarqueeEngineAndJava() {
        assertThat(Cli.run("--version").out()).contains("marquee", "libtorch", "Java");
    }

    @Test
    void generateCompletion_printsAScript() {
        assertThat(Cli.run("generate-completion").out()).contains("complete").contains("marquee");
    }

    @Test
    void parity_bundledCases_allAgree() throws IOException {
        Cli run = Cli.run("parity", "--json");
        assertThat(run.code()).as(run.out()).isZero();
        JsonNode result = JsonMapper.builder().build().readTree(run.out());
        assertThat(result.path("failed").asInt()).isZero();
        assertThat(result.path("cases").size()).isGreaterThan(20);
    }

    @Test
    void parity_fileThatIsNoCase_failsWithASentence() throws IOException {
        Path file = Files.writeString(folder.resolve("case.safetensors"), "no");
        Cli run = Cli.run("parity", file);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("FAIL").contains("1 of 1 cases fail");
    }
}
