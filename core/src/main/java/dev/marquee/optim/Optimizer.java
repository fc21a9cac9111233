package dev.marquee.optim;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** An update rule over the trainable tensors of a network. It owns its state: close it. */
public interface Optimizer extends AutoCloseable {
    /**
     * Changes every parameter that has a gradient. The learning rate is an argument, not a state: the schedule is a
     * function of the step, which a resumed run knows.
     *
     * @param learningRate the step size of this step, at least 0
     */
    void step(double learningRate);

    /**
     * What must be saved so that a resumed run goes on exactly: moments and step counts, by name, such as
     * {@code momentum.fc1.weight}.
     *
     * @return the live tensors, not copies
     */
    Map<String, Tensor> state();

    /**
     * Restores what {@link #state()} gave. Strict: nothing changes unless all names and shapes fit.
     *
     * @param state tensors by name
     * @throws IllegalArgumentException listing all missing, unexpected and misshapen tensors
     */
    void load(Map<String, Tensor> state);

    @Override
    void close();
}
