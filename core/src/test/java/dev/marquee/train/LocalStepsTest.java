package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.Group;
import dev.marquee.collective.ThreadGroups;
import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.data.IdxFiles;
import dev.marquee.data.Share;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Members that make steps by themselves and average; they are threads here. */
@Timeout(240)
class LocalStepsTest {
    private static final int MEMBERS = 2;
    private static final int EPOCHS = 2;
    private static final double RATE = 0.05;
    private static final double MOMENTUM = 0.8;
    private static final int CLASSES = 10;

    @TempDir
    static Path pictures;

    @TempDir
    Path folder;

    @BeforeAll
    static void writePictures() throws IOException {
        IdxFiles.write(pictures, 83, 31, false);
    }

    /** The last batch has a single sample, so that one member has none. */
    @ParameterizedTest
    @CsvSource({"2", "3", "100"})
    void train_localSteps_equalsASimulationInDoublePrecision(int steps) throws IOException {
        Recipe recipe = recipe(steps);
        Simulation simulation = new Simulation(recipe, steps);
        double loss = simulation.run();

        Map<String, float[]> weights = trained(recipe, "run");

        assertThat(weights).hasSize(2);
        for (float[] values : weights.values()) {
            double[] expected = values.length == CLASSES ? simulation.mean.bias : simulation.mean.weight;
            assertThat(values).hasSize(expected.length);
            for (int i = 0; i < values.length; i++) {
                assertThat((double) values[i]).isCloseTo(expected[i], Offset.offset(2e-6));
            }
        }
        assertThat(new RunFolder(folder.resolve("run"))
                        .readMetrics(line -> line.has("training_loss")).stream()
                                .reduce((first, second) -> second)
                                .orElseThrow()
                                .path("training_loss")
                                .asDouble())
                .isCloseTo(loss, Offset.offset(1e-5)); // losses of about 4 in float32, of weights that are off by 2e-6
    }

    /** The default: gradients are shared in every step, which is a step of one process with the whole batch. */
    @Test
    void train_oneLocalStep_isOrdinary() throws IOException {
        Map<String, float[]> shared = trained(recipe(1), "shared");
        Trainer.train(recipe(1), folder.resolve("alone"), Progress.silent()).close();
        weights("alone")
                .forEach((name, values) ->
                        assertThat(shared.get(name)).as(name).containsExactly(values, Offset.offset(1e-5f)));
    }

    @Test
    void resume_stoppedRunWithDropoutAndAdam_endsWithTheWeightsOfAnUndisturbedRun() throws IOException {
        Recipe recipe = base(3).with("model.sizes", List.of(784, 12, 10))
                .with("model.dropout", 0.2)
                .with("optimizer.name", "adam")
                .with("checkpoint.every_steps", 4);
        Map<String, float[]> whole = trained(recipe, "whole");
        train(recipe, "cut", group -> group.rank() == 0 ? new StopAfter(4) : Progress.silent());
        try (Run stopped = Run.open(folder.resolve("cut"))) {
            assertThat(stopped.unfinishedAt()).hasValue(6); // where members met next
        }
        ThreadGroups.run(MEMBERS, group -> {
            Trainer.resume(recipe, folder.resolve("cut"), group, Optional.empty(), Progress.silent())
                    .close();
            return 0;
        });
        weights("cut").forEach((name, values) -> assertThat(values).as(name).isEqualTo(whole.get(name)));
    }

    @Test
    void config_localStepsWithSharedTablesOrCompression_isRefusedByName() {
        assertThatThrownBy(() -> recipe(2).with("distributed.tables", "sharded"))
                .hasMessageContaining("distributed.local_steps")
                .hasMessageContaining("tables=sharded");
        assertThatThrownBy(() -> recipe(2).with("distributed.gradient_compression", "bfloat16"))
                .hasMessageContaining("distributed.local_steps")
                .hasMessageContaining("gradient_compression");
    }

    private static Recipe recipe(int steps) {
        return base(steps).with("optimizer.momentum", MOMENTUM);
    }

    private static Recipe base(int steps) {
        return Recipe.named("fashion_mnist_perceptron")
                .with("data.path", pictures.toString())
                .with("data.batch_size", 8)
                .with("data.validation_fraction", 0.12)
                .with("model.sizes", List.of(784, CLASSES))
                .with("optimizer.learning_rate", RATE)
                .with("checkpoint.select", "last")
                .with("train.epochs", EPOCHS)
                .with("engine.threads", 1)
                .with("distributed.local_steps", steps);
    }

    /** A linear classifier: weight {@code [classes, inputs]}, bias, and their momentum. */
    private static final class Classifier {
        double[] weight;
        double[] bias;
        double[] weightMomentum;
        double[] biasMomentum;

        Classifier(double[] weight, double[] bias, double[] weightMomentum, double[] biasMomentum) {
            this.weight = weight.clone();
            this.bias = bias.clone();
            this.weightMomentum = weightMomentum.clone();
            this.biasMomentum = biasMomentum.clone();
        }

