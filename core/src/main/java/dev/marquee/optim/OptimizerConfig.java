package dev.marquee.optim;

import dev.marquee.config.About;
import dev.marquee.config.ConfigException;
import dev.marquee.config.Faults;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import dev.marquee.nn.Parameters;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;

/**
 * Which optimiser trains, and how. What is absent has the value that PyTorch's optimiser of that name has; what the
 * chosen optimiser does not know must be absent.
 *
 * @param name the optimiser
 * @param learningRate the base rate, which the schedule changes
 * @param momentum for SGD and RMSprop; absent is 0
 * @param dampening for SGD: how much less the gradient counts in the momentum; absent is 0
 * @param nesterov for SGD: whether momentum looks ahead
 * @param weightDecay absent is 0, for AdamW 0.01
 * @param beta1 for Adam and AdamW: how much of the first moment is kept; absent is 0.9
 * @param beta2 for Adam and AdamW: how much of the second moment is kept; absent is 0.999
 * @param epsilon keeps divisions defined, for all but SGD; absent is 1e-8, for Adagrad 1e-10
 * @param alpha for RMSprop: how much of the moments is kept; absent is 0.99
 * @param centered for RMSprop: whether to divide by the standard deviation of the gradient
 * @param clipNorm the largest norm of all gradients together; absent for no clipping
 * @param sparse the update rule of embedding tables
 */
