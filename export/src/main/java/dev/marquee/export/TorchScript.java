package dev.marquee.export;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A {@link Graph} as a TorchScript module, written by the engine: its constants are buffers, and its method {@code forward}
 * takes the inputs in their order and gives a tuple of the outputs in theirs. Source: the <a
 * href="https://docs.pytorch.org/docs/stable/jit_language_reference.html">language reference</a> of TorchScript.
 */
final class TorchScript {
    static final String NAME = "model.pt";

    private final Map<String, String> names = new HashMap<>();

    private TorchScript() {}

    /** Writes the module. */
    static void write(Graph graph, Path file) {
        TorchScript script = new TorchScript();
        String source = script.source(graph);
        try (Scope scope = Scope.open();
                QualifiedName name = new QualifiedName("__torch__.Marquee");
                JitModule module = new JitModule(name)) {
            graph.constants()
                    .forEach((constant, tensor) -> module.register_buffer(
                            script.name("c.", constant), tensor.detach().contiguous()));
            module.define(source);
            module.eval();
            module.save(file.toString());
        } catch (RuntimeException e) {
            throw new IllegalStateException("the engine cannot write " + file + ": " + firstLine(e), e);
        }
    }

    /** A module that was written, in the engine. */
    static final class Module implements AutoCloseable {
        private final JitModule module;

        Module(Path file) {
            module = torch.load(file.toString());
        }

        /** The values of one output. */
        float[] run(Map<String, Tensor> inputs, int output) {
            try (Scope scope = Scope.open()) {
                IValueVector given = new IValueVector();
                inputs.values().forEach(tensor -> given.push_back(new IValue(tensor)));
                return Tensors.toFloats(
                        module.forward(given).toTuple().elements().get(output).toTensor());
            }
        }

        @Override
        public void close() {
            module.close();
        }
    }

    /** The method {@code forward}. */
    String source(Graph graph) {
        graph.constants().keySet().forEach(constant -> names.put(constant, "self." + name("c.", constant)));
        List<String> parameters = new ArrayList<>();
        for (Graph.Input input : graph.inputs()) {
            String name = name("", input.value().name());
            names.put(input.value().name(), name);
            parameters.add(name + ": Tensor");
        }
        StringBuilder text = new StringBuilder("def forward(self, ")
                .append(String.join(", ", parameters))
                .append(") -> ")
                .append(graph.outputs().keySet().stream()
                        .map(output -> "Tensor")
                        .collect(Collectors.joining(", ", "Tuple[", "]")))
                .append(":\n");
        for (Node node : graph.nodes()) {
            names.put(node.output().name(), node.output().name());
            text.append("    ")
                    .append(node.output().name())
                    .append(" = ")
                    .append(expression(node))
                    .append('\n');
        }
        return text.append("    return (")
                .append(graph.outputs().values().stream()
                        .map(value -> names.get(value.name()))
                        .collect(Collectors.joining(", ")))
                .append(",)\n")
                .toString();
    }

    private String expression(Node node) {
        List<String> in =
                node.inputs().stream().map(value -> names.get(value.name())).toList();
        List<Long> numbers = node.numbers();
        return switch (node.operator()) {
            case LINEAR -> call("linear", in.get(0), in.get(1), in.size() > 2 ? in.get(2) : "None");
            case CAST ->
                call("to", in.get(0), Integer.toString(type(node.output().type())));
            case GATHER -> {
                boolean table = node.axis() == 0 && node.inputs().get(0).rank() == 2;
                yield table
                        ? call("embedding", in.get(0), in.get(1))
                        : call("index_select", in.get(0), Long.toString(numbers.get(0)), in.get(1));
            }
            case CONCAT -> call("cat", "[" + String.join(", ", in) + "]", Long.toString(numbers.get(0)));
            case RESHAPE -> call("reshape", in.get(0), shape(in.get(0), numbers));
            case LAYER_NORM -> call("layer_norm", in.get(0), "[" + numbers.get(0) + "]", in.get(1), in.get(2), "1e-05");
            case QUANTIZED_LINEAR, QUANTIZED_GATHER ->
                throw new IllegalArgumentException("int8 is for ONNX, not for TorchScript");
            default -> template(node, in);
        };
    }

    private static String template(Node node, List<String> in) {
        String text = node.operator().torch();
        for (int i = 0; i < in.size(); i++) {
            text = text.replace("%" + (i + 1), in.get(i));
        }
        String all = node.numbers().stream().map(String::valueOf).collect(Collectors.joining(", "));
        text = text.replace("%*", all).replace("%k", node.keep() ? "True" : "False");
        String letters = "abc";
        for (int i = 0; i < Math.min(node.numbers().size(), letters.length()); i++) {
            text = text.replace(
                    "%" + letters.charAt(i), Long.toString(node.numbers().get(i)));
        }
        return text;
    }

    private static String shape(String of, List<Long> sizes) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            texts.add(sizes.get(i) == 0 ? call("size", of, Integer.toString(i)) : Long.toString(sizes.get(i)));
        }
        return "[" + String.join(", ", texts) + "]";
    }

    private static String call(String function, String... arguments) {
        return "torch." + function + "(" + String.join(", ", arguments) + ")";
    }

    /** A name of the language: what is no letter or digit becomes an underscore, and the name stays the only one. */
    private String name(String kind, String of) {
        return names.computeIfAbsent(kind + of + "=", some -> {
            String plain = (kind + of).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
            String name = plain.matches("[a-z].*") && !plain.matches("v[0-9]+") ? plain : "_" + plain;
            while (names.containsValue(name)) {
                name += "_";
            }
            return name;
        });
    }

    private static int type(DType type) {
        return type.scalarType().value;
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