        /** Descends; gives the sum of the losses. */
        double step(float[] inputs, long[] labels) {
            int width = weight.length / CLASSES;
            double[] weightGradient = new double[weight.length];
            double[] biasGradient = new double[CLASSES];
            double loss = 0;
            for (int sample = 0; sample < labels.length; sample++) {
                double[] outputs = bias.clone();
                for (int c = 0; c < CLASSES; c++) {
                    for (int i = 0; i < width; i++) {
                        outputs[c] += weight[c * width + i] * inputs[sample * width + i];
                    }
                }
                double sum = Arrays.stream(outputs).map(Math::exp).sum();
                loss += Math.log(sum) - outputs[(int) labels[sample]];
                for (int c = 0; c < CLASSES; c++) {
                    double slope = (Math.exp(outputs[c]) / sum - (labels[sample] == c ? 1 : 0)) / labels.length;
                    biasGradient[c] += slope;
                    for (int i = 0; i < width; i++) {
                        weightGradient[c * width + i] += slope * inputs[sample * width + i];
                    }
                }
            }
            if (labels.length > 0) {
                descend(weight, weightMomentum, weightGradient);
                descend(bias, biasMomentum, biasGradient);
            }
            return loss;
        }

        private static void descend(double[] values, double[] momentum, double[] gradient) {
            for (int i = 0; i < values.length; i++) {
                momentum[i] = MOMENTUM * momentum[i] + gradient[i];
                values[i] -= RATE * momentum[i];
            }
        }

        static Classifier mean(List<Classifier> all) {
            return new Classifier(
                    mean(all, one -> one.weight),
                    mean(all, one -> one.bias),
                    mean(all, one -> one.weightMomentum),
                    mean(all, one -> one.biasMomentum));
        }

        private static double[] mean(List<Classifier> all, Function<Classifier, double[]> values) {
            double[] mean = new double[values.apply(all.get(0)).length];
            for (Classifier one : all) {
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += values.apply(one)[i] / all.size();
                }
            }
            return mean;
        }
    }

    private static final class Simulation {
        private final Recipe recipe;
        private final int steps;
        private Classifier mean;

        Simulation(Recipe recipe, int steps) {
            this.recipe = recipe;
            this.steps = steps;
            try (Network network = Network.create(recipe, Optional.empty());
                    Scope scope = Scope.open()) {
                double[] weight = {};
                double[] bias = {};
                for (var tensor : network.parameters().state().values()) {
                    if (tensor.numel() == CLASSES) {
                        bias = Tensors.toDoubles(tensor);
                    } else {
                        weight = Tensors.toDoubles(tensor);
                    }
                }
                mean = new Classifier(weight, bias, new double[weight.length], new double[CLASSES]);
            }
        }

        /** Gives the mean loss of the last epoch. */
        double run() {
            double loss = 0;
            try (Dataset data = recipe.data().open(recipe.seed(), notice -> {})) {
                for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                    loss = 0;
                    long batches = (data.trainingSamples() + 7) / 8;
                    for (int from = 0; from < batches; from += steps) {
                        List<Classifier> members =
                                List.of(Classifier.mean(List.of(mean)), Classifier.mean(List.of(mean)));
                        for (int rank = 0; rank < MEMBERS; rank++) {
                            loss += steps(data, epoch, from, rank, members.get(rank));
                        }
                        mean = Classifier.mean(members);
                    }
                    loss /= data.trainingSamples();
                }
            }
            return loss;
        }

        private double steps(Dataset data, int epoch, int from, int rank, Classifier member) {
            double loss = 0;
            try (BatchStream batches = data.training(epoch, from, new Share(rank, MEMBERS))) {
                Batch batch = batches.next();
                for (int step = 0; step < steps && batch != null; step++) {
                    try (Scope scope = Scope.open()) {
                        loss += batch.size() == 0
                                ? 0
                                : member.step(
                                        Tensors.toFloats(batch.input(Batch.PICTURE)), Tensors.toLongs(batch.target()));
                    }
                    batch = batches.next();
                }
            }
            return loss;
        }
    }

    private Map<String, float[]> trained(Recipe recipe, String name) throws IOException {
        train(recipe, name, group -> Progress.silent());
        return weights(name);
    }

    private void train(Recipe recipe, String name, Function<Group, Progress> progress) {
        ThreadGroups.run(MEMBERS, group -> {
            Trainer.train(recipe, folder.resolve(name), group, Optional.empty(), progress.apply(group))
                    .close();
            return 0;
        });
    }

    private Map<String, float[]> weights(String name) throws IOException {
        Map<String, float[]> weights = new TreeMap<>();
        try (Safetensors file = Safetensors.read(folder.resolve(name).resolve("weights.safetensors"))) {
            file.tensors().forEach((parameter, tensor) -> weights.put(parameter, Tensors.toFloats(tensor)));
        }
        return weights;
    }
}
