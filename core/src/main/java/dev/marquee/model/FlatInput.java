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

/**
 * A row as one vector: its embeddings side by side, then, unless they are embedded, the numbers' encoded values.
 * Parameters: those of {@link Fields}.
 */
final class FlatInput {
    private final FeatureLayout layout;
    private final DType type;
    private final Fields fields;
    private final int width;
    private final boolean raw;

    FlatInput(
            Parameters.Path path,
            FeatureLayout layout,
            SparseArch sparse,
            EmbeddingConfig embedding,
            DenseInput dense) {
        this.layout = layout;
        this.type = path.type();
        this.fields = new Fields(path, layout, sparse, embedding, dense == DenseInput.EMBEDDED);
        this.width = embedding.size();
        this.raw = dense == DenseInput.RAW && layout.denseSize() > 0;
    }

    /** The size of the vector. */
    int size() {
        return fields.count() * width + (raw ? layout.denseSize() : 0);
    }

    /** {@code [batch, size()]}. */
    Tensor forward(Batch batch, SparseArch.Lookup lookup, Mode mode) {
        if (fields.count() == 0) {
            return Numbers.of(batch, type);
        }
        Tensor embeddings = fields.forward(batch, lookup, mode).flatten(1, 2); // [batch, count * width]
        return raw ? torch.cat(new TensorVector(embeddings, Numbers.of(batch, type)), 1) : embeddings;
    }

    /** The names of the features, in the order in which their values stand. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        layout.fields().forEach(field -> names.add(field.name()));
        layout.bags().forEach(bag -> names.add(bag.name()));
        layout.sequences().forEach(sequence -> names.add(sequence.name()));
        layout.dense().forEach(number -> names.add(number.name()));
        return names;
    }

    /** Which values of the vector are a feature's. */
    IntStream columns(String name) {
        int position = names().indexOf(name);
        if (!raw || position < fields.count()) {
            return IntStream.range(position * width, (position + 1) * width);
        }
        FeatureLayout.Dense number = layout.dense().get(position - fields.count());
        int start = fields.count() * width + number.offset();
        return IntStream.range(start, start + number.size());
    }
}
