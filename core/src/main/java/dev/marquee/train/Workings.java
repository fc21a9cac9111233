package dev.marquee.train;

import dev.marquee.model.Model;
import dev.marquee.optim.LossScale;
import dev.marquee.optim.Optimizer;
import dev.marquee.optim.ScaledOptimizer;
import dev.marquee.parallel.GradientExchange;
import dev.marquee.parallel.ReplicaRule;
import dev.marquee.parallel.Replicas;
import dev.marquee.recipe.DistributedConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Processor;
import org.jspecify.annotations.Nullable;

/** What a training computes with: replicas, exchanges and the optimiser that a recipe asks for; refuses what does not fit. */
final class Workings {
    private Workings() {}

    /** The replicas that a recipe asks for, or that suit it. */
    static Replicas<Model> replicas(Recipe recipe, Network network, Members members, Progress progress) {
        AsynchronousReplicas.check(recipe, network.parameters());
        boolean whole = Replicas.seesWholeBatch(network.parameters());
        int world = members.share().world();
        if (members.several() && (whole || !network.parameters().growing().isEmpty())) {
            throw new IllegalArgumentException(
                    "this network cannot be trained by " + world + " processes: with batch norm"
                            + " or Dice a sample's outcome depends on the whole batch, and the rows of growing tables come and"
                            + " go; train it with one");
        }
        if (members.several() && recipe.engine().asynchronous()) {
            throw new IllegalArgumentException("engine.replica_updates=asynchronous does not go with " + world
                    + " processes, which make every step together: set it to together");
        }
        Device device = recipe.engine().place();
        if (members.several() && !device.isCpu()) {
            throw new IllegalArgumentException("engine.device=" + device + " does not go with " + world
                    + " processes, which exchange gradients in main memory: set it to cpu, or train with one process");
        }
        if (recipe.engine().recompute() && whole) {
            throw new IllegalArgumentException("engine.recompute does not go with this network: batch norm and Dice"
                    + " would see every batch twice; set it to false");
        }
        boolean inPieces = recipe.engine().microBatch() > 0;
        if (recipe.engine().replicas() > 1 && whole && inPieces) {
            throw new IllegalArgumentException("engine.replicas="
                    + recipe.engine().replicas() + " and engine.micro_batch="
                    + recipe.engine().microBatch() + " do not go together with this network: with batch norm or Dice a"
                    + " sample's outcome depends on the whole batch; set one of them to 0");
        }
        // Not by this member's share, which may be smaller than that of others by one.
        int share = Math.max(1, recipe.data().batchSize() / world);
        Processor processor = Processor.detect();
        boolean halves = recipe.engine().multipliesHalves(processor);
        long rows = (long) share * recipe.model().positions();
        boolean alone = ReplicaRule.alone(network.parameters().count(), rows, processor, halves);
        int count = halves && alone && recipe.engine().replicas() == 0
                ? 1
                : recipe.engine().effectiveReplicas(share, recipe.model().positions(), !whole);
        boolean products = count == 1 && recipe.engine().sharesProducts(processor);
        if (count > 1) {
            progress.notice(
                    "replicas",
                    count + ", of one thread each" + (recipe.engine().asynchronous() ? ", each by itself" : ""));
        }
        Replicas<Model> replicas = network.replicas(products ? recipe.engine().effectiveThreads() : count);
        replicas.shareProducts(products, alone);
        replicas.useHalves(halves);
        replicas.useFused(recipe.engine().fused() && device.isCpu());
        replicas.useRecomputing(recipe.engine().recompute());
        return replicas;
    }

    /** The recipe's, which takes the scale out of gradients where the loss is scaled. */
    static Optimizer optimizer(Recipe recipe, Network network, SharedBatch shared) {
        Optimizer optimizer = recipe.optimizer().create(network.parameters());
        if (!recipe.engine().scalesLoss()) {
            return optimizer;
        }
        LossScale scale = new LossScale();
        shared.useScale(scale);
        return new ScaledOptimizer(optimizer, network.parameters(), scale);
    }

    /** How gradients go to the other members; null where they do not, or there are none. */
    static @Nullable GradientExchange exchange(Recipe recipe, Network network, Members members) {
        if (!members.several() || LocalSteps.wanted(recipe, members)) {
            return null;
        }
        DistributedConfig config = recipe.distributed();
        return new GradientExchange(
                members.group(),
                network.parameters(),
                config.gradientCompression() == DistributedConfig.Compression.BFLOAT16,
                config.overlap());
    }
}
