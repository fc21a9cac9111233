package dev.marquee.loss;

import dev.marquee.config.Kind;

/** Mean squared error; see {@link MeanSquaredError}. */
@Kind("mean_squared_error")
public record MeanSquaredErrorConfig() implements LossConfig {
    /** It has no options. */
    public static final MeanSquaredErrorConfig DEFAULT = new MeanSquaredErrorConfig();

    @Override
    public MeanSquaredError create(Reduction reduction) {
        return new MeanSquaredError(reduction);
    }
}
