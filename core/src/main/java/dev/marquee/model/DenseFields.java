package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Tally;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Numbers as fields: the embedding of each is linear in its encoded values,
 *
 * <pre>{@code e_j = Σ_k x_jk V_jk}</pre>
 *
 * <p>For a single value that is {@code x_j v_j}, the field of a factorisation machine (Rendle, 2010) and of AutoInt (Song et
 * al., 2019); with the piecewise-linear encoding it is the linear embedding of Gorishniy, Rubachev, Babenko, <em>On
 * Embeddings for Numerical Features in Tabular Deep Learning</em>, 2022. Parameter: {@code weight [dense size, width]}.
 *
 * <p>All fields take one product of matrices: fields of unequal size are filled up with columns whose weights are zero.
 */
final class DenseFields {
    private final int fields;
    private final int size;
    private final int width;
    private final DType type;
    private final Tensor weight;
    /** Which column stands where in the filled-up fields, {@code fields · size}; empty when all fields are equal. */
    private final long[] columns;
    /** 1 where there is a column, 0 where there is none. */
    private final float[] present;

    DenseFields(Parameters.Path path, FeatureLayout layout, int width, Initializer initializer) {
        List<FeatureLayout.Dense> dense = layout.dense();
        this.fields = dense.size();
        this.size = dense.stream().mapToInt(FeatureLayout.Dense::size).max().orElseThrow();
        this.width = width;
        this.type = path.type();
        this.weight = path.parameter("weight", initializer, layout.denseSize(), width);
        boolean equal = dense.stream().allMatch(number -> number.size() == size);
        this.columns = new long[equal ? 0 : fields * size];
        this.present = new float[columns.length];
        for (int i = 0; !equal && i < fields; i++) {
            long offset = dense.get(i).offset();
            for (int k = 0; k < dense.get(i).size(); k++) {
                columns[i * size + k] = offset + k;
            }
            Arrays.fill(present, i * size, i * size + dense.get(i).size(), 1);
        }
    }

    /** {@code [batch, fields, width]}. */
    Tensor forward(Batch batch) {
        Tensor x = Numbers.of(batch, type); // [batch, dense size]
        Tensor v = weight;
        if (columns.length > 0) {
            Tensor index = Device.beside(Tensors.of(columns), x);
            x = x.index_select(1, index); // [batch, fields * size]
            Tensor mask = Device.beside(Tensors.of(present, present.length, 1).to(type.scalarType()), x);
            v = v.index_select(0, index).mul(mask); // [fields * size, width]
        }
        if (size == 1) {
            return x.unsqueeze(2).mul(v); // [batch, fields, width]
        }
        Tensor values = x.reshape(batch.size(), fields, size).transpose(0, 1); // [fields, batch, size]
        Tally.product(values, v, width);
        return torch.bmm(values, v.view(fields, size, width)).transpose(0, 1); // [batch, fields, width]
    }
}
