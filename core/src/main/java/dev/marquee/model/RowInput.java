package dev.marquee.model;

import dev.marquee.data.Batch;
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
 * A row as one vector, which perceptrons see: the embeddings of fields, bags and pooled sequences side by side, then,
 * unless they are embedded, the numbers' encoded values. Parameters: those of {@link Fields}.
 */
final class RowInput {
    private final SparseArch sparse;
    private final DType type;
    private final Fields fields;
    private final boolean raw;
    private final List<Slice> slices = new ArrayList<>();

    RowInput(
            Parameters.Path path,
            FeatureLayout layout,
            SparseArch sparse,
            EmbeddingConfig embedding,
            DenseInput dense) {
        this.sparse = sparse;
        this.type = path.type();
        this.fields = new Fields(path, layout, sparse, embedding, dense == DenseInput.EMBEDDED);
        this.raw = dense == DenseInput.RAW && layout.denseSize() > 0;
        sparse.names().forEach(name -> slice(name, embedding.size()));
        layout.dense().forEach(number -> slice(number.name(), raw ? number.size() : embedding.size()));
    }

    /** All features; every sequence is pooled; numbers are raw. */
    static RowInput of(Parameters.Path path, FeatureLayout layout, EmbeddingConfig embedding, String network) {
        Needs.features(layout, network);
        return new RowInput(path, layout, new SparseArch(layout), embedding, DenseInput.RAW);
    }

    /** All features but the sequences that have a target, which the network reads itself. */
    static RowInput besideHistories(Parameters.Path path, FeatureLayout layout, EmbeddingConfig embedding) {
        return new RowInput(path, layout, SparseArch.besideHistories(layout), embedding, DenseInput.RAW);
    }

    /** Where a feature stands in the vector. */
    record Slice(String name, int offset, int size) {
        /** The values that are the feature's. */
        IntStream columns() {
            return IntStream.range(offset, offset + size);
        }
    }

    /** The size of the vector. */
    int size() {
        return slices.stream().mapToInt(Slice::size).sum();
    }

    /** The names of the features, in the order in which they stand. */
    List<String> names() {
        return slices.stream().map(Slice::name).toList();
    }

    /**
     * Where a feature stands.
     *
     * @param what who asks, for the message
     * @throws IllegalArgumentException when there is no such feature
     */
    Slice slice(String name, String what) {
        return slices.stream()
                .filter(slice -> slice.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        what + " \"" + name + "\", which is no feature; there are " + names()));
    }

    /** {@code [batch, size()]}. */
    Tensor forward(Batch batch, Mode mode) {
        return joined(look(batch, mode).parts());
    }

    /** {@code [batch, size()]}, from ids that other parts of the network look up too. */
    Tensor forward(Batch batch, SparseArch.Lookup lookup, Mode mode) {
        return joined(new Rows(batch, lookup, mode).parts());
    }

    /** Looks the ids of a batch up. */
    Rows look(Batch batch, Mode mode) {
        return new Rows(batch, sparse.look(batch, mode), mode);
    }

    /** Side by side. */
    static Tensor joined(TensorVector parts) {
        return parts.size() == 1 ? parts.get(0) : torch.cat(parts, 1);
    }

    private void slice(String name, int length) {
        slices.add(new Slice(name, size(), length));
    }

    /** The rows of one batch. */
    final class Rows {
        private final Batch batch;
        private final SparseArch.Lookup lookup;
        private final Mode mode;
        private final @Nullable Tensor embeddings;

        private Rows(Batch batch, SparseArch.Lookup lookup, Mode mode) {
            this.batch = batch;
            this.lookup = lookup;
            this.mode = mode;
            this.embeddings = fields.count() == 0 ? null : fields.forward(batch, lookup, mode);
        }

        /** The embedding of a field: {@code [batch, width]}. */
        Tensor field(int field) {
            if (embeddings == null) {
                throw new IllegalStateException("there are no fields");
            }
            return embeddings.select(1, field);
        }

        /** The embeddings of a sequence: {@code [batch, time, width]}, zeros at padding. */
        Tensor sequence(int sequence) {
            return fields.sequence(lookup, sequence, mode);
        }

        /** Where a sequence is filled up: {@code [batch, time]} bool, true for padding. */
        Tensor padding(int sequence) {
            return lookup.padding(sequence);
        }

        /** Parts of the vector, in order, each {@code [batch, ...]}. */
        TensorVector parts() {
            TensorVector parts = new TensorVector();
            if (embeddings != null) {
                parts.push_back(embeddings.flatten(1, 2)); // [batch, count * width]
            }
            if (raw) {
                parts.push_back(Numbers.of(batch, type));
            }
            return parts;
        }
    }
}
