package dev.marquee.nn;

import dev.marquee.tensor.Gradients;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Embeddings of all tables of one width, in one tensor. Only the rows of a batch have a gradient: they are gathered,
 * each once, into a leaf of the graph, and an optimiser changes no others.
 *
 * <p>Row 0 is padding: zeros, and it never learns.
 */
public final class EmbeddingTable {
    private final String name;
    private final Tensor weight;
    private final List<Use> uses = new ArrayList<>();

    EmbeddingTable(String name, Tensor weight) {
        this.name = name;
        this.weight = weight;
    }

    /**
     * One table among those that share the tensor.
     *
     * @param name its name
     * @param rows how many rows it has, at least 1
     */
    public record Slice(String name, int rows) {}

    /**
     * The rows that one forward pass used.
     *
     * @param ids which rows
     * @param rows their values, {@code [distinct, width]}: a leaf, whose gradient the backward pass leaves
     */
    public record Use(DistinctIds ids, Tensor rows) {}

    /**
     * The name in checkpoints, before those of the slices.
     *
     * @return empty or ending with a dot
     */
    public String name() {
        return name;
    }

    /**
     * All rows of all tables.
     *
     * @return {@code [rows, width]}, without gradient
     */
    public Tensor weight() {
        return weight;
    }

    /**
     * The values of a batch's rows. In training they are remembered for the optimiser.
     *
     * @param ids which rows
     * @param mode whether this is training
     * @return {@code [distinct, width]}, a leaf that requires a gradient in training
     */
    public Tensor gather(DistinctIds ids, Mode mode) {
        Tensor rows;
        try (Gradients.Guard off = Gradients.off()) {
            rows = weight.index_select(0, ids.rows());
        }
        if (mode == Mode.TRAINING) {
            rows.set_requires_grad(true);
            uses.add(new Use(ids, rows));
        }
        return rows;
    }

    /**
     * What the forward passes since the last {@link #clear()} used.
     *
     * @return in order
     */
    public List<Use> uses() {
        return List.copyOf(uses);
    }

    /** Forgets what was used. */
    public void clear() {
        uses.clear();
    }
}
