package dev.marquee.model;

import dev.marquee.data.Batch;
import dev.marquee.tensor.DType;
import org.bytedeco.pytorch.Tensor;

/** The numbers of a batch. */
final class Numbers {
    private Numbers() {}

    /** {@code [batch, dense size]}, of the parameters' type. */
    static Tensor of(Batch batch, DType type) {
        return batch.input(Batch.DENSE).to(type.scalarType());
    }
}
