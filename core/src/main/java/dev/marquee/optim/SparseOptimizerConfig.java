package dev.marquee.optim;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.Optional;

/**
 * The update rule of embedding tables, which changes the rows of a batch only: the section {@code optimizer.sparse}.
 *
 * @param name which rule
 * @param learningRate the learning rate where the schedule is at its base; as for the dense parameters where absent
 * @param weightDecay how fast a row decays; applied when a row is used, for all steps since it was last used
 * @param epsilon keeps divisions defined
 * @param beta1 adam: how much of the first moment is kept
 * @param beta2 adam: how much of the second moment is kept
 */
public record SparseOptimizerConfig(
        @About(
                "rule for the rows of embedding tables: sgd, rowwise_adagrad (one number a row), adagrad, or adam (lazy)")
        Name name,

        @About("learning rate where the schedule is at its base; absent: optimizer.learning_rate") @Range(above = 0)
        Optional<Double> learningRate,

        @About("weight decay, applied when a row is used, for all steps since it was last used") @Range(atLeast = 0)
        double weightDecay,

        @About("all but sgd: keeps divisions defined") @Range(above = 0)
        double epsilon,

        @About("adam: how much of the first moment is kept") @Range(atLeast = 0, below = 1)
        double beta1,

        @About("adam: how much of the second moment is kept") @Range(atLeast = 0, below = 1)
        double beta2)
        implements Section {
    /** The values of absent keys. */
    public static final SparseOptimizerConfig DEFAULT =
            new SparseOptimizerConfig(Name.ADAM, Optional.empty(), 0, 1e-8, 0.9, 0.999);

    /** The rules. */
    public enum Name {
        /** Stochastic gradient descent. */
        SGD,
        /** Adagrad with one sum of squares a row. */
        ROWWISE_ADAGRAD,
        /** Adagrad. */
        ADAGRAD,
        /** Adam that leaves rows without a gradient as they are. */
        ADAM
    }

    /** Checks the values. */
    public SparseOptimizerConfig {
        Sections.validate(SparseOptimizerConfig.class, name, learningRate, weightDecay, epsilon, beta1, beta2);
    }

    /**
     * What is remembered of a row of float32.
     *
     * @param width of the row
     * @return bytes
     */
    public long stateBytes(long width) {
        long moments = switch (name) {
            case SGD -> 0;
            case ROWWISE_ADAGRAD -> 1;
            case ADAGRAD -> width;
            case ADAM -> 2 * width;
        };
        return Float.BYTES * moments + (weightDecay > 0 ? Integer.BYTES : 0);
    }

    @Override
    public void check(Faults faults) {
        if (weightDecay >= 1) {
            faults.add("weight_decay", weightDecay + " is not below 1");
        }
    }
}
