package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.IdxFiles;
import dev.marquee.launch.Agent;
import dev.marquee.launch.Launch;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A process is lost at each phase of a training of two; the weights at the end are those of an undisturbed one. */
@Tag("trial")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends signals")
@Timeout(240)
class LostMemberTest {
    private static final Duration SILENCE = Duration.ofSeconds(20);
    private static final Duration SHORT_SILENCE = Duration.ofSeconds(4);

    @TempDir
    static Path folder;

    private static Map<String, float[]> undisturbed = Map.of();
    private static Map<String, float[]> undisturbedRanking = Map.of();

    private final List<String> notices = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void trainUndisturbed() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("pictures"));
        IdxFiles.write(pictures, 103, 51, false);
        Recipe recipe = Recipe.named("fashion_mnist_perceptron")
                .with("data.path", pictures.toString())
                .with("data.batch_size", 12)
                .with("data.validation_fraction", 0.1)
                .with("model.sizes", List.of(784, 16, 10))
                .with("model.dropout", 0.1)
                .with("optimizer.name", "adam")
                .with("optimizer.learning_rate", 0.001)
                .with("checkpoint.every_steps", 4)
                .with("train.epochs", 2)
                .with("engine.threads", 1);
        Files.writeString(folder.resolve("recipe.yaml"), recipe.toYaml());
        undisturbed = undisturbed("recipe.yaml", "undisturbed");
        Files.writeString(folder.resolve("ranking.yaml"), ranking().toYaml());
        undisturbedRanking = undisturbed("ranking.yaml", "undisturbed-ranking");
    }

    private static Map<String, float[]> undisturbed(String recipe, String name) throws IOException {
        assertThat(agent(recipe, name, DyingMember.Moment.NEVER, "KILL", SILENCE, new CopyOnWriteArrayList<>())
                        .run())
                .isZero();
        return weights(name);
    }

    /** Each of the two processes keeps every other row of the two largest tables, and what Adam remembers of them. */
    private static Recipe ranking() {
        return Recipe.named("simulated_impressions_dnn")
                .with("data.rows", 400)
                .with("data.validation_rows", 100)
                .with("data.test_rows", 100)
                .with("data.users", 100)
                .with("data.ads", 100)
                .with("data.batch_size", 20)
                .with("data.prepared_path", folder.resolve("prepared").toString())
                .with("model.embedding.size", 4)
                .with("model.embedding.dropout", 0.2)
                .with("model.hidden", List.of(16, 8))
                .with("optimizer.sparse.name", "adam")
                .with("checkpoint.every_steps", 4)
                .with("train.epochs", 2)
                .with("train.patience", 2)
                .with("engine.threads", 1)
                .with(Map.of("distributed.tables", "sharded", "distributed.row_wise", List.of("user_id", "ad_id")));
    }

    @ParameterizedTest
    @EnumSource(value = DyingMember.Moment.class, mode = Mode.EXCLUDE, names = "NEVER")
    void run_memberKilled_endsAsIfNothingHadHappened(DyingMember.Moment moment) throws IOException {
        String name = "killed-" + moment;

        assertThat(agent("recipe.yaml", name, moment, "KILL", SILENCE, notices).run())
                .isZero();

        assertRestartedAfterKill(moment);
        weights(name)
                .forEach((parameter, values) -> assertThat(values).as(parameter).isEqualTo(undisturbed.get(parameter)));
    }

    /** The rows that the lost process kept come from its part of the last whole checkpoint. */
    @ParameterizedTest
    @EnumSource(
            value = DyingMember.Moment.class,
            names = {"IN_EXCHANGE", "OTHER_SAVES", "SAVES"})
    void run_memberThatKeepsRowsKilled_endsAsIfNothingHadHappened(DyingMember.Moment moment) throws IOException {
        String name = "ranking-" + moment;

        assertThat(agent("ranking.yaml", name, moment, "KILL", SILENCE, notices).run())
                .isZero();

        assertRestartedAfterKill(moment);
        assertThat(Files.readString(folder.resolve(name).resolve("tables.txt"))).contains("row-wise");
        Map<String, float[]> weights = weights(name);
        assertThat(weights.keySet()).isEqualTo(undisturbedRanking.keySet());
        weights.forEach(
                (parameter, values) -> assertThat(values).as(parameter).isEqualTo(undisturbedRanking.get(parameter)));
    }

    private void assertRestartedAfterKill(DyingMember.Moment moment) {
        assertThat(notices)
                .startsWith(
                        "rank " + (moment == DyingMember.Moment.SAVES ? 0 : 1) + " was ended by signal 9 (KILL)",
                        "restarting from the last checkpoint (1 of at most 2 restarts)");
    }

    @Test
    void run_memberThatHangs_isLostAfterTheTimeOutAndTheResultIsTheSame() throws IOException {
        assertThat(agent("recipe.yaml", "hung", DyingMember.Moment.IN_EXCHANGE, "STOP", SHORT_SILENCE, notices)
                        .run())
                .isZero();

        assertThat(notices).first().asString().startsWith("rank 1 of 2 was lost in exchange ");
        weights("hung")
                .forEach((parameter, values) -> assertThat(values).as(parameter).isEqualTo(undisturbed.get(parameter)));
    }

    private static Agent agent(
            String recipe,
            String name,
            DyingMember.Moment moment,
            String signal,
            Duration timeout,
            List<String> notices) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DyingMember.class.getName(),
                folder.resolve(recipe).toString(),
                folder.resolve(name).toString(),
                moment.name(),
                signal);
        return new Agent(
                new Launch(
                        command,
                        Map.of("OMP_WAIT_POLICY", "passive"),
                        2,
                        1,
                        1,
                        0,
                        "127.0.0.1",
                        0,
                        Optional.empty(),
                        timeout,
                        2,
                        folder.resolve("logs-" + name)),
                notices::add);
    }

    private static Map<String, float[]> weights(String name) throws IOException {
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(folder.resolve(name).resolve("weights.safetensors"))) {
            file.tensors().forEach((parameter, tensor) -> weights.put(parameter, Tensors.toFloats(tensor)));
        }
        return weights;
    }
}
