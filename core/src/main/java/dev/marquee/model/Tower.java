package dev.marquee.model;

import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.schema.FeatureLayout;
import org.bytedeco.pytorch.Tensor;

/**
 * Hidden layers and {@link Logits}.
 * Parameters: {@code fc1.weight} and so on, {@code out.weight [labels, size]}, {@code out.bias [labels]}.
 */
final class Tower {
    private final HiddenLayers hidden;
    private final Logits out;

    Tower(Parameters.Path path, int inputs, HiddenLayers.Config config, FeatureLayout layout) {
        this.hidden = HiddenLayers.create(path, inputs, config);
        this.out = Logits.create(path.child("out"), hidden.outputs(), layout, 1);
    }

    /** From {@code [batch, inputs]} to {@code [batch, labels]}. */
    Tensor forward(Tensor input, Mode mode) {
        return out.forward(hidden.forward(input, mode));
    }
}
