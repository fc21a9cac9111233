package dev.marquee.parallel;

import dev.marquee.collective.Group;
import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.TableShard;
import dev.marquee.tensor.Gradients;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings the gradients of embedding rows to the members that keep the rows: those of replicated tables to all, the others to
 * their owner. There they are summed by row in the order of the ranks. Rows are numbered over all tables before, and as the
 * tensor of the member counts afterwards.
 */
final class ShardedRowExchange implements TableExchange {
    private final Group group;
    private final List<EmbeddingTable> tables;
    private final TableShard shard;
    private final RowMessages messages;

    ShardedRowExchange(Group group, List<EmbeddingTable> tables) {
        this.group = group;
        this.tables = List.copyOf(tables);
        this.shard = tables.get(0).shard().orElseThrow();
        this.messages = new RowMessages(this.tables);
    }

    @Override
    public long run() {
        long bytes = 0;
        List<Optional<EmbeddingTable.RowGradient>> own =
                tables.stream().map(EmbeddingTable::gradient).toList();
        List<List<Optional<EmbeddingTable.RowGradient>>> passes = new ArrayList<>();
        try (Gradients.Guard off = Gradients.off()) {
            Map<DistinctIds, RowSplit> splits = new HashMap<>();
            List<Tensor> rows = new ArrayList<>();
            List<Tensor> values = new ArrayList<>();
            for (int target = 0; target <= group.size(); target++) {
                int to = target;
                List<Optional<EmbeddingTable.RowGradient>> parts = own.stream()
                        .map(gradient -> gradient.flatMap(all ->
                                part(all, splits.computeIfAbsent(all.ids(), ids -> RowSplit.of(ids, shard)), to)))
                        .toList();
                rows.add(messages.rows(parts));
                values.add(messages.values(parts));
                // Who keeps rows for itself sends nothing of them.
                bytes += target == group.rank()
                        ? 0
                        : rows.get(target).nbytes() + values.get(target).nbytes();
            }
            List<Tensor> ownRows = group.exchange(rows.subList(0, group.size()));
            List<Tensor> ownValues = group.exchange(values.subList(0, group.size()));
            boolean both = shard.hasReplicated();
            List<Tensor> allRows = both ? group.gather(rows.get(group.size())) : List.of();
            List<Tensor> allValues = both ? group.gather(values.get(group.size())) : List.of();
            for (int rank = 0; rank < group.size(); rank++) {
                if (both) {
                    passes.add(messages.read(allRows.get(rank), allValues.get(rank)));
                }
                passes.add(messages.read(ownRows.get(rank), ownValues.get(rank)));
            }
        }
        EmbeddingTable.replace(tables, passes);
        return bytes;
    }

    private static Optional<EmbeddingTable.RowGradient> part(
            EmbeddingTable.RowGradient all, RowSplit split, int target) {
        return split.isEmpty(target)
                ? Optional.empty()
                : Optional.of(new EmbeddingTable.RowGradient(
                        split.rows().get(target),
                        all.values().index_select(0, split.positions().get(target))));
    }
}
