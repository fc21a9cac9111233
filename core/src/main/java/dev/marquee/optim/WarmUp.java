package dev.marquee.optim;

import java.util.Map;

/** A factor on another schedule that rises linearly to 1; agrees with {@code torch.optim.lr_scheduler.LinearLR}. */
final class WarmUp implements Schedule {
    private final Schedule schedule;
    private final long steps;
    private final double start;

    WarmUp(Schedule schedule, long steps, double start) {
        this.schedule = schedule;
        this.steps = steps;
        this.start = start;
    }

    @Override
    public double learningRate(long step) {
        double rate = schedule.learningRate(step);
        return step >= steps ? rate : rate * (start + (1 - start) * (double) step / (double) steps);
    }

    @Override
    public void observe(double validationLoss) {
        schedule.observe(validationLoss);
    }

    @Override
    public Map<String, Double> state() {
        return schedule.state();
    }

    @Override
    public void load(Map<String, Double> state) {
        schedule.load(state);
    }
}
