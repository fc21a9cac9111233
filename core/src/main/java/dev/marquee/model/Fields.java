package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Dropout;
import dev.marquee.nn.EmbeddingTable;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A row as embeddings: one for each categorical feature, each bag and the mean of each sequence that is pooled, then, if
 * wanted, one for each number. Parameters: {@code embedding.TABLE [rows, width]}, {@code numbers.weight [dense size, width]}.
 */
final class Fields {
    private final @Nullable EmbeddingTable table;
    private final @Nullable DenseFields numbers;
    private final Dropout dropout;
    private final int count;

    Fields(
            Parameters.Path path,
            FeatureLayout layout,
            SparseArch sparse,
            EmbeddingConfig embedding,
            boolean withNumbers) {
        Initializer initializer = Initializer.normal(embedding.deviation());
        boolean dense = withNumbers && layout.denseSize() > 0;
        this.table = sparse.isEmpty()
                ? null
                : sparse.tables(path.child("embedding"), embedding.size(), initializer, embedding.storage());
        this.numbers = dense ? new DenseFields(path.child("numbers"), layout, embedding.size(), initializer) : null;
        this.dropout = new Dropout(embedding.dropout());
        this.count = sparse.size() + (dense ? layout.dense().size() : 0);
    }

    /** The number of embeddings. */
    int count() {
        return count;
    }

    /** {@code [batch, count(), width]}, with dropout; there is at least one. */
    Tensor forward(Batch batch, SparseArch.Lookup lookup, Mode mode) {
        TensorVector parts = new TensorVector();
        if (table != null) {
            parts.push_back(lookup.all(table));
        }
        if (numbers != null) {
            parts.push_back(numbers.forward(batch));
        }
        return dropout.forward(parts.size() == 1 ? parts.get(0) : torch.cat(parts, 1), mode);
    }

    /** The embeddings of a sequence, with dropout: {@code [batch, time, width]}, zeros at padding. */
    Tensor sequence(SparseArch.Lookup lookup, int sequence, Mode mode) {
        if (table == null) {
            throw new IllegalStateException("there are no sequences");
        }
        return dropout.forward(lookup.sequence(table, sequence), mode);
    }
}
