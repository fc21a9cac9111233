package dev.marquee.optim;

import dev.marquee.config.About;
import dev.marquee.config.ConfigException;
import dev.marquee.config.Faults;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.Locale;
import java.util.Optional;

/**
 * How the learning rate changes during a run. Warm-up and cosine go step by step, {@code step} and
 * {@code reduce_on_plateau} by whole epochs. A warm-up may precede any of them: it is a factor on their rate, and the
 * cosine starts when it ends.
 *
 * @param name the schedule
 * @param warmupSteps over how many steps the rate rises to its full value; 0 for none
 * @param warmupFactor the share of the rate that the first step of a warm-up takes
 * @param scaleWithBatch how the rates follow the size of a batch
 * @param referenceBatchSize the size of a batch that the rates were chosen for, where they follow it
 * @param stepEpochs for step: after how many epochs, each time, the rate is multiplied by gamma
 * @param gamma for step: what the rate is multiplied by; absent is 0.1
 * @param minLearningRate for cosine and reduce_on_plateau: the lowest rate; absent is 0
 * @param patience for reduce_on_plateau: how many epochs in a row may pass without a better loss; absent is 10
 * @param factor for reduce_on_plateau: what the rate is multiplied by; absent is 0.1
 * @param threshold for reduce_on_plateau: how much better, relatively, counts as better; absent is 1e-4
 */
