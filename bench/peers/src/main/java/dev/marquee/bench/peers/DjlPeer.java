package dev.marquee.bench.peers;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.IOException;
import java.util.List;

/**
 * Deep Java Library on its PyTorch engine: a {@code Trainer}'s step, with a memory manager of its own for each step, as its
 * guides have it.
 */
public final class DjlPeer implements Steps.Library {
    private static final float RATE = 0.01f;

    private DjlPeer() {}

    /**
     * Serves until standard input ends.
     *
     * @param arguments none
     * @throws IOException when a pipe breaks
     */
    public static void main(String[] arguments) throws IOException {
        System.setProperty("ai.djl.offline", "true"); // the natives come from the class path
        Steps.serve(new DjlPeer());
    }

    @Override
    public String name() {
        return "DJL " + Engine.getDjlVersion();
    }

    @Override
    public Runnable perceptron(List<Integer> sizes, int batch, int threads) {
        // Read when the engine is loaded, which the first line below does.
        System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        SequentialBlock network = new SequentialBlock();
        for (int i = 1; i < sizes.size(); i++) {
            network.add(Linear.builder().setUnits(sizes.get(i)).build());
            if (i + 1 < sizes.size()) {
                network.add(Activation.reluBlock());
            }
        }
        Model model = Model.newInstance("perceptron", "PyTorch");
        model.setBlock(network);
        Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed(RATE))
                        .build()));
        trainer.initialize(new Shape(batch, sizes.get(0)));
        NDManager manager = trainer.getManager();
        NDArray pictures = manager.randomUniform(0, 1, new Shape(batch, sizes.get(0)));
        NDArray labels = manager.randomInteger(0, sizes.get(sizes.size() - 1), new Shape(batch), DataType.INT64);
        return () -> {
            try (NDManager step = manager.newSubManager()) {
                NDList input = new NDList(pictures);
                input.attach(step);
                NDList target = new NDList(labels);
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDList output = trainer.forward(input);
                    output.attach(step);
                    NDArray loss = trainer.getLoss().evaluate(target, output);
                    loss.attach(step);
                    collector.backward(loss);
                }
                trainer.step();
                // What is to be used again goes back before the manager closes.
                pictures.attach(manager);
            }
        };
    }
}
