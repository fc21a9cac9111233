package dev.marquee.config;

import java.util.List;
import java.util.Optional;

/** A recipe for the tests: every kind of component that sections may have. */
record Sample(
        @About("What the random numbers start from") long seed,
        @About("How the rows are read") DataSection data,
        @About("What learns") ModelSection model,
        @About("How it learns") OptimizerSection optimizer,
        @About("How long it learns") TrainSection train,
        @About("A remark, for people") Optional<String> note)
        implements Section {
    static final Sample DEFAULT = new Sample(
            1,
            DataSection.DEFAULT,
            MlpSection.DEFAULT,
            new Sgd(0.01, 0.0, false),
            TrainSection.DEFAULT,
            Optional.empty());

    Sample {
        Sections.validate(Sample.class, seed, data, model, optimizer, train, note);
    }

    @Override
    public void check(Faults faults) {
        if (train.epochs() > 1 && data.batchSize() == 13) {
            faults.add("train.epochs", "more than one epoch does not go with data.batch_size 13");
        }
    }

    enum Activation {
        RELU,
        LEAKY_RELU,
        NONE
    }

    record DataSection(
            @About("Where the rows are") String path,

            @About("How many rows a step takes") @Range(atLeast = 1)
            int batchSize,

            @About("Whether each epoch has an order of its own")
            boolean shuffle,

            @About("The columns") List<Feature> features)
            implements Section {
        static final DataSection DEFAULT = new DataSection("data", 32, true, List.of());

        DataSection {
            Sections.validate(DataSection.class, path, batchSize, shuffle, features);
            features = List.copyOf(features);
        }
    }

    sealed interface Feature extends Section {}

    @Kind("dense")
    record Dense(
            @About("The column") String name,

            @About("What a missing value is taken for") @Range(above = -10, below = 10)
            double missing)
            implements Feature {
        Dense {
            Sections.validate(Dense.class, name, missing);
        }
    }

    @Kind("categorical")
    record Categorical(
            @About("The column") String name,

            @About("How many ids there are") @Range(atLeast = 2)
            Optional<Integer> size)
            implements Feature {
        static final Categorical DEFAULT = new Categorical("id", Optional.of(1000));

        Categorical {
            Sections.validate(Categorical.class, name, size);
        }
    }

    @Kind("sequence")
    record Sequence(@About("The columns") List<String> names) implements Feature {
        static final Sequence DEFAULT = new Sequence(List.of());

        Sequence {
            Sections.validate(Sequence.class, names);
            names = List.copyOf(names);
        }
    }

    sealed interface ModelSection extends Section {}

    @Kind("mlp")
    record MlpSection(
            @About("Units by layer") @Range(atLeast = 1) List<Integer> sizes,
            @About("What follows each layer") Activation activation,

            @About("The share of units that a step leaves out") @Range(atLeast = 0, below = 1)
            double dropout)
            implements ModelSection {
        static final MlpSection DEFAULT = new MlpSection(List.of(784, 512, 10), Activation.RELU, 0.0);

        MlpSection {
            Sections.validate(MlpSection.class, sizes, activation, dropout);
            sizes = List.copyOf(sizes);
        }

        @Override
        public void check(Faults faults) {
            if (activation == Activation.RELU && dropout == 0.25) {
                faults.add("dropout", "a quarter does not go with relu");
            }
            if (sizes.size() < 2) {
                faults.add("sizes", "a perceptron has at least two sizes, but here is " + sizes);
            }
        }
    }

    @Kind("constant")
    record ConstantSection() implements ModelSection {
        static final ConstantSection DEFAULT = new ConstantSection();

        ConstantSection {
            Sections.validate(ConstantSection.class);
        }
    }

    sealed interface OptimizerSection extends Section {}

    @Kind("sgd")
    record Sgd(
            @About("The length of a step") @Range(above = 0) double learningRate,

            @About("The share of the last step that goes on") @Range(atLeast = 0, atMost = 1)
            double momentum,

            @About("Whether to look ahead") boolean nesterov)
            implements OptimizerSection {
        static final Sgd DEFAULT = new Sgd(0.1, 0.5, false);

        Sgd {
            Sections.validate(Sgd.class, learningRate, momentum, nesterov);
        }

        @Override
        public void check(Faults faults) {
            if (nesterov && momentum == 0) {
                faults.add("nesterov", "looking ahead needs a momentum above 0");
            }
        }
    }

    @Kind("adam")
    record Adam(
            @About("The length of a step") @Range(above = 0) double learningRate,

            @About("How slowly averages change") @Range(atLeast = 0, below = 1)
            List<Double> betas)
            implements OptimizerSection {
        static final Adam DEFAULT = new Adam(0.001, List.of(0.9, 0.999));

        Adam {
            Sections.validate(Adam.class, learningRate, betas);
            betas = List.copyOf(betas);
            if (betas.size() != 2) {
                throw new ConfigException(
                        "Adam", List.of(new Faults.Fault("betas", "two are needed, not " + betas.size(), "")));
            }
        }
    }

    record TrainSection(
            @About("How often all rows are seen") @Range(atLeast = 1, atMost = 1000)
            int epochs,

            @About("Where gradients are cut") @Range(above = 0)
            Optional<Double> clip,

            @About("What to look at") Optional<OptimizerSection> finetune)
            implements Section {
        static final TrainSection DEFAULT = new TrainSection(10, Optional.of(1.0), Optional.empty());

        TrainSection {
            Sections.validate(TrainSection.class, epochs, clip, finetune);
        }
    }
}
