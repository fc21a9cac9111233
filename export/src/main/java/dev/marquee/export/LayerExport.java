package dev.marquee.export;

import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Layers that are used on their own, outside of a run. */
public final class LayerExport {
    private LayerExport() {}

    /**
     * Writes {@code model.onnx}, an attention with a key padding mask. Inputs: {@code query [batch, queries, query_dim]},
     * {@code key [batch, keys, key_dim]}, both float32, {@code mask [batch, keys]} of truth values (true hides a key), and,
     * where values have a size of their own, {@code value [batch, keys, value_dim]}. Output: {@code output [batch, queries,
     * units]}. All sizes but the last may differ from call to call.
     *
     * @param config of the attention
     * @param weights by name, as {@link dev.marquee.nn.Parameters#state()} gives them
     * @param folder an existing one
     * @throws IllegalStateException when the weights are not those of such an attention
     * @throws UncheckedIOException when the file cannot be written
     */
    public static void attention(MultiHeadAttention.Config config, Map<String, Tensor> weights, Path folder) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Graph graph = new Graph();
            Weights all = new Weights(weights);
            Value query = graph.input("query", DType.FLOAT32, "batch", "queries", "" + config.queryDim());
            Value key = graph.input("key", DType.FLOAT32, "batch", "keys", "" + config.keyDim());
            Value mask = graph.input("mask", DType.BOOL, "batch", "keys");
            Value value = config.valueDim().isPresent()
                    ? graph.input(
                            "value",
                            DType.FLOAT32,
                            "batch",
                            "keys",
                            "" + config.valueDim().getAsInt())
                    : key;
            graph.output("output", AttentionGraph.attention(all.root(graph), config, query, key, value, mask));
            all.requireAllUsed();
            OnnxFile.write(graph, folder, Map.of(), OnnxFile.MOST_BYTES_INSIDE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder.resolve(OnnxFile.NAME) + ": " + e.getMessage(), e);
        }
    }
}
