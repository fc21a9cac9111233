package dev.marquee.optim;

/**
 * The update of {@link RowRule} for some rows at once, in single precision, in loops that the compiler turns into vector
 * instructions. A row's outcome does not depend on which others stand beside it.
 */
@FunctionalInterface
interface BlockRule {
    /**
     * Computes what all rows of a step share.
     *
     * @param rate the learning rate
     * @param step the number of steps taken, this one included
     */
    Update at(double rate, long step);

    /** Changes rows. */
    @FunctionalInterface
    interface Update {
        /**
         * Changes rows and what is remembered of them.
         *
         * @param weight their values, row by row
         * @param moments in the order of the rule's, row by row
         * @param gradient of the rows
         * @param rows how many there are
         * @param width of a row
         */
        void apply(float[] weight, float[][] moments, float[] gradient, int rows, int width);
    }

    static BlockRule of(SparseOptimizerConfig config) {
        float epsilon = (float) config.epsilon();
        return switch (config.name()) {
            case SGD -> (rate, step) -> sgd((float) rate);
            case ADAGRAD -> (rate, step) -> adagrad((float) rate, epsilon);
            case ROWWISE_ADAGRAD -> (rate, step) -> rowwiseAdagrad(rate, config.epsilon());
            case ADAM -> (rate, step) -> adam(rate, step, config);
        };
    }

    private static Update sgd(float rate) {
        return (weight, moments, gradient, rows, width) -> {
            int size = rows * width;
            for (int i = 0; i < size; i++) {
                weight[i] -= rate * gradient[i];
            }
        };
    }

    private static Update adagrad(float rate, float epsilon) {
        return (weight, moments, gradient, rows, width) -> {
            float[] sums = moments[0];
            int size = rows * width;
            for (int i = 0; i < size; i++) {
                float g = gradient[i];
                float sum = sums[i] + g * g;
                sums[i] = sum;
                weight[i] -= rate * g / ((float) Math.sqrt(sum) + epsilon);
            }
        };
    }

    private static Update rowwiseAdagrad(double rate, double epsilon) {
        return (weight, moments, gradient, rows, width) -> {
            float[] sums = moments[0];
            for (int row = 0; row < rows; row++) {
                int start = row * width;
                int end = start + width;
                double squares = 0;
                for (int i = start; i < end; i++) {
                    squares += (double) gradient[i] * gradient[i];
                }
                sums[row] = (float) (sums[row] + squares / width);
                float factor = (float) (rate / (Math.sqrt(sums[row]) + epsilon));
                for (int i = start; i < end; i++) {
                    weight[i] -= factor * gradient[i];
                }
            }
        };
    }

    private static Update adam(double rate, long step, SparseOptimizerConfig config) {
        float beta2 = (float) config.beta2();
        float new1 = (float) (1 - config.beta1());
        float new2 = (float) (1 - config.beta2());
        float epsilon = (float) config.epsilon();
        float stepSize = (float) (rate / (1 - Math.pow(config.beta1(), step)));
        float correction = (float) (1 / Math.sqrt(1 - Math.pow(config.beta2(), step)));
        return (weight, moments, gradient, rows, width) -> {
            float[] firsts = moments[0];
            float[] seconds = moments[1];
            int size = rows * width;
            for (int i = 0; i < size; i++) {
                float g = gradient[i];
                float first = firsts[i] + new1 * (g - firsts[i]);
                float second = beta2 * seconds[i] + new2 * g * g;
                firsts[i] = first;
                seconds[i] = second;
                weight[i] -= stepSize * first / ((float) Math.sqrt(second) * correction + epsilon);
            }
        };
    }
}
