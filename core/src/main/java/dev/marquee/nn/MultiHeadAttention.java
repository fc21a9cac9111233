package dev.marquee.nn;

import dev.marquee.tensor.DType;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention: every query takes a weighted mean of the values, weighted by how well the keys fit it.
 *
 * <pre>
 *     Q = query W_queryᵀ    K = key W_keyᵀ    V = key W_valueᵀ
 *     scores_h = softmax(Q_h K_hᵀ / √key_dim)    output = [scores_1 V_1, …, scores_H V_H]
 * </pre>
 *
 * <p>Head h is the h-th slice of {@code units / heads} consecutive units. By default the products are divided by the
 * square root of <em>key_dim</em>, the size of the input keys, and there is neither bias nor output projection; the
 * options of {@link Config} turn it into {@code torch.nn.MultiheadAttention}, with which it then agrees.
 *
 * <p>A query whose keys are all hidden gets an output and scores of zero, and passes zero gradients on (PyTorch's module
 * gives NaN there).
 *
 * <p>Parameters: {@code W_query.weight [units, query_dim]}, {@code W_key.weight [units, key_dim]}, {@code W_value.weight
 * [units, key_dim or value_dim]}, {@code W_query.bias} … {@code [units]} and {@code W_out.weight [units, units]},
 * {@code W_out.bias} with those options; all are drawn as {@link Linear} draws them. Source: Vaswani et al.,
 * <em>Attention Is All You Need</em>, 2017.
 */
public final class MultiHeadAttention {
    private static final String[] QUERY = {"batch", "queries", ""};
    private static final String[] KEY = {"batch", "keys", ""};

    /** Up to so many scores a sample and head, holding them costs less than computing them twice. */
    private static final long MOST_SCORES = 512 * 512;

    private final Config config;
    private final DType type;
    private final @Nullable Linear outputMap;
    private final DirectAttention direct;
    private final RecordedAttention recorded;

    private MultiHeadAttention(Parameters.Path path, Config config) {
        this.config = config;
        double scale = switch (config.scaling()) {
            case KEY_DIM -> 1 / Math.sqrt((double) config.keyDim());
            case HEAD_SIZE -> 1 / Math.sqrt((double) config.headSize());
            case NONE -> 1;
        };
        int units = config.numUnits();
        Linear query = Linear.create(path.child("W_query"), config.queryDim(), units, config.bias());
        Linear key = Linear.create(path.child("W_key"), config.keyDim(), units, config.bias());
        Linear value =
                Linear.create(path.child("W_value"), config.valueDim().orElse(config.keyDim()), units, config.bias());
        this.outputMap =
                config.outputProjection() ? Linear.create(path.child("W_out"), units, units, config.bias()) : null;
        AttentionMaps maps = new AttentionMaps(query, key, value, config.numHeads(), config.headSize(), scale);
        Dropout dropout = new Dropout(config.dropout());
        this.direct = new DirectAttention(maps, dropout, config.causal());
        this.recorded = new RecordedAttention(maps, dropout, config.causal());
        this.type = DType.of(query.weight());
    }

    /** What the products of queries and keys are divided by. */
    public enum Scaling {
        /** The square root of the config's {@code keyDim}. */
        KEY_DIM,
        /** The square root of {@code numUnits / numHeads}, as in the paper. */
        HEAD_SIZE,
        /** Nothing. */
        NONE
    }