public record ScheduleConfig(
        @About("the schedule of the learning rate") Name name,

        @About("over how many steps the rate rises to its full value; 0 for none") @Range(atLeast = 0)
        long warmupSteps,

        @About("the share of the rate that the first step of a warm-up takes") @Range(above = 0, atMost = 1)
        double warmupFactor,

        @About("how learning rates follow data.batch_size from reference_batch_size on: none, linear, square_root")
        Scaling scaleWithBatch,

        @About("where rates follow the size of a batch: the size that they were chosen for") @Range(atLeast = 1)
        Optional<Integer> referenceBatchSize,

        @About("step: after how many epochs, each time, the rate is multiplied by gamma") @Range(atLeast = 1)
        Optional<Integer> stepEpochs,

        @About("step: what the rate is multiplied by; absent is 0.1") @Range(above = 0, atMost = 1)
        Optional<Double> gamma,

        @About("cosine, reduce_on_plateau: the lowest rate; absent is 0") @Range(atLeast = 0)
        Optional<Double> minLearningRate,

        @About("reduce_on_plateau: how many epochs in a row may pass without a better loss; absent is 10")
        @Range(atLeast = 0)
        Optional<Integer> patience,

        @About("reduce_on_plateau: what the rate is multiplied by; absent is 0.1") @Range(above = 0, below = 1)
        Optional<Double> factor,

        @About("reduce_on_plateau: how much better, relatively, counts as better; absent is 1e-4")
        @Range(atLeast = 0, below = 1)
        Optional<Double> threshold)
        implements Section {
    /** The base rate at every step. */
    public static final ScheduleConfig DEFAULT = of(Name.CONSTANT, 0);

    /** The schedules. */
    public enum Name {
        /** The base rate {@code η} at every step, after the warm-up if there is one. */
        CONSTANT,
        /** {@code η gamma^⌊epoch / step_epochs⌋}, as {@code StepLR}. */
        STEP,
        /** Half a cosine from {@code η} down to the lowest rate at the end of the run, as {@code CosineAnnealingLR}. */
        COSINE,
        /** As {@link #CONSTANT}, but there must be a warm-up, as {@code LinearLR}. */
        LINEAR_WARMUP,
        /** Reduced when the validation loss does not become better; see {@link ReduceOnPlateau}. */
        REDUCE_ON_PLATEAU;

        private String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How a learning rate follows the size of a batch that is {@code k} times the reference. */
    public enum Scaling {
        /** Not at all. */
        NONE,
        /** {@code k η} (Goyal et al., 2017): for SGD, whose step is the gradient's mean. */
        LINEAR,
        /** {@code √k η} (Krizhevsky, 2014): for Adam and Adagrad, whose steps do not depend on the gradient's size. */
        SQUARE_ROOT
    }

    /** Validates. */
    public ScheduleConfig {
        Sections.validate(
                ScheduleConfig.class,
                name,
                warmupSteps,
                warmupFactor,
                scaleWithBatch,
                referenceBatchSize,
                stepEpochs,
                gamma,
                minLearningRate,
                patience,
                factor,
                threshold);
    }

    /**
     * A schedule with the defaults of what else it may have.
     *
     * @param name the schedule
     * @param warmupSteps 0 for none
     * @return its config
     */
    public static ScheduleConfig of(Name name, long warmupSteps) {
        return new ScheduleConfig(
                name,
                warmupSteps,
                0.1,
                Scaling.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public void check(Faults faults) {
        refuse(faults, "step_epochs", stepEpochs.isPresent() && name != Name.STEP);
        refuse(faults, "gamma", gamma.isPresent() && name != Name.STEP);
        boolean plateau = name == Name.REDUCE_ON_PLATEAU;
        refuse(faults, "min_learning_rate", minLearningRate.isPresent() && !plateau && name != Name.COSINE);
        refuse(faults, "patience", patience.isPresent() && !plateau);
        refuse(faults, "factor", factor.isPresent() && !plateau);
        refuse(faults, "threshold", threshold.isPresent() && !plateau);
        if (scaleWithBatch == Scaling.NONE && referenceBatchSize.isPresent()) {
            faults.add(
                    "reference_batch_size",
                    "needs scale_with_batch; leave it out, or set that to linear or square_root");
        }
        if (scaleWithBatch != Scaling.NONE && referenceBatchSize.isEmpty()) {
            faults.add(
                    "reference_batch_size",
                    "is needed by scale_with_batch: the batch size that the rates were chosen for");
        }
        if (name == Name.STEP && stepEpochs.isEmpty()) {
            faults.add("step_epochs", "is needed by step: after how many epochs the rate is multiplied by gamma");
        }
        if (name == Name.LINEAR_WARMUP && warmupSteps == 0) {
            faults.add("warmup_steps", "must be at least 1 for linear_warmup");
        }
    }

    /**
     * The base rate for a size of a batch.
     *
     * @param learningRate that for the reference
     * @param batchSize samples a step, at least 1
     * @return the rate, scaled where it is to be
     */
    public double scaled(double learningRate, int batchSize) {
        if (scaleWithBatch == Scaling.NONE) {
            return learningRate;
        }
        double times = (double) batchSize / referenceBatchSize.orElse(batchSize);
        return learningRate * (scaleWithBatch == Scaling.LINEAR ? times : Math.sqrt(times));
    }

    /**
     * Makes the schedule of a run.
     *
     * @param baseLearningRate the optimiser's rate, {@link #scaled}, above 0
     * @param stepsPerEpoch how many steps an epoch has, at least 1
     * @param epochs how many epochs the run has, at least 1
     * @return the schedule
     * @throws ConfigException when options contradict each other
     * @throws IllegalArgumentException when an argument is out of range, or the lowest rate is above the base rate
     */
    public Schedule create(double baseLearningRate, long stepsPerEpoch, int epochs) {
        Faults faults = new Faults();
        check(faults);
        double lowest = minLearningRate.orElse(0.0);
        if (lowest > Checks.above(baseLearningRate, 0, "the learning rate")) {
            faults.add("min_learning_rate", lowest + " is above the learning rate, " + baseLearningRate);
        }
        if (!faults.isEmpty()) {
            throw new ConfigException("the schedule", faults.list());
        }
        if (stepsPerEpoch < 1 || epochs < 1) {
            throw new IllegalArgumentException("a schedule needs at least one step and one epoch, not " + stepsPerEpoch
                    + " steps per epoch and " + epochs + " epochs");
        }
        Schedule schedule = full(baseLearningRate, lowest, stepsPerEpoch, epochs);
        return warmupSteps == 0 ? schedule : new WarmUp(schedule, warmupSteps, warmupFactor);
    }

    private Schedule full(double base, double lowest, long stepsPerEpoch, int epochs) {
        return switch (name) {
            case CONSTANT, LINEAR_WARMUP -> step -> base;
            case STEP -> {
                long period = stepsPerEpoch * stepEpochs.orElseThrow();
                double ratio = gamma.orElse(0.1);
                yield step -> base * Math.pow(ratio, (double) Math.floorDiv(step, period));
            }
            case COSINE -> cosine(base, lowest, warmupSteps, stepsPerEpoch * epochs);
            case REDUCE_ON_PLATEAU ->
                new ReduceOnPlateau(base, factor.orElse(0.1), patience.orElse(10), threshold.orElse(1e-4), lowest);
        };
    }

    private static Schedule cosine(double base, double lowest, long first, long end) {
        double length = Math.max(1, end - first);
        return step -> {
            double share = Math.min(1, Math.max(0, step - first) / length);
            return lowest + (base - lowest) * (1 + Math.cos(Math.PI * share)) / 2;
        };
    }

    private void refuse(Faults faults, String key, boolean refused) {
        if (refused) {
            faults.add(key, "is not an option of " + name.key() + "; leave it out");
        }
    }
}
