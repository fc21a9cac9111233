package dev.marquee.train;

import dev.marquee.collective.Group;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.optim.Optimizer;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Members that make some steps each by itself, by the gradients of its own share of the batches, and then go on from the mean
 * of their weights and of what their optimisers remember (Stich, "Local SGD converges fast and communicates little", 2019).
 * They meet after that many batches of an epoch, and at its end, and hear only then of each other's losses and wishes.
 */
final class LocalSteps {
    /** Of each step: loss times weight, weight, loss times samples, samples. */
    private static final int NUMBERS = 4;

    private final Group group;
    private final int steps;
    private final List<Tensor> state;
    private final List<Made> made = new ArrayList<>();
    private long lastMeeting;

    /** This member's part of a step. */
    private record Made(double loss, double weight, int samples, int size) {}

    /**
     * What members learn of each other.
     *
     * @param lossSum by how much the sum of the losses of all samples since the last meeting differs from what this member
     *     took for it
     * @param stop whether a member asks to stop
     */
    record Met(double lossSum, boolean stop) {}

    private LocalSteps(Group group, int steps, List<Tensor> state) {
        this.group = group;
        this.steps = steps;
        this.state = state;
    }

    /**
     * As the recipe says.
     *
     * @return null where members share the gradients of every step, and for a process alone
     * @throws IllegalArgumentException where the mean of what the members have is not the state of a training
     */
    static @Nullable LocalSteps of(Recipe recipe, Members members, Network network, Optimizer optimizer) {
        if (!wanted(recipe, members)) {
            return null;
        }
        if (network.parameters().tables().stream().anyMatch(EmbeddingTable::isRounded)) {
            throw new IllegalArgumentException(
                    "distributed.local_steps above 1 averages rows, which are float32 then: leave"
                            + " model.embedding.storage out, or set distributed.local_steps=1");
        }
        if (!network.parameters().tables().isEmpty()
                && recipe.optimizer().sparse().weightDecay() > 0) {
            throw new IllegalArgumentException("distributed.local_steps above 1 does not go with"
                    + " optimizer.sparse.weight_decay: each process would remember another last use of a row; set one of"
                    + " them to its default");
        }
        List<Tensor> state = Stream.concat(
                        network.parameters().state().values().stream(), optimizer.state().values().stream())
                .filter(tensor -> tensor.numel() > 0)
                .toList();
        return new LocalSteps(members.group(), recipe.distributed().localSteps(), state);
    }

    /** Whether members make steps by themselves. */
    static boolean wanted(Recipe recipe, Members members) {
        return members.several() && recipe.distributed().localSteps() > 1;
    }

    /**
     * This member has made a step.
     *
     * @param loss the mean over its share of the batch
     * @param weight what that share counts for
     * @param samples of the share
     * @param size samples of the whole batch
     */
    void made(double loss, double weight, int samples, int size) {
        made.add(new Made(loss, weight, samples, size));
    }

    /**
     * Whether members meet now.
     *
     * @param batch how many batches of the epoch have been used
     * @param last whether that was the last one
     */
    boolean due(int batch, boolean last) {
        return last || batch % steps == 0;
    }

    /** Whether a step that is a multiple of this number was made since the meeting before, so that a checkpoint is due. */
    boolean passed(long step, int every) {
        boolean passed = every > 0 && step / every > lastMeeting / every;
        lastMeeting = step;
        return passed;
    }

    /** Takes the means over all members. */
    Met meet(boolean stop) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            List<Group.Exchange> sums = new ArrayList<>();
            List<Tensor> averaged = new ArrayList<>();
            for (Tensor tensor : state) {
                if (DType.of(tensor) == DType.INT64) {
                    continue;
                }
                Tensor plain = tensor.detach();
                sums.add(group.startSum(plain));
                averaged.add(plain);
            }
            sums.forEach(Group.Exchange::await);
            Scalar share = new Scalar(1.0 / group.size());
            averaged.forEach(tensor -> tensor.mul_(share));
            // Counts of steps, which are smaller where a share had no samples.
            state.stream().filter(tensor -> DType.of(tensor) == DType.INT64).forEach(this::takeLargest);
            return losses(stop);
        }
    }

    private void takeLargest(Tensor counts) {
        for (Tensor other : group.gather(counts)) {
            counts.copy_(torch.maximum(counts, other));
        }
    }

    private Met losses(boolean stop) {
        double[] numbers = new double[NUMBERS * made.size() + 1];
        for (int i = 0; i < made.size(); i++) {
            Made step = made.get(i);
            numbers[NUMBERS * i] = step.loss() * step.weight();
            numbers[NUMBERS * i + 1] = step.weight();
            numbers[NUMBERS * i + 2] = step.loss() * step.samples();
            numbers[NUMBERS * i + 3] = step.samples();
        }
        numbers[numbers.length - 1] = stop ? 1 : 0;
        Tensor tensor = Tensors.of(numbers);
        group.sum(tensor);
        double[] sums = Tensors.toDoubles(tensor);
        double difference = 0;
        for (int i = 0; i < made.size(); i++) {
            // Where nothing counts, the mean is that of the samples.
            int at = sums[NUMBERS * i + 1] > 0 ? NUMBERS * i : NUMBERS * i + 2;
            difference +=
                    made.get(i).size() * (sums[at] / sums[at + 1] - made.get(i).loss());
        }
        made.clear();
        return new Met(difference, sums[sums.length - 1] > 0);
    }
}
