package dev.marquee.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.data.Batch;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.train.Progress;
import dev.marquee.train.Trainer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which runtime should serve: one request of 200 candidates with a history of 50 by the engine, by ONNX Runtime, and by it in
 * int8; one thread each, in turns in one process, by the processor time of the calling thread. docs/decisions.md has the
 * figures.
 */
@Tag("trial")
class RuntimesTrial {
    private static final int CANDIDATES = 200;
    private static final int TURNS = 300;

    @TempDir
    Path folder;

    @Test
    void request_ofTheDefaultRankingRecipe_inEachRuntime() throws IOException {
        String given = System.getProperty("marquee.run");
        Path run = given == null ? folder.resolve("run") : Path.of(given);
        if (given == null) {
            Recipe recipe = Recipe.named("simulated_impressions_din")
                    .with("data.rows", 20_000)
                    .with("data.validation_rows", 1000)
                    .with("data.test_rows", 1000)
                    .with("data.prepared_path", folder.resolve("prepared").toString());
            Trainer.train(recipe, run, Progress.silent()).close();
        }
        Engine.useThreads(1, 1);
        try (OpenRun open = OpenRun.open(run);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Graph graph = open.graph();
            OnnxFile.write(graph, folder, Map.of(), OnnxFile.MOST_BYTES_INSIDE);
            Path quantized = Files.createDirectory(folder.resolve("int8"));
            OnnxFile.write(Quantizer.int8(graph), quantized, Map.of(), OnnxFile.MOST_BYTES_INSIDE);
            TorchScript.write(graph, folder.resolve(TorchScript.NAME));
            Batch whole = RowInputs.made(open.schema().orElseThrow().layout(), CANDIDATES, 1);
            RowInputs inputs = new RowInputs(
                    graph,
                    open.schema().map(FeatureSchema::layout),
                    open.tables().ids());
            Batch request = once(whole);
            Map<String, Tensor> asOneUser = inputs.of(request);
            Map<String, Tensor> asRows = inputs.of(whole);
            try (OnnxSession floats = new OnnxSession(folder.resolve(OnnxFile.NAME));
                    OnnxSession bytes = new OnnxSession(quantized.resolve(OnnxFile.NAME));
                    TorchScript.Module script = new TorchScript.Module(folder.resolve(TorchScript.NAME))) {
                Map<String, Supplier<float[]>> all = new LinkedHashMap<>();
                all.put("engine, history once", () -> open.probabilities(request));
                all.put("ONNX Runtime, history once", () -> floats.run(asOneUser, Exporter.PROBABILITIES));
                all.put("engine, history in every row", () -> open.probabilities(whole));
                all.put("ONNX Runtime, history in every row", () -> floats.run(asRows, Exporter.PROBABILITIES));
                all.put("TorchScript, history in every row", () -> script.run(asRows, 1));
                all.put("ONNX Runtime int8, history once", () -> bytes.run(asOneUser, Exporter.PROBABILITIES));
                assertThat(all.get("ONNX Runtime, history once").get())
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(all.get("engine, history once").get());
                measure(all);
            }
        }
    }

    /** One history for all candidates, at its full length. */
    private static Batch once(Batch whole) {
        Map<String, Tensor> inputs = new HashMap<>(whole.inputs());
        inputs.replaceAll((name, tensor) -> name.startsWith(Batch.SEQUENCE)
                ? tensor.narrow(0, tensor.ne(new Scalar(0)).sum(1).argmax().item_long(), 1)
                : tensor);
        return new Batch(inputs, whole.target(), whole.size());
    }

    private static void measure(Map<String, Supplier<float[]>> all) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<String, double[]> times = new LinkedHashMap<>();
        all.keySet().forEach(name -> times.put(name, new double[TURNS]));
        for (int turn = -100; turn < TURNS; turn++) {
            for (Map.Entry<String, Supplier<float[]>> one : all.entrySet()) {
                try (Scope scope = Scope.open()) {
                    long start = threads.getCurrentThreadCpuTime();
                    float[] scores = one.getValue().get();
                    double took = (threads.getCurrentThreadCpuTime() - start) / 1e6;
                    assertThat(scores).hasSize(CANDIDATES);
                    if (turn >= 0) {
                        Objects.requireNonNull(times.get(one.getKey()))[turn] = took;
                    }
                }
            }
        }
        times.forEach((name, values) -> {
            Arrays.sort(values);
            System.out.printf(
                    Locale.ROOT,
                    "%-36s median %.3f ms, 10 %% %.3f, 90 %% %.3f%n",
                    name,
                    values[TURNS / 2],
                    values[TURNS / 10],
                    values[TURNS * 9 / 10]);
        });
    }
}