    /**
     * Sizes and options.
     *
     * @param queryDim the size of a query
     * @param keyDim the size of a key
     * @param numUnits the size of an output, a multiple of {@code numHeads}
     * @param numHeads the number of heads
     * @param scaling what the products are divided by
     * @param valueDim the size of a value where values are an input of their own; empty where they are made from the keys
     * @param bias whether the linear maps have a bias
     * @param outputProjection whether a linear map follows the heads
     * @param dropout the probability with which a score is dropped in training, at least 0 and below 1
     * @param causal whether query i sees only the keys 0 to i
     */
    public record Config(
            int queryDim,
            int keyDim,
            int numUnits,
            int numHeads,
            Scaling scaling,
            OptionalInt valueDim,
            boolean bias,
            boolean outputProjection,
            double dropout,
            boolean causal) {
        /** Checks. */
        public Config {
            if (queryDim < 1 || keyDim < 1 || numUnits < 1 || numHeads < 1 || valueDim.orElse(1) < 1) {
                throw new IllegalArgumentException("attention needs positive sizes, not query_dim " + queryDim
                        + ", key_dim " + keyDim + ", num_units " + numUnits + ", num_heads " + numHeads
                        + (valueDim.isPresent() ? ", value_dim " + valueDim.getAsInt() : ""));
            }
            if (numUnits % numHeads != 0) {
                throw new IllegalArgumentException("num_units must be divisible by num_heads: " + numUnits
                        + " units cannot be cut into " + numHeads + " equal heads");
            }
            new Dropout(dropout);
        }

        /**
         * All options off.
         *
         * @param queryDim the size of a query
         * @param keyDim the size of a key
         * @param numUnits the size of an output
         * @param numHeads the number of heads
         * @return the config
         */
        public static Config of(int queryDim, int keyDim, int numUnits, int numHeads) {
            return new Config(
                    queryDim, keyDim, numUnits, numHeads, Scaling.KEY_DIM, OptionalInt.empty(), false, false, 0, false);
        }

        /**
         * With another scaling.
         *
         * @param with what the products are divided by
         * @return a changed copy
         */
        public Config scaling(Scaling with) {
            return new Config(
                    queryDim, keyDim, numUnits, numHeads, with, valueDim, bias, outputProjection, dropout, causal);
        }

        /**
         * With values as an input of their own.
         *
         * @param with the size of a value
         * @return a changed copy
         */
        public Config separateValues(int with) {
            return new Config(
                    queryDim,
                    keyDim,
                    numUnits,
                    numHeads,
                    scaling,
                    OptionalInt.of(with),
                    bias,
                    outputProjection,
                    dropout,
                    causal);
        }

        /**
         * With or without bias.
         *
         * @param with whether the linear maps have a bias
         * @return a changed copy
         */
        public Config bias(boolean with) {
            return new Config(
                    queryDim, keyDim, numUnits, numHeads, scaling, valueDim, with, outputProjection, dropout, causal);
        }

        /**
         * With or without output projection.
         *
         * @param with whether a linear map follows the heads
         * @return a changed copy
         */
        public Config outputProjection(boolean with) {
            return new Config(queryDim, keyDim, numUnits, numHeads, scaling, valueDim, bias, with, dropout, causal);
        }

        /**
         * With another dropout.
         *
         * @param with the probability with which a score is dropped in training
         * @return a changed copy
         */
        public Config dropout(double with) {
            return new Config(
                    queryDim, keyDim, numUnits, numHeads, scaling, valueDim, bias, outputProjection, with, causal);
        }

        /**
         * With or without causal mask.
         *
         * @param with whether query i sees only the keys 0 to i
         * @return a changed copy
         */
        public Config causal(boolean with) {
            return new Config(
                    queryDim, keyDim, numUnits, numHeads, scaling, valueDim, bias, outputProjection, dropout, with);
        }

        /**
         * The size of a head.
         *
         * @return units / heads
         */
        public int headSize() {
            return numUnits / numHeads;
        }
    }

    /**
     * What attention computes.
     *
     * @param output {@code [batch, queries, units]}
     * @param scores {@code [heads, batch, queries, keys]}: for each query the weights of the keys, which sum to 1, or all
     *     zero where every key is hidden; in training without the effect of dropout
     */
    public record Attention(Tensor output, Tensor scores) {}

    /**
     * Makes the layer with new parameters.
     *
     * @param path where its parameters live
     * @param config its sizes and options
     * @return the layer
     */
    public static MultiHeadAttention create(Parameters.Path path, Config config) {
        return new MultiHeadAttention(path, config);
    }

