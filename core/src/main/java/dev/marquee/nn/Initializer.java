package dev.marquee.nn;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Fills a new parameter with its first values, drawing from the engine's default generator. */
@FunctionalInterface
public interface Initializer {
    /**
     * Fills the tensor in place.
     *
     * @param tensor the new parameter
     */
    void fill(Tensor tensor);

    /**
     * Uniform in {@code [-bound, bound)}.
     *
     * @param bound the largest size
     * @return the initializer
     */
    static Initializer uniform(double bound) {
        return tensor -> tensor.uniform_(-bound, bound, new GeneratorOptional());
    }

    /**
     * Normal with mean 0.
     *
     * @param deviation the standard deviation
     * @return the initializer
     */
    static Initializer normal(double deviation) {
        return tensor -> tensor.normal_(0, deviation, new GeneratorOptional());
    }

    /**
     * One value everywhere.
     *
     * @param value the value
     * @return the initializer
     */
    static Initializer constant(double value) {
        return tensor -> tensor.fill_(new Scalar(value));
    }

    /**
     * What {@code torch.nn.Linear} uses for weight and bias alike: uniform in ±1/√(number of inputs).
     *
     * @param inputs the number of inputs, at least 1
     * @return the initializer
     */
    static Initializer linear(long inputs) {
        return uniform(1 / Math.sqrt((double) inputs));
    }
}
