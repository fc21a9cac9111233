package dev.marquee.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** What the gates of a mixture of experts see of a row's input: all of it, or some features. */
final class GateInput {
    private final List<RowInput.Slice> slices = new ArrayList<>();
    private final int size;

    /**
     * Finds the features.
     *
     * @param features their names; none for the whole input
     * @throws IllegalArgumentException when there is no such feature
     */
    GateInput(RowInput input, List<String> features) {
        features.forEach(feature -> slices.add(input.slice(feature, "gate_features names")));
        this.size = slices.isEmpty()
                ? input.size()
                : slices.stream().mapToInt(RowInput.Slice::size).sum();
    }

    int size() {
        return size;
    }

    /** From {@code [batch, inputs]} to {@code [batch, size()]}. */
    Tensor of(Tensor input) {
        if (slices.isEmpty()) {
            return input;
        }
        TensorVector parts = new TensorVector();
        slices.forEach(slice -> parts.push_back(input.narrow(1, slice.offset(), slice.size())));
        return torch.cat(parts, 1);
    }
}
