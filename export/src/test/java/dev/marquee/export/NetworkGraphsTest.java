package dev.marquee.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.config.Binder;
import dev.marquee.config.ConfigTree;
import dev.marquee.config.Kind;
import dev.marquee.data.Batch;
import dev.marquee.model.Model;
import dev.marquee.model.ModelConfig;
import dev.marquee.model.PictureModelConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs in ONNX Runtime against the networks, with weights that are all drawn at random. */
class NetworkGraphsTest {
    private static final double TOLERANCE = 2e-5;

    @TempDir
    Path folder;

    static Stream<String> kinds() {
        return Stream.of(RankingModelConfig.class.getPermittedSubclasses())
                .map(config -> config.getAnnotation(Kind.class).value());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void graph_ofEveryRankingNetworkAsItComes_givesTheNetworksLogits(String kind) {
        compare("kind: " + kind, Layouts.all(kind.equals("deepfm") || kind.equals("fm") ? 1 : 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{kind: dnn, members: 3, hidden: [8, 6], norm: batch, dense: embedded}",
                "{kind: dnn, members: 2, hidden: [8, 6], norm: layer, activation: gelu}",
                "{kind: wide_deep, members: 2, hidden: [8], activation: silu}",
                "{kind: wide_deep, hidden: [8, 4], norm: batch, activation: elu}",
                "{kind: dcn_v2, structure: stacked, rank: 3, hidden: [8], activation: tanh}",
                "{kind: dcn_v2, structure: parallel, rank: 3, experts: 2, hidden: [8], members: 2}",
                "{kind: dcn_v2, structure: parallel, hidden: [8], activation: sigmoid}",
                "{kind: autoint, hidden: [8], norm: layer}",
                "{kind: final_mlp, gating: false, heads: 1, first: [4], second: [6]}",
                "{kind: final_mlp, first_gate: [user, price], heads: 2, first: [4], second: [6], gate_hidden: [5]}",
                "{kind: din, dice: true, softmax: true, products: false, attention_hidden: [6, 4], hidden: [8]}",
                "{kind: din, dice: false, activation: leaky_relu, products: true, hidden: [8], norm: layer}",
                "{kind: bst, tokens: all, blocks: 2, hidden: [8], embedding: {size: 4}, heads: 2}",
                "{kind: esmm, hidden: []}",
                "{kind: dnn, embedding: {size: 4, deviation: 0.5, storage: int8}, hidden: [8]}",
                "{kind: dnn, embedding: {size: 4, deviation: 0.5, storage: float16}, hidden: [8]}",
                "{kind: mmoe, norm: batch, gate_features: [user, ad], expert_hidden: [6], tower_hidden: [4]}",
                "{kind: mmoe, norm: layer, expert_hidden: [6], tower_hidden: []}",
                "{kind: ple, levels: 3, norm: layer, gate_features: [user], expert_hidden: [6], tower_hidden: [4]}",
                "{kind: ple, levels: 1, norm: batch, expert_hidden: [6], tower_hidden: []}"
            })
    void graph_ofOtherOptions_givesTheNetworksLogits(String model) {
        compare(model, Layouts.all(2));
    }

    @Test
    void graph_withoutNumbersOrWithoutIds_givesTheNetworksLogits() {
        compare("{kind: dlrm}", Layouts.withoutNumbers());
        compare("{kind: logistic_regression}", Layouts.withoutNumbers());
        compare("{kind: logistic_regression}", Layouts.withoutIds());
        compare("{kind: deepfm}", Layouts.withoutIds());
        compare("{kind: deepfm, members: 3}", Layouts.all(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{kind: perceptron, sizes: [12, 8, 6, 3], norm: batch}",
                "{kind: perceptron, sizes: [12, 8, 3], head: softmax, activation: tanh}",
                "{kind: picture_attention, rows: 3, columns: 4, units: 8, heads: 2, hidden: 6, classes: 3}",
                "{kind: picture_attention, rows: 3, columns: 4, units: 8, heads: 2, classes: 3, pooling: mean}"
            })
    void graph_ofNetworksForPictures_givesTheNetworksLogits(String text) {
        PictureModelConfig config = (PictureModelConfig) config(text);
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Engine.seed(4);
            Model model = config.create(parameters.root());
            randomize(parameters);
            Graph graph = new Graph();
            Weights weights = new Weights(parameters.state());
            graph.output("logits", NetworkGraphs.pictures(config, weights.root(graph)));
            weights.requireAllUsed();
            Tensor pictures = Tensors.empty(DType.FLOAT32, 7, 3, 4).normal_();
            Batch batch = new Batch(Map.of(Batch.PICTURE, pictures), Tensors.zeros(DType.INT64, 7), 7);
            Tensor expected = model.forward(batch, Mode.EVALUATION);
            float[] logits = run(graph, new RowInputs(graph, Optional.empty(), Map.of()).of(batch));
            Tensor given = Tensors.of(logits, 7, 3);
            assertClose(text, Tensors.toFloats(text.contains("softmax") ? given.softmax(1) : given), expected);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void graph_ofMultiHeadAttentionWithAPaddingMask_givesTheLayersOutput(boolean causal) {
        MultiHeadAttention.Config config = MultiHeadAttention.Config.of(6, 5, 8, 2)
                .bias(causal)
                .outputProjection(causal)
                .causal(causal);
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            MultiHeadAttention attention = MultiHeadAttention.create(parameters.root(), config);
            randomize(parameters);
            LayerExport.attention(config, parameters.state(), folder);
            try (OnnxSession session = new OnnxSession(folder.resolve(OnnxFile.NAME))) {
                for (int keys : new int[] {1, 4, 7}) {
                    int queries = causal ? keys : 3;
                    Tensor query = Tensors.empty(DType.FLOAT32, 4, queries, 6).normal_();
                    Tensor key = Tensors.empty(DType.FLOAT32, 4, keys, 5).normal_();
                    boolean[] hidden = new boolean[4 * keys];
                    for (int i = 0; i < hidden.length; i++) {
                        hidden[i] = i / keys == 1 || i % 3 == 1; // the second row sees nothing at all
                    }
                    Tensor mask = Tensors.of(hidden, 4, keys);
                    Tensor expected = attention.output(query, key, mask, Mode.EVALUATION);
                    Map<String, Tensor> inputs = new LinkedHashMap<>();
                    inputs.put("query", query);
                    inputs.put("key", key);
                    inputs.put("mask", mask);
                    assertClose("attention", session.run(inputs, "output"), expected);
                }
            }
        }
    }

    @Test
    void graph_withWeightsInASecondFile_givesTheSame() throws IOException {
        FeatureLayout layout = Layouts.all(1);
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            RankingModelConfig config = (RankingModelConfig) config("kind: deepfm");
            Model model = config.create(parameters.root(), layout);
            randomize(parameters);
            Graph graph = graph(config, layout, parameters);
            OnnxFile.write(graph, folder, Map.of(), 0);
            assertThat(Files.size(folder.resolve("model.onnx.data")))
                    .isGreaterThan(Files.size(folder.resolve("model.onnx")));
            Batch batch = RowInputs.made(layout, 5, 3);
            try (OnnxSession session = new OnnxSession(folder.resolve("model.onnx"))) {
                float[] logits = session.run(new RowInputs(graph, Optional.of(layout), Map.of()).of(batch), "logits");
                assertClose("deepfm", logits, model.forward(batch, Mode.EVALUATION));
            }
        }
    }

    private void compare(String text, FeatureLayout layout) {
        RankingModelConfig config = (RankingModelConfig) config(text);
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Engine.seed(3);
            Model model = config.create(parameters.root(), layout);
            randomize(parameters);
            Graph graph = graph(config, layout, parameters);
            RowInputs inputs = new RowInputs(graph, Optional.of(layout), Map.of());
            write(graph);
            TorchScript.write(graph, folder.resolve(TorchScript.NAME));
            try (OnnxSession session = new OnnxSession(folder.resolve(OnnxFile.NAME));
                    TorchScript.Module module = new TorchScript.Module(folder.resolve(TorchScript.NAME))) {
                for (int size : new int[] {9, 1}) {
                    Batch batch = RowInputs.made(layout, size, size);
                    Tensor expected = model.forward(batch, Mode.EVALUATION);
                    assertClose(text + " in ONNX Runtime", session.run(inputs.of(batch), "logits"), expected);
                    assertClose(text + " in TorchScript", module.run(inputs.of(batch), 0), expected);
                }
            }
        }
    }

    private static Graph graph(RankingModelConfig config, FeatureLayout layout, Parameters parameters) {
        Graph graph = new Graph();
        Weights weights = new Weights(new StoredTables(parameters, Optional.of(layout)).weights());
        graph.output("logits", NetworkGraphs.ranking(config, layout, weights.root(graph)));
        weights.requireAllUsed();
        return graph;
    }

    private float[] run(Graph graph, Map<String, Tensor> inputs) {
        write(graph);
        try (OnnxSession session = new OnnxSession(folder.resolve(OnnxFile.NAME))) {
            return session.run(inputs, "logits");
        }
    }

    private void write(Graph graph) {
        try {
            OnnxFile.write(graph, folder, Map.of(), OnnxFile.MOST_BYTES_INSIDE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelConfig config(String text) {
        return Binder.bind(ModelConfig.class, ConfigTree.parse(text, "test"), "test");
    }

    /** Values that no layer could do without: norms with statistics of their own, biases that are not zero. */
    private static void randomize(Parameters parameters) {
        parameters.state().forEach((name, tensor) -> {
            if (DType.of(tensor) != DType.FLOAT32) {
                return; // rows in fewer bits keep what was drawn
            }
            if (name.contains("embedding.") && tensor.dim() == 2) {
                tensor.narrow(0, 1, tensor.size(0) - 1).normal_(0, 0.5, new GeneratorOptional());
            } else if (name.endsWith("running_var")) {
                tensor.uniform_(0.5, 2, new GeneratorOptional());
            } else if (!name.startsWith("linear.") || tensor.size(0) > 1) {
                Tensor all = name.startsWith("linear.") ? tensor.narrow(0, 1, tensor.size(0) - 1) : tensor;
                all.normal_(0, 0.3, new GeneratorOptional());
            }
        });
    }

    private static void assertClose(String what, float[] given, Tensor expected) {
        float[] values = Tensors.toFloats(expected);
        assertThat(given).as(what).hasSameSizeAs(values);
        for (int i = 0; i < values.length; i++) {
            assertThat((double) given[i])
                    .as(what + ", value " + i)
                    .isCloseTo(values[i], Offset.offset(TOLERANCE * (1 + Math.abs(values[i]))));
        }
    }
}
