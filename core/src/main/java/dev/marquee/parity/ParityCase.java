package dev.marquee.parity;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A recorded computation: a safetensors file whose metadata has {@code module} and {@code config} (a JSON text), and
 * whose tensors are {@code input.<name>}, {@code parameter.<name>}, {@code expected.<output>} and, for gradients,
 * {@code cotangent.<output>} (the gradient put in at that output), {@code gradient.input.<name>} and
 * {@code gradient.parameter.<name>}.
 */
public final class ParityCase implements AutoCloseable {
    private static final List<String> GROUPS = List.of("input.", "parameter.", "expected.", "cotangent.", "gradient.");

    private final Safetensors file;
    private final String module;
    private final String config;
    private final DType type;

    private ParityCase(Safetensors file, String module, String config, DType type) {
        this.file = file;
        this.module = module;
        this.config = config;
        this.type = type;
    }

    /**
     * What came of running a case.
     *
     * @param outputs how far the outputs are from those recorded
     * @param gradients how far the gradients are; empty where the case is forward only
     */
    public record Outcome(Difference outputs, Optional<Difference> gradients) {}

    /**
     * Reads a case.
     *
     * @param path the file
     * @return the case; close it
     * @throws IOException when the file cannot be read or is no safetensors file
     * @throws IllegalArgumentException when it is no case
     */
    public static ParityCase read(Path path) throws IOException {
        Safetensors file = Safetensors.read(path);
        try {
            String module = file.metadata().get("module");
            if (module == null) {
                throw new IllegalArgumentException("its metadata lacks the key module");
            }
            requireKnownGroups(file.tensors().keySet());
            String config = file.metadata().getOrDefault("config", "{}");
            return new ParityCase(file, module, config, typeOf(file.tensors()));
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * The module that the case is for.
     *
     * @return such as {@code mlp}
     */
    public String module() {
        return module;
    }

    /**
     * The element type of the computation.
     *
     * @return float32 or float64
     */
    public DType type() {
        return type;
    }

    /**
     * The largest relative difference at which the case passes.
     *
     * @return 1e-5 for float32, 1e-12 for float64
     */
    public double tolerance() {
        return type == DType.FLOAT64 ? 1e-12 : 1e-5;
    }

    /**
     * Computes what the case recorded, and compares.
     *
     * @return the differences
     * @throws IllegalArgumentException when the case does not fit its module: unknown names, wrong shapes, missing
     *     tensors
     */
    public Outcome run() {
        Map<String, Tensor> expected = group("expected.");
        Map<String, Tensor> cotangents = group("cotangent.");
        if (expected.isEmpty()) {
            throw new IllegalArgumentException("it has no tensor expected.<name>: there is nothing to compare");
        }
        if (cotangents.isEmpty() && !group("gradient.").isEmpty()) {
            throw new IllegalArgumentException("it has gradients, but no tensor cotangent.<name> that they come from");
        }
        try (Parameters parameters = Parameters.create(type);
                Scope scope = Scope.open()) {
            CaseModule built = CaseModules.create(module, parameters.root(), CaseConfig.parse(config));
            parameters.load(group("parameter."), "the group parameter.* of the case");
            Map<String, Tensor> inputs = inputs();
            CaseInputs asked = new CaseInputs(inputs);
            Map<String, Tensor> outputs = built.forward(asked);
            asked.requireNoOthers();
            requireSubset(expected.keySet(), outputs.keySet(), "expected.");
            requireSubset(cotangents.keySet(), outputs.keySet(), "cotangent.");
            Difference difference = compare("expected.", expected, outputs, 0);
            if (cotangents.isEmpty()) {
                return new Outcome(difference, Optional.empty());
            }
            backward(outputs, cotangents);
            return new Outcome(difference, gradients(inputs, parameters));
        }
    }

    /** Frees the tensors. */
    @Override
    public void close() {
        file.close();
    }

    private static void requireKnownGroups(Set<String> names) {
        Set<String> unknown = new TreeSet<>(names);
        unknown.removeIf(name -> GROUPS.stream().anyMatch(name::startsWith));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown tensors: " + unknown + "; a tensor's name must begin with one of " + GROUPS);
        }
    }

    private static DType typeOf(Map<String, Tensor> tensors) {
        Set<DType> types = new TreeSet<>();
        tensors.forEach((name, tensor) -> {
            DType type = DType.of(tensor);
            if (type.isFloating() && (name.startsWith("input.") || name.startsWith("parameter."))) {
                types.add(type);
            }
        });
        if (types.size() != 1 || types.contains(DType.BFLOAT16)) {
            throw new IllegalArgumentException(
                    "its real inputs and parameters must all be FLOAT32 or all FLOAT64, not " + types);
        }
        return types.iterator().next();
    }

    private Map<String, Tensor> group(String prefix) {
        Map<String, Tensor> group = new LinkedHashMap<>();
        file.tensors().forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                group.put(name.substring(prefix.length()), tensor);
            }
        });
        return group;
    }

    private Map<String, Tensor> inputs() {
        Map<String, Tensor> inputs = group("input.");
        Map<String, Tensor> gradients = group("gradient.input.");
        requireSubset(gradients.keySet(), inputs.keySet(), "gradient.input.");
        // A copy each, so that running the case twice does not add gradients up.
        inputs.replaceAll((name, tensor) -> {
            Tensor input = tensor.clone();
            if (gradients.containsKey(name)) {
                input.set_requires_grad(true);
            }
            return input;
        });
        return inputs;
    }

    private static void backward(Map<String, Tensor> outputs, Map<String, Tensor> cotangents) {
        Tensor total = null;
        for (Map.Entry<String, Tensor> cotangent : cotangents.entrySet()) {
            Tensor output = outputs.get(cotangent.getKey());
            if (!Arrays.equals(Tensors.shape(output), Tensors.shape(cotangent.getValue()))) {
                throw new IllegalArgumentException("cotangent." + cotangent.getKey() + " is "
                        + Tensors.describe(cotangent.getValue()) + ", but the output is " + Tensors.describe(output));
            }
            Tensor part = output.mul(cotangent.getValue()).sum();
            total = total == null ? part : total.add(part);
        }
        if (total != null && total.requires_grad()) {
            total.backward();
        }
    }

    private Optional<Difference> gradients(Map<String, Tensor> inputs, Parameters parameters) {
        Map<String, Tensor> expected = group("gradient.");
        if (expected.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Tensor> computed = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> computed.put("input." + name, gradient(tensor)));
        parameters.trainable().forEach((name, tensor) -> computed.put("parameter." + name, gradient(tensor)));
        requireSubset(expected.keySet(), computed.keySet(), "gradient.");
        double largest = expected.values().stream()
                .mapToDouble(tensor -> Difference.largest(Tensors.toDoubles(tensor)))
                .max()
                .orElse(0);
        return Optional.of(compare("gradient.", expected, computed, largest));
    }

    private static Tensor gradient(Tensor leaf) {
        Tensor gradient = leaf.grad();
        return gradient.defined() ? gradient : torch.zeros_like(leaf.detach());
    }

    /**
     * Compares tensors by name. A gradient may be zero but for rounding (that of a bias of attention's keys, which the
     * softmax cancels): where all expected values are below the tolerance's part of the case's largest gradient, the
     * difference is measured against that one.
     */
    private Difference compare(
            String prefix, Map<String, Tensor> expected, Map<String, Tensor> computed, double largest) {
        Difference difference = null;
        for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
            Difference one = Difference.of(
                    prefix + entry.getKey(),
                    computed.get(entry.getKey()),
                    entry.getValue(),
                    largest * tolerance(),
                    largest);
            difference = difference == null ? one : difference.max(one);
        }
        return Objects.requireNonNull(difference);
    }

    private static void requireSubset(Set<String> names, Set<String> known, String prefix) {
        Set<String> others = new TreeSet<>(names);
        others.removeAll(known);
        if (!others.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown tensors " + prefix + "*: " + others + "; known are " + new TreeSet<>(known));
        }
    }
}
