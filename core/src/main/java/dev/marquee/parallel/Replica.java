package dev.marquee.parallel;

import dev.marquee.nn.Parameters;
import dev.marquee.nn.Tape;
import dev.marquee.profile.Phase;
import dev.marquee.profile.Track;
import dev.marquee.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One of the {@link Replicas}.
 *
 * @param <N> the network
 */
final class Replica<N> {
    final Parameters parameters;
    final N network;

    @Nullable
    Scope scope;

    Track track;
    double loss;

    Replica(int number, Parameters parameters, N network) {
        this.track = Track.off(number);
        this.parameters = parameters;
        this.network = network;
    }

    /** Frees what was made for the last task; on the thread that made it. */
    void release() {
        Scope open = scope;
        scope = null;
        if (open != null) {
            open.close();
        }
    }

    /** A part of a share. */
    interface Piece {
        @Nullable
        Tensor loss();
    }

    /** Forward and backward through a piece. */
    double piece(Tape tape, Piece piece) {
        track.enter(Phase.FORWARD);
        Tensor loss = piece.loss();
        double value = loss == null ? 0 : loss.item_float();
        track.leave();
        if (loss != null) {
            track.enter(Phase.BACKWARD);
            tape.backward(loss);
            track.leave();
        }
        return value;
    }
}
