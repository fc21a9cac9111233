package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecomputedTest {
    private static final int LAYERS = 9;

    @ParameterizedTest
    @CsvSource({"RELU, 0", "RELU, 0.3", "TANH, 0.3"})
    void forward_perceptron_givesTheGradientsOfKeptActivationsBitForBit(Activation activation, double dropout) {
        for (Norm norm : new Norm[] {Norm.NONE, Norm.LAYER}) {
            for (boolean fused : new boolean[] {false, true}) {
                Map<String, float[]> kept = perceptron(activation, dropout, norm, fused, false);
                perceptron(activation, dropout, norm, fused, true)
                        .forEach((name, values) -> assertThat(values)
                                .as("%s, norm %s, fused %s", name, norm, fused)
                                .isEqualTo(kept.get(name)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void forward_transformerBlocksWithDropout_giveTheGradientsOfKeptActivationsBitForBit(boolean fused) {
        Map<String, float[]> kept = blocks(fused, false);
        blocks(fused, true)
                .forEach((name, values) -> assertThat(values).as(name).isEqualTo(kept.get(name)));
    }

    @Test
    void forward_perceptronOf36Layers_takesLessThanHalfOfTheMemory() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            MultilayerPerceptron deep = deep(parameters.root(), 36, 64, Activation.TANH, 0.3, Norm.NONE);
            step(deep, false, 64); // whatever is made once
            // Memory once used stays with the process, so what a step takes at most shows when it is over.
            long before = Engine.residentBytes();
            step(deep, true, 16384);
            long recomputing = Engine.residentBytes() - before;
            step(deep, false, 16384);
            long keeping = Engine.residentBytes() - before;
            // 36 outputs of 4 MiB, and the factors of dropout, against six outputs and six layers.
            assertThat(keeping).isGreaterThan(250L << 20);
            assertThat(recomputing).isLessThan(keeping / 2);
        }
    }

    private static MultilayerPerceptron deep(
            Parameters.Path path, int layers, int width, Activation activation, double dropout, Norm norm) {
        List<Integer> sizes = new ArrayList<>(Collections.nCopies(layers + 1, width));
        sizes.add(1);
        return MultilayerPerceptron.create(path, new MultilayerPerceptron.Config(sizes, activation, dropout, norm));
    }

    private static void step(MultilayerPerceptron deep, boolean recomputing, int rows) {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open(true, recomputing)) {
            Tensor input = torch.ones(new long[] {rows, 64}, Tensors.options(DType.FLOAT32));
            tape.backward(deep.forward(input, Mode.TRAINING).sum());
        }
    }

    private static Map<String, float[]> perceptron(
            Activation activation, double dropout, Norm norm, boolean fused, boolean recomputing) {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Engine.seed(2);
            MultilayerPerceptron deep = deep(parameters.root(), LAYERS, 20, activation, dropout, norm);
            return gradients(parameters, fused, recomputing, input -> deep.forward(input, Mode.TRAINING));
        }
    }

    private static Map<String, float[]> blocks(boolean fused, boolean recomputing) {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            Engine.seed(2);
            TransformerBlock.Config config = new TransformerBlock.Config(20, 4, 30, Activation.LEAKY_RELU, 0.2);
            TransformerBlock first = TransformerBlock.create(parameters.root().child("first"), config);
            TransformerBlock second = TransformerBlock.create(parameters.root().child("second"), config);
            return gradients(parameters, fused, recomputing, input -> {
                Tensor tokens = input.view(4, 6, 20);
                Tensor related = first.forward(tokens, tokens, null, Mode.TRAINING);
                return second.forward(related.narrow(1, 5, 1), related, null, Mode.TRAINING);
            });
        }
    }

    /** Of two passes, the second of which draws other numbers; and what is drawn after them. */
    private static Map<String, float[]> gradients(
            Parameters parameters, boolean fused, boolean recomputing, UnaryOperator<Tensor> network) {
        Map<String, float[]> gradients = new TreeMap<>();
        try (Scope scope = Scope.open();
                Tape tape = Tape.open(fused, recomputing)) {
            Engine.seed(5);
            Tensor input = torch.randn(new long[] {24, 20}, Tensors.options(DType.FLOAT32))
                    .set_requires_grad(true);
            for (int pass = 0; pass < 2; pass++) {
                tape.backward(torch.square(network.apply(input)).mean());
            }
            parameters.trainable().forEach((name, tensor) -> gradients.put(name, Tensors.toFloats(tensor.grad())));
            gradients.put("the input", Tensors.toFloats(input.grad()));
            gradients.put("drawn next", Tensors.toFloats(torch.rand(new long[] {3}, Tensors.options(DType.FLOAT32))));
        }
        return gradients;
    }
}
