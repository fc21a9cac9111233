package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.DoubleBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Compares the gradients of a network, those of its embedding rows included, with central differences. */
public final class FiniteDifferences {
    private static final double STEP = 1e-5;
    private static final int CHECKED = 40;

    private FiniteDifferences() {}

    /** Checks some values of every trainable tensor and of every table, padding left out; float64 only. */
    public static void check(Parameters parameters, Supplier<Tensor> output) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(parameters.trainable());
        parameters.tables().forEach(table -> tensors.put("tables " + table.name(), table.weight()));
        Map<String, double[]> gradients = gradients(parameters, output);
        tensors.forEach((name, tensor) -> {
            DoubleBuffer values = Tensors.bytes(tensor).asDoubleBuffer();
            int first = name.startsWith("tables ") ? (int) tensor.size(1) : 0;
            for (int i = first; i < values.capacity(); i += 1 + values.capacity() / CHECKED) {
                double value = values.get(i);
                values.put(i, value + STEP);
                double above = loss(output);
                values.put(i, value - STEP);
                double below = loss(output);
                values.put(i, value);
                double expected = (above - below) / (2 * STEP);
                assertThat(gradients.get(name)[i])
                        .as("%s[%d]", name, i)
                        .isCloseTo(expected, within(1e-7 * (1 + Math.abs(expected))));
            }
        });
        parameters.zeroGradients();
    }

    private static Map<String, double[]> gradients(Parameters parameters, Supplier<Tensor> output) {
        parameters.zeroGradients();
        Map<String, double[]> gradients = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            weighted(output.get()).backward();
            parameters.trainable().forEach((name, tensor) -> {
                assertThat(tensor.grad().defined()).as(name).isTrue();
                gradients.put(name, Tensors.toDoubles(tensor.grad()));
            });
            for (EmbeddingTable table : parameters.tables()) {
                int width = (int) table.weight().size(1);
                double[] sum = new double[(int) table.weight().numel()];
                for (EmbeddingTable.Use use : table.uses()) {
                    long[] rows = Tensors.toLongs(use.ids().rows());
                    double[] gradient = Tensors.toDoubles(use.rows().grad());
                    for (int i = 0; i < gradient.length; i++) {
                        sum[(int) rows[i / width] * width + i % width] += gradient[i];
                    }
                }
                gradients.put("tables " + table.name(), sum);
            }
            parameters.zeroGradients();
        }
        return gradients;
    }

    private static double loss(Supplier<Tensor> output) {
        try (Scope scope = Scope.open()) {
            return weighted(output.get()).item_double();
        }
    }

    /** A sum in which every output has a weight of its own. */
    private static Tensor weighted(Tensor output) {
        double[] weights = new double[(int) output.numel()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.sin(1.0 + i);
        }
        assertThat(DType.of(output)).isEqualTo(DType.FLOAT64);
        return output.mul(Tensors.of(weights, Tensors.shape(output))).sum();
    }
}
