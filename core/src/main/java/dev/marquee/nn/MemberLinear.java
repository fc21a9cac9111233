package dev.marquee.nn;

import dev.marquee.profile.Tally;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A linear map for each member of an ensemble: {@code y_i = W_i x_i + b_i}. Parameters: {@code weight [members, inputs,
 * outputs]}, drawn as {@link Linear} draws them, and {@code bias [members, outputs]}.
 */
public final class MemberLinear {
    private final long inputs;
    private final Tensor weight;
    private final Tensor bias;

    private MemberLinear(long inputs, Tensor weight, Tensor bias) {
        this.inputs = inputs;
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * Makes the maps with new parameters.
     *
     * @param path where they live
     * @param members how many there are, at least 1
     * @param inputs the size of the input's last dimension, at least 1
     * @param outputs the size of the output's last dimension, at least 1
     * @param biases the first biases; fills {@code [members, outputs]}
     * @return the maps
     * @throws IllegalArgumentException when there is no member
     */
    public static MemberLinear create(Parameters.Path path, int members, int inputs, int outputs, Initializer biases) {
        requireMembers(members);
        return new MemberLinear(
                inputs,
                path.parameter("weight", Initializer.linear(inputs), members, inputs, outputs),
                path.parameter("bias", biases, members, outputs));
    }

    /**
     * Applies each map to its member's values.
     *
     * @param input {@code [batch, members, inputs]}, of the parameters' type
     * @return {@code [batch, members, outputs]}
     * @throws IllegalArgumentException when the last dimension is not {@code inputs}
     */
    public Tensor forward(Tensor input) {
        Shapes.requireLast(input, inputs, "the input of the members' linear maps");
        Tally.product(input, weight, weight.size(2));
        Tensor outputs = torch.baddbmm(bias.unsqueeze(1), input.transpose(0, 1), weight); // [members, batch, outputs]
        return outputs.transpose(0, 1);
    }

    static void requireMembers(int members) {
        if (members < 1) {
            throw new IllegalArgumentException("an ensemble needs at least 1 member, not " + members);
        }
    }
}
