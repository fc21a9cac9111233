package dev.marquee.export;

import dev.marquee.data.Batch;
import dev.marquee.model.Head;
import dev.marquee.model.Model;
import dev.marquee.model.PictureModelConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.Tensors;
import dev.marquee.train.Run;
import dev.marquee.trained.CalibratedModel;
import dev.marquee.trained.LabelCalibration;
import dev.marquee.trained.Networks;
import dev.marquee.trained.RunFiles;
import dev.marquee.trained.SchemaFile;
import dev.marquee.trained.TrainedWeights;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Tensor;

/** A run with its weights in float32, ready to be taken apart. */
final class OpenRun implements AutoCloseable {
    private final RunFiles files;
    private final Recipe recipe;
    private final Optional<FeatureSchema> schema;
    private final Parameters parameters;
    private final Model model;
    private final TrainedWeights loaded;
    private final StoredTables tables;

    private OpenRun(
            RunFiles files,
            Recipe recipe,
            Optional<FeatureSchema> schema,
            Parameters parameters,
            Model model,
            TrainedWeights loaded) {
        this.files = files;
        this.recipe = recipe;
        this.schema = schema;
        this.parameters = parameters;
        this.model = CalibratedModel.of(model, loaded.maps());
        this.loaded = loaded;
        this.tables = new StoredTables(parameters, schema.map(FeatureSchema::layout));
    }

    /**
     * Opens a run's final weights, or those of its latest checkpoint where training is not finished.
     *
     * @throws IllegalStateException when the folder holds no run, no weights yet, or not all that its recipe asks for
     */
    static OpenRun open(Path folder) {
        RunFiles files = new RunFiles(folder);
        Recipe recipe = Run.recipe(folder);
        Optional<FeatureSchema> schema = SchemaFile.read(files.schema());
        List<String> labels = schema.map(OpenRun::labels).orElse(List.of());
        boolean calibrated = !recipe.train().calibration().name().equals("NONE");
        return Networks.draw(0, parameters -> {
            Model model = Networks.maker(recipe.model(), schema).apply(parameters.root());
            TrainedWeights loaded = TrainedWeights.load(files, parameters, labels, calibrated && !labels.isEmpty());
            return new OpenRun(files, recipe, schema, parameters, model, loaded);
        });
    }

    RunFiles files() {
        return files;
    }

    Recipe recipe() {
        return recipe;
    }

    Optional<FeatureSchema> schema() {
        return schema;
    }

    StoredTables tables() {
        return tables;
    }

    OptionalLong unfinishedAt() {
        return loaded.unfinishedAt();
    }

    List<LabelCalibration> calibration() {
        return loaded.maps();
    }

    /** What is predicted: the labels, or for pictures the classes' numbers. */
    List<String> labels() {
        return schema.map(OpenRun::labels).orElse(List.of());
    }

    /**
     * The network and its calibration as a graph with the outputs {@code logits} and {@code probabilities}. Its constants are
     * in the open scope.
     */
    Graph graph() {
        Graph graph = new Graph();
        Weights weights = new Weights(tables.weights());
        Weights.Place root = weights.root(graph);
        if (recipe.model() instanceof RankingModelConfig ranking) {
            FeatureLayout layout = schema.orElseThrow().layout();
            Value logits = NetworkGraphs.ranking(ranking, layout, root);
            Value calibrated = CalibrationGraph.of(graph, logits, loaded.maps());
            graph.output(Exporter.LOGITS, calibrated);
            graph.output(Exporter.PROBABILITIES, graph.apply(Operator.SIGMOID, calibrated));
        } else if (recipe.model() instanceof PictureModelConfig pictures) {
            Value logits = NetworkGraphs.pictures(pictures, root);
            graph.output(Exporter.LOGITS, logits);
            graph.output(Exporter.PROBABILITIES, graph.softmax(logits, 1));
        }
        weights.requireAllUsed();
        return graph;
    }

    /** What the run itself gives: probabilities {@code [batch, labels or classes]}. */
    float[] probabilities(Batch batch) {
        Tensor output = model.forward(batch, Mode.EVALUATION);
        if (recipe.model() instanceof RankingModelConfig) {
            return Tensors.toFloats(output.sigmoid());
        }
        return Tensors.toFloats(recipe.model().head() == Head.SOFTMAX ? output : output.softmax(1));
    }

    private static List<String> labels(FeatureSchema schema) {
        return schema.layout().labels().stream().map(FeatureLayout.Label::name).toList();
    }

    @Override
    public void close() {
        parameters.close();
    }
}
