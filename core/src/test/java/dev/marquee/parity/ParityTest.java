package dev.marquee.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParityTest {
    private static final String ATTENTION = "attention_masked_f64";

    @TempDir
    Path folder;

    @Test
    void runBundled_everyCase_passes() {
        List<Parity.Result> results = Parity.runBundled();
        assertThat(results).hasSizeGreaterThan(40);
        assertThat(results).filteredOn(result -> !result.passed()).isEmpty();
        assertThat(results).allSatisfy(result -> assertThat(result.gradients()).isPresent());
    }

    @Test
    void runBundled_everyModule_isCovered() {
        assertThat(Parity.runBundled())
                .extracting(Parity.Result::module)
                .contains(
                        "mlp",
                        "multi_head_attention",
                        "linear",
                        "layer_norm",
                        "batch_norm",
                        "cross_entropy",
                        "bce_with_logits",
                        "mse");
    }

    @ParameterizedTest
    @CsvSource({
        "expected.out, 1e-9",
        "expected.scores, 1e-9",
        "gradient.input.query, 1e-9",
        "gradient.parameter.W_value.weight, 1e-9",
        "expected.out, NaN",
        "expected.out, Infinity"
    })
    void run_oneRecordedValueChanged_failsAndNamesTheTensor(String tensor, double by) throws IOException {
        Path changed = change(ATTENTION, tensors -> {
            Tensor damaged = tensors.get(tensor).clone();
            damaged.view(-1).select(0, 3).add_(new Scalar(by));
            tensors.put(tensor, damaged);
        });
        Parity.Result result = Parity.run(List.of(changed)).get(0);
        assertThat(result.passed()).isFalse();
        assertThat(result.message()).startsWith(tensor + " differs by ").endsWith("more than 1e-12");
    }

    @Test
    void run_changeBelowTheTolerance_passes() throws IOException {
        Path changed = change(ATTENTION, tensors -> {
            Tensor damaged = tensors.get("expected.out").clone();
            damaged.view(-1).select(0, 3).add_(new Scalar(1e-14));
            tensors.put("expected.out", damaged);
        });
        assertThat(Parity.run(List.of(changed)).get(0).passed()).isTrue();
    }

    @Test
    void run_withoutCotangents_comparesOutputsAlone() throws IOException {
        Path forward = change(
                ATTENTION,
                tensors -> tensors.keySet()
                        .removeIf(name -> name.startsWith("cotangent.") || name.startsWith("gradient.")));
        Parity.Result result = Parity.run(List.of(forward)).get(0);
        assertThat(result.passed()).isTrue();
        assertThat(result.gradients()).isEmpty();
    }

    @Test
    void run_maskOfBytes_isTakenForTruthValues() throws IOException {
        Path bytes = change(
                ATTENTION,
                tensors -> tensors.put("input.mask", tensors.get("input.mask").to(DType.UINT8.scalarType())));
        assertThat(Parity.run(List.of(bytes)).get(0).message()).isEmpty();
    }

    @Test
    void run_fileThatIsMissing_saysSoAndGoesOn() throws IOException {
        Path missing = folder.resolve("none.safetensors");
        Path good = change(ATTENTION, tensors -> {});
        List<Parity.Result> results = Parity.run(List.of(missing, good));
        assertThat(results).extracting(Parity.Result::passed).containsExactly(false, true);
        assertThat(results.get(0).message()).isEqualTo("there is no file " + missing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mpl                  | {}                                  | unknown module \"mpl\"; known are [batch_norm,",
                "multi_head_attention | {\"query_dim\": 6}                   | its config lacks the key key_dim",
                "multi_head_attention | {\"query_dim\": \"6\"}               | the key query_dim of its config must be a whole number, not \"6\"",
                "multi_head_attention | {                                    | its config is not valid JSON",
                "multi_head_attention | []                                   | its config must be a JSON object, not []",
                "multi_head_attention | {\"query_dim\":6,\"key_dim\":10,\"num_units\":8,\"num_heads\":2,\"head\":1} | unknown keys in its config: [head]; known are [bias, causal,",
                "multi_head_attention | {\"query_dim\":6,\"key_dim\":10,\"num_units\":8,\"num_heads\":3} | num_units must be divisible by num_heads",
                "multi_head_attention | {\"query_dim\":6,\"key_dim\":9,\"num_units\":8,\"num_heads\":2} | W_key.weight: is [8, 10] FLOAT64; the model needs [8, 9] FLOAT64",
                "multi_head_attention | {\"query_dim\":6,\"key_dim\":10,\"num_units\":8,\"num_heads\":2,\"bias\":true} | W_key.bias: missing",
                "mlp                  | {\"sizes\": [6, 3], \"activation\": \"rely\"} | the key activation of its config must be one of [relu,",
                "mlp                  | {\"sizes\": [6]}                     | sizes",
            })
    void run_caseThatDoesNotFitItsModule_saysWhy(String module, String config, String message) throws IOException {
        Path file = folder.resolve("bad.safetensors");
        try (Safetensors original = bundled(ATTENTION)) {
            Safetensors.write(file, original.tensors(), Map.of("module", module, "config", config));
        }
        Parity.Result result = Parity.run(List.of(file)).get(0);
        assertThat(result.passed()).isFalse();
        assertThat(result.message()).contains(message).doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input.query         | ''             | it lacks the tensor input.query",
                "input.query         | input.qury     | unknown tensors gradient.input.*: [query]; known are [key, mask, qury]",
                "input.mask          | input.msk      | unknown inputs: [msk]; known are [key, mask, query]",
                "expected.out        | expected.ut    | unknown tensors expected.*: [ut]; known are [out, scores]",
                "expected.out        | out            | unknown tensors: [out]; a tensor's name must begin with one of",
                "gradient.input.key  | gradient.key   | unknown tensors gradient.*: [key]",
                "parameter.W_key.weight | ''          | W_key.weight: missing",
            })
    void run_renamedOrMissingTensor_saysWhich(String from, String to, String message) throws IOException {
        Path file = change(ATTENTION, tensors -> {
            Tensor tensor = tensors.remove(from);
            if (to.isEmpty()) {
                tensors.remove("gradient." + from);
            } else {
                tensors.put(to, tensor);
            }
        });
        assertThat(Parity.run(List.of(file)).get(0).message()).contains(message);
    }

    private Path change(String name, Consumer<Map<String, Tensor>> change) throws IOException {
        Path file = folder.resolve("changed.safetensors");
        try (Safetensors original = bundled(name);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(original.tensors());
            change.accept(tensors);
            Safetensors.write(file, tensors, original.metadata());
        }
        return file;
    }

    private Safetensors bundled(String name) throws IOException {
        Path copy = folder.resolve(name);
        Files.deleteIfExists(copy);
        try (InputStream content = Parity.class.getResourceAsStream(name + ".safetensors")) {
            assertThat(content).isNotNull();
            Files.copy(content, copy);
        }
        return Safetensors.read(copy);
    }
}
