package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.GrowingRows;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import java.util.List;

/**
 * Gives the ids of a whole batch their rows in growing tables, before several networks share the batch: rows do not come
 * and go under these, and every id has the row that it would have if one network saw the batch.
 */
public final class AssignedRows {
    private final SparseArch arch;
    private final GrowingRows rows;

    private AssignedRows(SparseArch arch, GrowingRows rows) {
        this.arch = arch;
        this.rows = rows;
    }

    /**
     * For a network with growing tables.
     *
     * @param layout the network's
     * @param parameters the network's; it must be complete
     * @return for its batches
     * @throws IllegalArgumentException when the network has no growing tables
     */
    public static AssignedRows of(FeatureLayout layout, Parameters parameters) {
        List<GrowingRows> growing = parameters.growing();
        if (growing.size() != 1) {
            throw new IllegalArgumentException(
                    "rows are assigned to a network with growing tables that are looked up together, not to one with "
                            + growing.size() + " sets of them");
        }
        return new AssignedRows(new SparseArch(layout), growing.get(0));
    }

    /**
     * Notes the occurrences of a batch's ids, as a forward pass in training does.
     *
     * @param batch with ids
     * @return the same batch, with the row of each id beside it, in the open scope; networks look these up
     * @throws IllegalArgumentException when rows are taken away and the batch has no times
     */
    public Batch assign(Batch batch) {
        return arch.assign(batch, rows);
    }
}