public record OptimizerConfig(
        @About("the optimiser") Name name,

        @About("the base learning rate, which the schedule changes") @Range(above = 0)
        double learningRate,

        @About("sgd, rmsprop: momentum; absent is 0") @Range(atLeast = 0)
        Optional<Double> momentum,

        @About("sgd: how much less the gradient counts in the momentum; absent is 0") @Range(atLeast = 0, below = 1)
        Optional<Double> dampening,

        @About("sgd: whether momentum looks ahead") boolean nesterov,

        @About("weight decay; absent is 0, for adamw 0.01") @Range(atLeast = 0)
        Optional<Double> weightDecay,

        @About("adam, adamw: how much of the first moment is kept; absent is 0.9") @Range(atLeast = 0, below = 1)
        Optional<Double> beta1,

        @About("adam, adamw: how much of the second moment is kept; absent is 0.999") @Range(atLeast = 0, below = 1)
        Optional<Double> beta2,

        @About("all but sgd: keeps divisions defined; absent is 1e-8, for adagrad 1e-10") @Range(atLeast = 0)
        Optional<Double> epsilon,

        @About("rmsprop: how much of the moments is kept; absent is 0.99") @Range(atLeast = 0, below = 1)
        Optional<Double> alpha,

        @About("rmsprop: whether to divide by the standard deviation of the gradient")
        boolean centered,

        @About("the largest norm of all gradients together; absent for no clipping") @Range(above = 0)
        Optional<Double> clipNorm,

        @About("the update rule of embedding tables") SparseOptimizerConfig sparse)
        implements Section {
    /** Plain stochastic gradient descent at 0.01. */
    public static final OptimizerConfig DEFAULT = of(Name.SGD, 0.01);

    /** The optimisers. */
    public enum Name {
        /** Stochastic gradient descent; see {@link Sgd}. */
        SGD,
        /** See {@link Adam}. */
        ADAM,
        /** Adam with decoupled weight decay; see {@link AdamW}. */
        ADAMW,
        /** See {@link Adagrad}. */
        ADAGRAD,
        /** See {@link RmsProp}. */
        RMSPROP;

        private static final EnumSet<Name> WITH_MOMENTUM = EnumSet.of(SGD, RMSPROP);
        private static final EnumSet<Name> WITH_BETAS = EnumSet.of(ADAM, ADAMW);
        private static final EnumSet<Name> WITH_EPSILON = EnumSet.complementOf(EnumSet.of(SGD));

        private String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Validates. */
    public OptimizerConfig {
        Sections.validate(
                OptimizerConfig.class,
                name,
                learningRate,
                momentum,
                dampening,
                nesterov,
                weightDecay,
                beta1,
                beta2,
                epsilon,
                alpha,
                centered,
                clipNorm,
                sparse);
    }

    /**
     * An optimiser with PyTorch's defaults.
     *
     * @param name the optimiser
     * @param learningRate above 0
     * @return its config
     */
    public static OptimizerConfig of(Name name, double learningRate) {
        Optional<Double> absent = Optional.empty();
        return new OptimizerConfig(
                name,
                learningRate,
                absent,
                absent,
                false,
                absent,
                absent,
                absent,
                absent,
                absent,
                false,
                absent,
                SparseOptimizerConfig.DEFAULT);
    }

    @Override
    public void check(Faults faults) {
        refuse(faults, "momentum", momentum.isPresent() && !Name.WITH_MOMENTUM.contains(name));
        refuse(faults, "dampening", dampening.isPresent() && name != Name.SGD);
        refuse(faults, "nesterov", nesterov && name != Name.SGD);
        refuse(faults, "beta1", beta1.isPresent() && !Name.WITH_BETAS.contains(name));
        refuse(faults, "beta2", beta2.isPresent() && !Name.WITH_BETAS.contains(name));
        refuse(faults, "epsilon", epsilon.isPresent() && !Name.WITH_EPSILON.contains(name));
        refuse(faults, "alpha", alpha.isPresent() && name != Name.RMSPROP);
        refuse(faults, "centered", centered && name != Name.RMSPROP);
        if (name == Name.SGD) {
            checkMomentum(faults);
        }
    }

    /**
     * Refuses rules that do not bear that several threads change the same numbers at once, when a change may be lost.
     *
     * @param faults where to put what is wrong
     * @param tables whether there are embedding tables
     */
    public void checkLostChanges(Faults faults, boolean tables) {
        String who = "engine.replica_updates=asynchronous";
        if (name != Name.SGD) {
            faults.add("name", "must be sgd with " + who + ", not " + name.key());
        }
        if (momentum.orElse(0.0) != 0) {
            faults.add("momentum", "must be 0 with " + who);
        }
        if (tables && sparse.name() == SparseOptimizerConfig.Name.ADAM) {
            faults.add("sparse.name", "must be sgd, adagrad or rowwise_adagrad with " + who + ", not adam");
        }
        if (tables && sparse.weightDecay() > 0) {
            faults.add("sparse.weight_decay", "must be 0 with " + who);
        }
    }

    /**
     * Makes the optimiser, with clipping before each step if there is any.
     *
     * @param parameters what it changes
     * @return the optimiser; close it
     * @throws ConfigException when options contradict each other
     */
    public Optimizer create(Parameters parameters) {
        Faults faults = new Faults();
        check(faults);
        if (!faults.isEmpty()) {
            throw new ConfigException("the optimiser", faults.list());
        }
        Optimizer optimizer = BothOptimizers.of(unclipped(parameters), parameters, this);
        return clipNorm.isPresent() ? new ClippedOptimizer(optimizer, parameters, clipNorm.get()) : optimizer;
    }

    private Optimizer unclipped(Parameters parameters) {
        double decay = weightDecay.orElse(name == Name.ADAMW ? 0.01 : 0.0);
        double first = beta1.orElse(0.9);
        double second = beta2.orElse(0.999);
        double small = epsilon.orElse(name == Name.ADAGRAD ? 1e-10 : 1e-8);
        return switch (name) {
            case SGD -> new Sgd(parameters, momentum.orElse(0.0), dampening.orElse(0.0), nesterov, decay);
            case ADAM -> new Adam(parameters, first, second, small, decay);
            case ADAMW -> new AdamW(parameters, first, second, small, decay);
            case ADAGRAD -> new Adagrad(parameters, small, decay);
            case RMSPROP -> new RmsProp(parameters, alpha.orElse(0.99), small, momentum.orElse(0.0), centered, decay);
        };
    }

    private void refuse(Faults faults, String key, boolean refused) {
        if (refused) {
            faults.add(key, "is not an option of " + name.key() + "; leave it out");
        }
    }

    private void checkMomentum(Faults faults) {
        boolean without = momentum.orElse(0.0) == 0;
        if (nesterov && without) {
            faults.add("nesterov", "needs momentum above 0");
        }
        if (dampening.orElse(0.0) != 0 && without) {
            faults.add("dampening", "needs momentum above 0");
        }
        if (nesterov && dampening.orElse(0.0) != 0) {
            faults.add("dampening", "must be 0 with nesterov, not " + dampening.orElse(0.0));
        }
    }
}
