package dev.marquee.model;

import dev.marquee.nn.HiddenLayers;
import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.ParallelLinear;
import dev.marquee.nn.ParallelPerceptrons;
import dev.marquee.nn.Parameters;
import org.bytedeco.pytorch.Tensor;

/**
 * A perceptron of its own for each label, all of the same sizes. Parameters: those of {@link ParallelPerceptrons}, and
 * {@code out.weight [labels, 1, size]}, {@code out.bias [labels, 1]}.
 */
final class Towers {
    private final ParallelPerceptrons hidden;
    private final ParallelLinear out;

    Towers(Parameters.Path path, int labels, int inputs, HiddenLayers.Config config, Initializer firstLogits) {
        this.hidden = ParallelPerceptrons.create(path, labels, inputs, config);
        this.out = ParallelLinear.create(
                path.child("out"), labels, hidden.outputs(), 1, bias -> firstLogits.fill(bias.view(labels)));
    }

    /** From {@code [batch, inputs]} for all, or {@code [labels, batch, inputs]}, to {@code [batch, labels]}. */
    Tensor forward(Tensor input, Mode mode) {
        Tensor logits = out.forward(hidden.forward(input, mode)); // [labels, batch, 1]
        return logits.squeeze(2).transpose(0, 1);
    }
}
