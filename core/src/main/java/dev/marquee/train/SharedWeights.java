package dev.marquee.train;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.collective.Group;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes the weights of a network to one file, whole, where no process has all rows of its tables: the others send theirs,
 * some rows at a time.
 */
final class SharedWeights {
    private static final int WRITER = 0;

    /** So many bytes of a table are in memory at once. */
    private static final long BLOCK_BYTES = 1 << 24;

    private final Group group;
    private final Network network;
    /** In the order in which a file has tensors of one type. */
    private final Map<String, Shared> tables = new TreeMap<>();

    /** A table of which each process has some rows. */
    private record Shared(Tensor own, List<RowSubset> subsets) {
        long rows() {
            return subsets.get(0).end();
        }

        long width() {
            return own.size(1);
        }

        /** The rows of a process that are among some of the whole, counted as the process does. */
        static RowSubset within(RowSubset subset, long from, long end) {
            long first = Math.max(0, (from - subset.first() + subset.step() - 1) / subset.step());
            long last =
                    Math.min(subset.count(), Math.max(0, (end - subset.first() + subset.step() - 1) / subset.step()));
            return new RowSubset(Math.min(first, last), 1, last);
        }
    }

    SharedWeights(Group group, Network network) {
        this.group = group;
        this.network = network;
        Map<String, Tensor> state = network.parameters().state();
        for (EmbeddingTable table : network.parameters().tables()) {
            table.subsets().keySet().forEach(name -> {
                List<RowSubset> subsets = new ArrayList<>();
                for (int rank = 0; rank < group.size(); rank++) {
                    subsets.add(table.shard().orElseThrow().subset(table, name, rank));
                }
                tables.put(name, new Shared(state.get(name), subsets));
            });
        }
    }

    /** Writes, in the process that does; all others {@link #send()}. */
    void write(Path file, Map<String, String> metadata) throws IOException {
        Map<String, Tensor> whole = new LinkedHashMap<>(network.parameters().state());
        Map<String, Safetensors.Streamed> streamed = new LinkedHashMap<>();
        tables.forEach((name, table) -> {
            whole.remove(name);
            streamed.put(
                    name,
                    new Safetensors.Streamed(
                            DType.of(table.own()),
                            List.of(table.rows(), table.width()),
                            writer -> pieces(table, writer)));
        });
        Safetensors.write(file, whole, streamed, metadata);
    }

    /** Sends this process's rows. */
    void send() {
        tables.values().forEach(table -> pieces(table, piece -> {}));
    }

    private void pieces(Shared table, Consumer<Tensor> writer) {
        long atOnce =
                Math.max(1, BLOCK_BYTES / (table.width() * DType.of(table.own()).bytes()));
        for (long from = 0; from < table.rows(); from += atOnce) {
            long end = Math.min(table.rows(), from + atOnce);
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                RowSubset mine = Shared.within(table.subsets().get(group.rank()), from, end);
                Tensor none = table.own().narrow(0, 0, 0);
                List<Tensor> parts = new ArrayList<>();
                for (int rank = 0; rank < group.size(); rank++) {
                    parts.add(rank == WRITER ? mine.of(table.own()) : none);
                }
                List<Tensor> arrived = group.exchange(parts);
                if (group.rank() == WRITER) {
                    writer.accept(together(table, from, end, arrived));
                }
            }
        }
    }

    private static Tensor together(Shared table, long from, long end, List<Tensor> parts) {
        Tensor block = Tensors.empty(DType.of(table.own()), end - from, table.width());
        RowSubset rows = new RowSubset(from, 1, end);
        for (int rank = 0; rank < parts.size(); rank++) {
            RowSubset subset = table.subsets().get(rank);
            RowSubset within = Shared.within(subset, from, end);
            rows.copy(block, subset.block(within.first(), within.count()), parts.get(rank));
        }
        return block;
    }
}
