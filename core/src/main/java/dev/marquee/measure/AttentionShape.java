package dev.marquee.measure;

import java.util.List;

/**
 * A case of the attention benchmark.
 *
 * @param batch sequences in a step
 * @param queryTime queries in a sequence
 * @param keyTime keys in a sequence
 * @param dim size of a query and of a key
 * @param units size of the projections, of all heads together
 * @param heads number of heads
 */
public record AttentionShape(int batch, int queryTime, int keyTime, int dim, int units, int heads) {
    /** Ready-made shapes: a target against a history, self-attention over a short history, over text, and over fields. */
    public static final List<AttentionShape> ALL = List.of(
            new AttentionShape(256, 1, 50, 64, 64, 4),
            new AttentionShape(64, 50, 50, 64, 64, 4),
            new AttentionShape(32, 128, 128, 512, 512, 8),
            new AttentionShape(512, 39, 39, 16, 64, 2));

    /** In the order of the components. */
    List<Integer> sizes() {
        return List.of(batch, queryTime, keyTime, dim, units, heads);
    }
}
