package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.DType;
import java.util.OptionalInt;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
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

    private final Config config;
    private final DType type;
    private final Dropout dropout;
    private final double scale;
    private final Linear queryMap;
    private final Linear keyMap;
    private final Linear valueMap;
    private final @Nullable Linear outputMap;
    private final OneQuery oneQuery;

    private MultiHeadAttention(Parameters.Path path, Config config) {
        this.config = config;
        this.dropout = new Dropout(config.dropout());
        this.scale = switch (config.scaling()) {
            case KEY_DIM -> 1 / Math.sqrt((double) config.keyDim());
            case HEAD_SIZE -> 1 / Math.sqrt((double) config.headSize());
            case NONE -> 1;
        };
        int units = config.numUnits();
        this.queryMap = Linear.create(path.child("W_query"), config.queryDim(), units, config.bias());
        this.keyMap = Linear.create(path.child("W_key"), config.keyDim(), units, config.bias());
        this.valueMap =
                Linear.create(path.child("W_value"), config.valueDim().orElse(config.keyDim()), units, config.bias());
        this.outputMap =
                config.outputProjection() ? Linear.create(path.child("W_out"), units, units, config.bias()) : null;
        this.oneQuery = new OneQuery(config.numHeads(), config.headSize(), keyMap, valueMap, dropout);
        this.type = DType.of(queryMap.weight());
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
        HiddenKeys hidden = HiddenKeys.of(mask, config.causal(), query.size(1), key.size(1));
        Tensor scaled = queryMap.forward(query).mul(new Scalar(scale)); // [batch, queries, units]
        if (oneQuery.suits(query)) {
            Attention attention = oneQuery.forward(scaled, key, value, hidden, mode);
            return new Attention(project(attention.output()), attention.scores());
        }
        Tensor queries = headsFirst(scaled); // [heads, batch, queries, size]
        Tensor keys = headsFirst(keyMap.forward(key)); // [heads, batch, keys, size]
        Tensor values = headsFirst(valueMap.forward(value)); // [heads, batch, keys, size]
        Tally.product(queries, keys, keys.size(2));
        Tensor products = torch.matmul(queries, keys.transpose(2, 3)); // [heads, batch, queries, keys]
        if (hidden != null) {
            // In place: backward needs the factors of the product, not the product.
            products.masked_fill_(hidden.filled(), new Scalar(Double.NEGATIVE_INFINITY));
        }
        Tensor scores = torch.softmax(products, 3);
        if (hidden != null) {
            scores = hidden.zeroBlind(scores);
        }
        Tally.product(scores, values, values.size(3));
        Tensor heads = torch.matmul(dropout.forward(scores, mode), values); // [heads, batch, queries, size]
        Tensor output = project(heads.permute(1, 2, 0, 3)); // [batch, queries, units]
        return new Attention(output, scores);
    }

    /**
     * The output alone, by the engine's fused kernel ({@code scaled_dot_product_attention}), which never holds the
     * scores in memory; a single query has so few that it is not worth while. Equal to that of {@link #forward} but for rounding, and in training with dropout for what is
     * drawn.
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
     * The output alone, by the fused kernel, with values of their own.
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
        if (oneQuery.suits(query)) {
            return forward(query, key, value, mask, mode).output();
        }
        HiddenKeys hidden = mask == null ? null : HiddenKeys.of(mask, config.causal(), query.size(1), key.size(1));
        Tensor heads = torch.scaled_dot_product_attention(
                batchFirst(queryMap.forward(query)), // [batch, heads, queries, size]
                batchFirst(keyMap.forward(key)), // [batch, heads, keys, size]
                batchFirst(valueMap.forward(value)), // [batch, heads, keys, size]
                hidden == null ? new TensorOptional() : new TensorOptional(visible(hidden)),
                mode.training() ? config.dropout() : 0,
                /* is_causal= */ hidden == null && config.causal(),
                new DoubleOptional(scale),
                /* enable_gqa= */ false);
        Tensor rows = heads.transpose(1, 2); // [batch, queries, heads, size]
        if (hidden != null && hidden.blind() != null) {
            rows = rows.masked_fill(hidden.blind().unsqueeze(-1), new Scalar(0));
        }
        return project(rows);
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

    private Tensor visible(HiddenKeys hidden) {
        return hidden.filled().logical_not().unsqueeze(1); // [batch, 1, queries or 1, keys]
    }

    private Tensor split(Tensor units) {
        return units.view(units.size(0), units.size(1), config.numHeads(), config.headSize());
    }

    private Tensor headsFirst(Tensor units) {
        return split(units).permute(2, 0, 1, 3);
    }

    private Tensor batchFirst(Tensor units) {
        return split(units).transpose(1, 2);
    }

    private Tensor project(Tensor heads) {
        Tensor output = heads.reshape(heads.size(0), heads.size(1), config.numUnits());
        return outputMap == null ? output : outputMap.forward(output);
    }
}
