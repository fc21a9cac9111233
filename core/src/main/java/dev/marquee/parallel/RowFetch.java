package dev.marquee.parallel;

import dev.marquee.collective.Group;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.FetchedRows;
import dev.marquee.nn.TableShard;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Gets the rows that a member's share of a batch needs from the members that keep them, for embedding tables that the
 * members of a group share. Two exchanges, however many tables there are: the numbers of the rows, each as its owner
 * counts, and their values in all tables.
 */
public final class RowFetch {
    private final Group group;
    private final List<EmbeddingTable> tables;
    private final TableShard shard;

    /**
     * For the tables of a network.
     *
     * @param group the members; left open
     * @param tables all of a network, of whatever widths; members share them all alike
     * @throws IllegalArgumentException when they do not
     */
    public RowFetch(Group group, List<EmbeddingTable> tables) {
        this.group = group;
        this.tables = List.copyOf(tables);
        this.shard = tables.stream()
                .flatMap(table -> table.shard().stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no table is shared by several processes"));
        if (tables.stream()
                .anyMatch(table -> table.shard().isEmpty()
                        || !table.slices().equals(tables.get(0).slices()))) {
            throw new IllegalArgumentException("all tables of a network must be shared alike to be looked up together");
        }
    }

    /**
     * Fetches; all members must call this. The tables have the rows until the next call.
     *
     * @param ids which rows this member needs; none but that of padding where it has nothing to compute
     */
    public void fetch(DistinctIds ids) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            RowSplit split = RowSplit.of(ids, shard);
            List<Tensor> rows = split.rows().stream().map(DistinctIds::rows).toList();
            List<Tensor> asked = group.exchange(rows.subList(0, group.size()));
            List<Tensor> answers = new ArrayList<>(
                    group.exchange(asked.stream().map(this::values).toList()));
            answers.add(values(rows.get(group.size()))); // what everybody has
            give(ids, split, answers);
        }
    }

    /** The values of some rows in all tables, one after the other. */
    private Tensor values(Tensor localRows) {
        Tensor[] parts = tables.stream()
                .map(table -> table.weight().index_select(0, localRows).view(-1))
                .toArray(Tensor[]::new);
        return parts.length == 1 ? parts[0] : torch.cat(new TensorVector(parts));
    }

    private void give(DistinctIds ids, RowSplit split, List<Tensor> answers) {
        FetchedRows fetched = new FetchedRows(ids);
        long[] at = new long[answers.size()];
        for (EmbeddingTable table : tables) {
            long width = table.weight().size(1);
            Tensor values = Tensors.empty(table.type(), ids.count(), width);
            for (int target = 0; target < at.length; target++) {
                Tensor positions = split.positions().get(target);
                long count = positions.size(0);
                Tensor part = answers.get(target).narrow(0, at[target], count * width);
                values.index_copy_(0, positions, part.view(count, width));
                at[target] += count * width;
            }
            table.shard().orElseThrow().give(fetched, values);
        }
    }
}
