package dev.marquee.optim;

import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/** Two tables of one width, one of 5 and one of 7 rows, and gradients of their rows that depend on the step alone. */
final class SparseSample implements AutoCloseable {
    static final int ROWS = 12;
    static final int WIDTH = 3;
    static final int SECOND = 5;

    private final Parameters parameters;
    private final EmbeddingTable table;

    SparseSample(DType type) {
        parameters = Parameters.create(type);
        table = parameters
                .root()
                .tables(
                        List.of(
                                new EmbeddingTable.Slice("user", SECOND),
                                new EmbeddingTable.Slice("ad", ROWS - SECOND)),
                        WIDTH,
                        tensor -> tensor.copy_(Tensors.of(start(), ROWS, WIDTH)));
    }

    static SparseOptimizerConfig config(SparseOptimizerConfig.Name name, double weightDecay) {
        return new SparseOptimizerConfig(name, Optional.empty(), weightDecay, 1e-8, 0.9, 0.999);
    }

    Parameters parameters() {
        return parameters;
    }

    double[] values() {
        return Tensors.toDoubles(table.weight());
    }

    /** The first values; row 0 of each table is padding. */
    static double[] start() {
        double[] values = new double[ROWS * WIDTH];
        Arrays.setAll(values, i -> i / WIDTH == 0 || i / WIDTH == SECOND ? 0 : ((i * 31) % 23 - 11) / 16.0);
        return values;
    }

    /** The ids of a step: a column for each table. */
    static int[] ids(int step, boolean all) {
        if (all) {
            return new int[] {1, 1, 2, 2, 3, 3, 4, 4, 0, 5, 1, 6};
        }
        Random random = new Random(step);
        int[] ids = new int[8];
        Arrays.setAll(ids, i -> random.nextInt(i % 2 == 0 ? SECOND : ROWS - SECOND));
        return ids;
    }

    static double[] gradients(int step, int count) {
        double[] values = new double[count * WIDTH];
        Arrays.setAll(values, i -> ((i * 7919 + step * 10007) % 2003 - 800) / 1001.0);
        return values;
    }

    /** The gradient of a step as one of all rows. */
    static double[] dense(int step, boolean all) {
        int[] ids = ids(step, all);
        double[] gradients = gradients(step, ids.length);
        double[] dense = new double[ROWS * WIDTH];
        for (int i = 0; i < ids.length; i++) {
            for (int k = 0; k < WIDTH && ids[i] != 0; k++) {
                dense[(ids[i] + (i % 2) * SECOND) * WIDTH + k] += gradients[i * WIDTH + k];
            }
        }
        return dense;
    }

    /** Forward and backward of a step, in the open scope, in one pass or in two halves. */
    void backward(int step, boolean all, int passes) {
        parameters.zeroGradients();
        int[] ids = ids(step, all);
        double[] gradients = gradients(step, ids.length);
        int length = ids.length / passes;
        for (int from = 0; from < ids.length; from += length) {
            Tensor tensor = Tensors.empty(DType.INT32, length / 2, 2);
            Tensors.bytes(tensor).asIntBuffer().put(ids, from, length);
            DistinctIds distinct = DistinctIds.of(List.of(new DistinctIds.Part(tensor, List.of(0, SECOND))));
            Tensor shown = table.embed(distinct, table.gather(distinct, Mode.TRAINING), 0);
            double[] own = Arrays.copyOfRange(gradients, from * WIDTH, (from + length) * WIDTH);
            Tensor factors = Tensors.of(own, Tensors.shape(shown));
            shown.mul(factors.to(parameters.type().scalarType())).sum().backward();
        }
    }

    void run(Optimizer optimizer, int from, int to, boolean all) {
        for (int step = from; step <= to; step++) {
            try (Scope scope = Scope.open()) {
                backward(step, all, 1);
                optimizer.step(0.05);
            }
        }
    }

    @Override
    public void close() {
        parameters.close();
    }
}
