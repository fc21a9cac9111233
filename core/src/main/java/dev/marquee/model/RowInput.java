package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Dropout;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What a perceptron sees of a row, side by side: the embedding of each field, the pooled embedding of each bag, the mean
 * embedding of each sequence, and the numbers. Sequences that a network relates to a candidate are left out: it reads
 * them itself. Parameters: {@code embedding.TABLE [rows, size]}.
 */
final class RowInput {
    private final FeatureLayout layout;
    private final SparseArch sparse;
    private final @Nullable EmbeddingTable table;
    private final Dropout dropout;
    private final DType type;
    private final List<Integer> pooled;
    private final List<Slice> slices = new ArrayList<>();
    private final int size;

    private RowInput(Parameters.Path path, FeatureLayout layout, EmbeddingConfig embedding, List<Integer> pooled) {
        this.layout = layout;
        this.sparse = new SparseArch(layout);
        this.table = sparse.isEmpty()
                ? null
                : sparse.tables(path.child("embedding"), embedding.size(), Initializer.normal(embedding.deviation()));
        this.dropout = new Dropout(embedding.dropout());
        this.type = path.type();
        this.pooled = pooled;
        layout.fields().forEach(field -> slice(field.name(), embedding.size()));
        layout.bags().forEach(bag -> slice(bag.name(), embedding.size()));
        pooled.forEach(i -> slice(layout.sequences().get(i).name(), embedding.size()));
        layout.dense().forEach(dense -> slice(dense.name(), dense.size()));
        this.size = slices.stream().mapToInt(Slice::size).sum();
        if (slices.isEmpty()) {
            throw new IllegalArgumentException("the network has nothing to see: declare at least one feature");
        }
    }

    /** Where a feature stands in the input. */
    record Slice(String name, int offset, int size) {}

    /** All features; every sequence is pooled. */
    static RowInput of(Parameters.Path path, FeatureLayout layout, EmbeddingConfig embedding) {
        int sequences = layout.sequences().size();
        return new RowInput(
                path, layout, embedding, IntStream.range(0, sequences).boxed().toList());
    }

    /** All features but the sequences that have a target. */
    static RowInput besideHistories(Parameters.Path path, FeatureLayout layout, EmbeddingConfig embedding) {
        List<Integer> pooled = IntStream.range(0, layout.sequences().size())
                .filter(i -> layout.sequences().get(i).target() < 0)
                .boxed()
                .toList();
        return new RowInput(path, layout, embedding, pooled);
    }

    /** How many numbers there are. */
    int size() {
        return size;
    }

    /** Where the features stand, in order. */
    List<Slice> slices() {
        return List.copyOf(slices);
    }

    /** {@code [batch, size()]}. */
    Tensor forward(Batch batch, Mode mode) {
        return joined(look(batch, mode).parts());
    }

    /** Looks the ids of a batch up. */
    Rows look(Batch batch, Mode mode) {
        return new Rows(batch, mode);
    }

    /** Side by side. */
    static Tensor joined(TensorVector parts) {
        return parts.size() == 1 ? parts.get(0) : torch.cat(parts, 1);
    }

    private void slice(String name, int length) {
        int offset = slices.stream().mapToInt(Slice::size).sum();
        slices.add(new Slice(name, offset, length));
    }

    /** The rows of one batch. */
    final class Rows {
        private final Batch batch;
        private final Mode mode;
        private final SparseArch.@Nullable Lookup lookup;
        private final @Nullable Tensor fields;

        private Rows(Batch batch, Mode mode) {
            this.batch = batch;
            this.mode = mode;
            this.lookup = table == null ? null : sparse.look(batch, mode);
            this.fields = table == null || lookup == null || layout.fields().isEmpty()
                    ? null
                    : dropout.forward(lookup.fields(table), mode);
        }

        /** The embedding of a field: {@code [batch, width]}. */
        Tensor field(int field) {
            if (fields == null) {
                throw new IllegalStateException("there are no fields");
            }
            return fields.select(1, field);
        }

        /** The embeddings of a sequence: {@code [batch, time, width]}, zeros at padding. */
        Tensor sequence(int sequence) {
            if (table == null || lookup == null) {
                throw new IllegalStateException("there are no sequences");
            }
            return dropout.forward(lookup.sequence(table, sequence), mode);
        }

        /** Where a sequence is filled up: {@code [batch, time]} bool, true for padding. */
        Tensor padding(int sequence) {
            if (lookup == null) {
                throw new IllegalStateException("there are no sequences");
            }
            return lookup.padding(sequence);
        }

        /** Parts of the input, in order, each {@code [batch, ...]}. */
        TensorVector parts() {
            TensorVector parts = new TensorVector();
            if (fields != null) {
                parts.push_back(fields.flatten(1, 2)); // [batch, fields * width]
            }
            if (table != null && lookup != null) {
                for (int i = 0; i < layout.bags().size(); i++) {
                    parts.push_back(dropout.forward(lookup.bag(table, i), mode));
                }
                for (int i : pooled) {
                    parts.push_back(dropout.forward(lookup.meanOfSequence(table, i), mode));
                }
            }
            if (layout.denseSize() > 0) {
                parts.push_back(batch.input(Batch.DENSE).to(type.scalarType()));
            }
            return parts;
        }
    }
}
