package dev.marquee.parallel;

import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * How gradients of embedding rows are written down to be sent. The rows have, for each table, where its rows stand and how
 * many there are, then the rows' numbers; tables that are looked up together share them. The values have the gradients.
 */
final class RowMessages {
    /** Where a table's rows begin, and how many there are. */
    private static final int NUMBERS_A_TABLE = 2;

    private final List<EmbeddingTable> tables;

    /** Of all tables of a network. */
    RowMessages(List<EmbeddingTable> tables) {
        this.tables = List.copyOf(tables);
    }

    /** Which rows: int32. */
    Tensor rows(List<Optional<EmbeddingTable.RowGradient>> own) {
        Map<DistinctIds, Integer> starts = new HashMap<>();
        List<Tensor> parts = new ArrayList<>();
        int[] head = new int[NUMBERS_A_TABLE * tables.size()];
        int end = head.length;
        for (int i = 0; i < tables.size(); i++) {
            if (own.get(i).isEmpty()) {
                continue;
            }
            DistinctIds ids = own.get(i).get().ids();
            Integer known = starts.putIfAbsent(ids, end);
            head[NUMBERS_A_TABLE * i] = known == null ? end : known;
            head[NUMBERS_A_TABLE * i + 1] = ids.count();
            if (known == null) {
                parts.add(ids.rows());
                end += ids.count();
            }
        }
        Tensor first = Tensors.empty(DType.INT32, head.length);
        Tensors.bytes(first).asIntBuffer().put(head);
        parts.add(0, first);
        return parts.size() == 1 ? first : torch.cat(new TensorVector(parts.toArray(Tensor[]::new)));
    }

    /** What belongs to them. */
    Tensor values(List<Optional<EmbeddingTable.RowGradient>> own) {
        Tensor[] parts = own.stream()
                .flatMap(Optional::stream)
                .map(gradient -> gradient.values().view(-1))
                .toArray(Tensor[]::new);
        if (parts.length == 0) {
            return Tensors.empty(DType.of(tables.get(0).weight()), 0);
        }
        return parts.length == 1 ? parts[0] : torch.cat(new TensorVector(parts));
    }

    /** What a member sent; empty for tables without gradients. */
    List<Optional<EmbeddingTable.RowGradient>> read(Tensor rows, Tensor values) {
        IntBuffer head = Tensors.bytes(rows).asIntBuffer();
        Map<Integer, DistinctIds> known = new HashMap<>();
        List<Optional<EmbeddingTable.RowGradient>> gradients = new ArrayList<>();
        long at = 0;
        for (int i = 0; i < tables.size(); i++) {
            int start = head.get(NUMBERS_A_TABLE * i);
            int count = head.get(NUMBERS_A_TABLE * i + 1);
            if (count == 0) {
                gradients.add(Optional.empty());
                continue;
            }
            DistinctIds ids = known.computeIfAbsent(start, from -> DistinctIds.ofRows(rows.narrow(0, from, count)));
            long width = tables.get(i).weight().size(1);
            gradients.add(Optional.of(new EmbeddingTable.RowGradient(
                    ids, values.narrow(0, at, count * width).view(count, width))));
            at += count * width;
        }
        return gradients;
    }
}