    /**
     * Output and scores.
     *
     * @param query {@code [batch, queries, query_dim]}, of the parameters' type
     * @param key {@code [batch, keys, key_dim]}, of the parameters' type
     * @param mask {@code [batch, keys]}, boolean: true hides a key; null hides none
     * @param mode whether this is training
     * @return output and scores
     * @throws IllegalArgumentException when a shape or type does not fit, or values are an input of their own
     */
    public Attention forward(Tensor query, Tensor key, @Nullable Tensor mask, Mode mode) {
        requireSharedValues();
        return forward(query, key, key, mask, mode);
    }

    /**
     * Output and scores, with values of their own.
     *
     * @param query {@code [batch, queries, query_dim]}, of the parameters' type
     * @param key {@code [batch, keys, key_dim]}, of the parameters' type
     * @param value {@code [batch, keys, value_dim]}, of the parameters' type
     * @param mask {@code [batch, keys]}, boolean: true hides a key; null hides none
     * @param mode whether this is training
     * @return output and scores
     * @throws IllegalArgumentException when a shape or type does not fit
     */
    public Attention forward(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Mode mode) {
        require(query, key, value, mask);
        Attention attention = direct.suits(query, key, value)
                ? direct.forward(query, key, value, mask, mode)
                : recorded.forward(query, key, value, mask, mode);
        return new Attention(project(attention.output()), attention.scores());
    }

    /** The way past the engine's graph. */
    DirectAttention direct() {
        return direct;
    }

    /** The way by operators that the engine's graph records. */
    RecordedAttention recorded() {
        return recorded;
    }

    /**
     * The output alone. For long sequences it is computed by the engine's fused kernel ({@code
     * scaled_dot_product_attention}), which never holds the scores in memory. Equal to that of {@link #forward} but for
     * rounding, and in training with dropout for what is drawn.
     *
     * @param query {@code [batch, queries, query_dim]}, of the parameters' type
     * @param key {@code [batch, keys, key_dim]}, of the parameters' type
     * @param mask {@code [batch, keys]}, boolean: true hides a key; null hides none
     * @param mode whether this is training
     * @return {@code [batch, queries, units]}
     * @throws IllegalArgumentException when a shape or type does not fit, or values are an input of their own
     */
    public Tensor output(Tensor query, Tensor key, @Nullable Tensor mask, Mode mode) {
        requireSharedValues();
        return output(query, key, key, mask, mode);
    }

    /**
     * The output alone, with values of their own.
     *
     * @param query {@code [batch, queries, query_dim]}, of the parameters' type
     * @param key {@code [batch, keys, key_dim]}, of the parameters' type
     * @param value {@code [batch, keys, value_dim]}, of the parameters' type
     * @param mask {@code [batch, keys]}, boolean: true hides a key; null hides none
     * @param mode whether this is training
     * @return {@code [batch, queries, units]}
     * @throws IllegalArgumentException when a shape or type does not fit
     */
    public Tensor output(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Mode mode) {
        require(query, key, value, mask);
        Tensor output = direct.suits(query, key, value) && query.size(1) * key.size(1) <= MOST_SCORES
                ? direct.forward(query, key, value, mask, mode).output()
                : recorded.fused(query, key, value, mask, mode);
        return project(output);
    }

    private void requireSharedValues() {
        if (config.valueDim().isPresent()) {
            throw new IllegalArgumentException("this attention has values of their own (value_dim "
                    + config.valueDim().getAsInt() + "): hand over query, key and value");
        }
    }

    private void require(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
        Shapes.require(query, "query", QUERY, type, Shapes.ANY, Shapes.ANY, config.queryDim());
        Shapes.require(key, "key", KEY, type, query.size(0), Shapes.ANY, config.keyDim());
        if (config.valueDim().isPresent()) {
            Shapes.require(
                    value,
                    "value",
                    KEY,
                    type,
                    query.size(0),
                    key.size(1),
                    config.valueDim().getAsInt());
        } else {
            Shapes.require(value, "value", KEY, type, query.size(0), key.size(1), config.keyDim());
        }
        if (mask != null) {
            Shapes.require(mask, "mask", KEY, DType.BOOL, query.size(0), key.size(1));
        }
    }

    private Tensor project(Tensor output) {
        return outputMap == null ? output : outputMap.forward(output);
    }
}
