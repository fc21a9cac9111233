package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.Mode;
import dev.marquee.schema.FeatureLayout;
import java.util.List;
import java.util.stream.Stream;

/** Tells the rows that any ranking network looks up for a batch, before it does; for tables that do not grow. */
public final class BatchRows {
    private final FeatureLayout layout;
    private final SparseArch arch;

    private BatchRows(FeatureLayout layout) {
        this.layout = layout;
        this.arch = new SparseArch(layout);
    }

    /**
     * For networks of a layout.
     *
     * @param layout the networks'
     * @return for their batches
     */
    public static BatchRows of(FeatureLayout layout) {
        return new BatchRows(layout);
    }

    /**
     * The rows of a batch.
     *
     * @param batch any share of one, which may be empty
     * @return distinct, in the order in which a network that sees the batch meets them; the first is padding's
     */
    public DistinctIds distinct(Batch batch) {
        return batch.size() == 0 ? DistinctIds.of(List.of()) : arch.distinct(batch, Mode.EVALUATION);
    }

    /**
     * How many ids of a table a sample has at most.
     *
     * @param table its position in the layout
     * @return at least 0
     */
    public long lookups(int table) {
        long fields =
                layout.fields().stream().filter(field -> field.table() == table).count();
        long lists = Stream.concat(
                        layout.bags().stream()
                                .filter(bag -> bag.table() == table)
                                .map(FeatureLayout.Bag::maximumLength),
                        layout.sequences().stream()
                                .filter(sequence -> sequence.table() == table)
                                .map(FeatureLayout.Sequence::maximumLength))
                .mapToLong(Integer::longValue)
                .sum();
        return fields + lists;
    }
}
