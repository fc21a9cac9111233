package dev.marquee.optim;

import dev.marquee.tensor.Numbers;
import java.util.List;

/**
 * An update rule for one row at a time, in double precision whatever the type of the table.
 *
 * @param moments what it remembers of a row
 * @param starter makes the update of one step
 */
record RowRule(List<Moment> moments, Starter starter) {
    RowRule {
        moments = List.copyOf(moments);
    }

    /**
     * Something remembered.
     *
     * @param name its name in checkpoints, before that of the table
     * @param perRow whether it is one number a row, rather than one for each value
     */
    record Moment(String name, boolean perRow) {}

    /** Makes the update of one step. */
    @FunctionalInterface
    interface Starter {
        /**
         * Computes what all rows of the step share.
         *
         * @param rate the learning rate
         * @param step the number of steps taken, this one included
         */
        Update at(double rate, long step);
    }

    /** Changes a row. */
    @FunctionalInterface
    interface Update {
        /**
         * Changes a row and what is remembered of it.
         *
         * @param weight all rows
         * @param moments of all rows, in the order of the rule's
         * @param row which
         * @param gradient of the distinct rows of the batch
         * @param position of the row among them
         * @param width of the rows
         */
        void apply(Numbers weight, Numbers[] moments, long row, Numbers gradient, long position, int width);
    }

    static RowRule of(SparseOptimizerConfig config) {
        double epsilon = config.epsilon();
        return switch (config.name()) {
            case SGD -> new RowRule(List.of(), (rate, step) -> sgd(rate));
            case ADAGRAD -> new RowRule(List.of(new Moment("sum", false)), (rate, step) -> adagrad(rate, epsilon));
            case ROWWISE_ADAGRAD ->
                new RowRule(List.of(new Moment("sum", true)), (rate, step) -> rowwiseAdagrad(rate, epsilon));
            case ADAM ->
                new RowRule(
                        List.of(new Moment("exp_avg", false), new Moment("exp_avg_sq", false)),
                        (rate, step) -> adam(rate, step, config));
        };
    }

    private static Update sgd(double rate) {
        return (weight, moments, row, gradient, position, width) -> {
            long at = row * width;
            long from = position * width;
            for (int k = 0; k < width; k++) {
                weight.set(at + k, weight.get(at + k) - rate * gradient.get(from + k));
            }
        };
    }

    private static Update adagrad(double rate, double epsilon) {
        return (weight, moments, row, gradient, position, width) -> {
            Numbers sums = moments[0];
            long at = row * width;
            long from = position * width;
            for (int k = 0; k < width; k++) {
                double g = gradient.get(from + k);
                double sum = sums.get(at + k) + g * g;
                sums.set(at + k, sum);
                weight.set(at + k, weight.get(at + k) - rate * g / (Math.sqrt(sum) + epsilon));
            }
        };
    }

    private static Update rowwiseAdagrad(double rate, double epsilon) {
        return (weight, moments, row, gradient, position, width) -> {
            Numbers sums = moments[0];
            long at = row * width;
            long from = position * width;
            double squares = 0;
            for (int k = 0; k < width; k++) {
                squares += gradient.get(from + k) * gradient.get(from + k);
            }
            double sum = sums.get(row) + squares / width;
            sums.set(row, sum);
            double factor = rate / (Math.sqrt(sum) + epsilon);
            for (int k = 0; k < width; k++) {
                weight.set(at + k, weight.get(at + k) - factor * gradient.get(from + k));
            }
        };
    }

    private static Update adam(double rate, long step, SparseOptimizerConfig config) {
        double beta2 = config.beta2();
        double new1 = 1 - config.beta1();
        double new2 = 1 - beta2;
        double epsilon = config.epsilon();
        double stepSize = rate / (1 - Math.pow(config.beta1(), step));
        double correction = 1 / Math.sqrt(1 - Math.pow(beta2, step));
        return (weight, moments, row, gradient, position, width) -> {
            Numbers firsts = moments[0];
            Numbers seconds = moments[1];
            long at = row * width;
            long from = position * width;
            for (int k = 0; k < width; k++) {
                double g = gradient.get(from + k);
                double first = firsts.get(at + k);
                first += new1 * (g - first);
                double second = beta2 * seconds.get(at + k) + new2 * g * g;
                firsts.set(at + k, first);
                seconds.set(at + k, second);
                weight.set(at + k, weight.get(at + k) - stepSize * first / (Math.sqrt(second) * correction + epsilon));
            }
        };
    }
}
