package dev.marquee.optim;

/** Changes parameters by their gradients. */
public interface UpdateRule extends AutoCloseable {
    /**
     * Changes every parameter that has a gradient. The learning rate is an argument, not a state: the schedule is a
     * function of the step, which a resumed run knows.
     *
     * @param learningRate the step size of this step, at least 0
     */
    void step(double learningRate);

    @Override
    void close();
}
