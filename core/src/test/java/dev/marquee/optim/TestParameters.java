package dev.marquee.optim;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Two small parameters whose values and gradients are those of {@code parity/record_optimizers.py}. */
final class TestParameters implements AutoCloseable {
    private final Parameters parameters;

    TestParameters(DType type) {
        parameters = Parameters.create(type);
        Parameters.Path layer = parameters.root().child("fc1");
        layer.parameter("weight", tensor -> tensor.copy_(initial(0, 15).reshape(5, 3)), 5, 3);
        layer.parameter("bias", tensor -> tensor.copy_(initial(1, 7)), 7);
    }

    Parameters parameters() {
        return parameters;
    }

    /** Sets the gradients of a step, counted from 1. */
    void setGradients(int step) {
        List<Tensor> tensors = List.copyOf(parameters.trainable().values());
        for (int index = 0; index < tensors.size(); index++) {
            Tensor parameter = tensors.get(index);
            if (index == 1 && step % 7 == 3) {
                parameter.mutable_grad().reset();
                continue;
            }
            try (Scope scope = Scope.open()) {
                double[] values = new double[(int) parameter.numel()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = ((i * 7919 + index * 613 + step * 10007) % 2003 - 800) / 1001.0;
                }
                Tensor gradient = Tensors.of(values).reshape(Tensors.shape(parameter));
                parameter.mutable_grad().put(gradient.to(parameters.type().scalarType()));
            }
        }
    }

    double[] values() {
        return parameters.trainable().values().stream()
                .map(Tensors::toDoubles)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    @Override
    public void close() {
        parameters.close();
    }

    private static Tensor initial(int parameter, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = ((i * 31 + parameter * 17) % 23 - 11) / 16.0;
        }
        return Tensors.of(values);
    }
}
