package dev.marquee.nn;

import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
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
     * Draws one value from random numbers that are not the engine's: for rows that appear during training.
     *
     * @param random gives numbers uniform in {@code [0, 1)}
     * @return the value
     * @throws UnsupportedOperationException when the initializer can only fill whole tensors
     */
    default double draw(DoubleSupplier random) {
        throw new UnsupportedOperationException(
                "this initializer fills whole tensors only: growing tables need one of those of Initializer");
    }

    /**
     * Uniform in {@code [-bound, bound)}.
     *
     * @param bound the largest size
     * @return the initializer
     */
    static Initializer uniform(double bound) {
        return of(
                tensor -> tensor.uniform_(-bound, bound, new GeneratorOptional()),
                random -> bound * (2 * random.getAsDouble() - 1));
    }

    /**
     * Normal with mean 0.
     *
     * @param deviation the standard deviation
     * @return the initializer
     */
    static Initializer normal(double deviation) {
        return of(
                tensor -> tensor.normal_(0, deviation, new GeneratorOptional()),
                // Box and Muller's transform; 1 minus, as the logarithm of 0 is not finite.
                random -> deviation
                        * StrictMath.sqrt(-2 * StrictMath.log(1 - random.getAsDouble()))
                        * StrictMath.cos(2 * Math.PI * random.getAsDouble()));
    }

    /**
     * One value everywhere.
     *
     * @param value the value
     * @return the initializer
     */
    static Initializer constant(double value) {
        return of(tensor -> tensor.fill_(new Scalar(value)), random -> value);
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

    private static Initializer of(Initializer whole, ToDoubleFunction<DoubleSupplier> single) {
        return new Initializer() {
            @Override
            public void fill(Tensor tensor) {
                whole.fill(tensor);
            }

            @Override
            public double draw(DoubleSupplier random) {
                return single.applyAsDouble(random);
            }
        };
    }
}
