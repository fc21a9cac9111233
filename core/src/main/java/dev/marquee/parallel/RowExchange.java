package dev.marquee.parallel;

import dev.marquee.collective.Group;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.profile.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings together the gradients of embedding rows that the members of a group have computed: every member gets the rows
 * of all, and sums them by row in the order of the ranks, so that all make the same update.
 *
 * <p>Two exchanges, however many tables there are: of the rows' numbers, and of the gradients.
 */
final class RowExchange implements TableExchange {
    private final Group group;
    private final List<EmbeddingTable> tables;
    private final RowMessages messages;

    RowExchange(Group group, List<EmbeddingTable> tables) {
        this.group = group;
        this.tables = List.copyOf(tables);
        this.messages = new RowMessages(this.tables);
    }

    @Override
    public long run() {
        if (tables.isEmpty()) {
            return 0;
        }
        List<Optional<EmbeddingTable.RowGradient>> own =
                tables.stream().map(EmbeddingTable::gradient).toList();
        Tensor ownRows = messages.rows(own);
        Tensor ownValues = messages.values(own);
        List<Tensor> rows = group.gather(ownRows);
        List<Tensor> values = group.gather(ownValues);
        List<List<Optional<EmbeddingTable.RowGradient>>> passes = new ArrayList<>();
        for (int rank = 0; rank < rows.size(); rank++) {
            Tally.bytes(values.get(rank), 2);
            passes.add(messages.read(rows.get(rank), values.get(rank)));
        }
        EmbeddingTable.replace(tables, passes);
        return ownRows.nbytes() + ownValues.nbytes();
    }
}
