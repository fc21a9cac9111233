package dev.marquee.parity;

import dev.marquee.model.Head;
import dev.marquee.model.Perceptron;
import dev.marquee.model.PerceptronConfig;
import dev.marquee.nn.Activation;
import dev.marquee.nn.BatchNorm;
import dev.marquee.nn.LayerNorm;
import dev.marquee.nn.Linear;
import dev.marquee.nn.Mode;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.nn.Norm;
import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The modules that a case may name. */
final class CaseModules {
    private static final String OUTPUT = "output";
    private static final Map<String, CaseModule.Factory> FACTORIES = Map.of(
            "mlp", CaseModules::perceptron,
            "multi_head_attention", CaseModules::attention,
            "linear", CaseModules::linear,
            "layer_norm", CaseModules::layerNorm,
            "batch_norm", CaseModules::batchNorm,
            "cross_entropy", CaseModules::crossEntropy,
            "bce_with_logits", CaseModules::binaryCrossEntropy,
            "mse", CaseModules::meanSquaredError);

    private CaseModules() {}

    /** What becomes of the losses of single samples. */
    enum Reduction {
        NONE(0),
        MEAN(1),
        SUM(2);

        private final long number;

        Reduction(long number) {
            this.number = number;
        }

        /** The engine's number for it. */
        long number() {
            return number;
        }
    }

    /** How attention is computed: with its scores, or by the fused kernel. */
    enum AttentionPath {
        PLAIN,
        FUSED
    }

    static CaseModule create(String name, Parameters.Path path, CaseConfig config) {
        CaseModule.Factory factory = FACTORIES.get(name);
        if (factory == null) {
            throw new IllegalArgumentException(
                    "unknown module \"" + name + "\"; known are " + new TreeSet<>(FACTORIES.keySet()));
        }
        CaseModule module = factory.create(path, config);
        config.requireNoOthers();
        return module;
    }

    private static CaseModule perceptron(Parameters.Path path, CaseConfig config) {
        Perceptron perceptron = Perceptron.create(
                path,
                new PerceptronConfig(
                        config.integers("sizes"),
                        config.choice("activation", Activation.RELU),
                        config.number("dropout", 0),
                        config.choice("norm", Norm.NONE),
                        config.choice("head", Head.LOGITS),
                        Optional.empty()));
        Mode mode = mode(config);
        return inputs -> Map.of(OUTPUT, perceptron.forward(inputs.require("x"), mode));
    }

    private static CaseModule attention(Parameters.Path path, CaseConfig config) {
        MultiHeadAttention.Config sizes = new MultiHeadAttention.Config(
                config.integer("query_dim"),
                config.integer("key_dim"),
                config.integer("num_units"),
                config.integer("num_heads"),
                config.choice("scaling", MultiHeadAttention.Scaling.KEY_DIM),
                config.optionalInteger("value_dim"),
                config.flag("bias", false),
                config.flag("output_projection", false),
                config.number("dropout", 0),
                config.flag("causal", false));
        boolean fused = config.choice("path", AttentionPath.PLAIN) == AttentionPath.FUSED;
        MultiHeadAttention attention = MultiHeadAttention.create(path, sizes);
        return inputs -> {
            Tensor query = inputs.require("query");
            Tensor key = inputs.require("key");
            Tensor value = sizes.valueDim().isPresent() ? inputs.require("value") : key;
            Tensor mask = truth(inputs.optional("mask"));
            if (fused) {
                return Map.of("out", attention.output(query, key, value, mask, Mode.EVALUATION));
            }
            MultiHeadAttention.Attention result = attention.forward(query, key, value, mask, Mode.EVALUATION);
            return Map.of("out", result.output(), "scores", result.scores());
        };
    }

    private static CaseModule linear(Parameters.Path path, CaseConfig config) {
        Linear linear =
                Linear.create(path, config.integer("inputs"), config.integer("outputs"), config.flag("bias", true));
        return inputs -> Map.of(OUTPUT, linear.forward(inputs.require("x")));
    }

    private static CaseModule layerNorm(Parameters.Path path, CaseConfig config) {
        LayerNorm norm = LayerNorm.create(path, config.integer("size"));
        return inputs -> Map.of(OUTPUT, norm.forward(inputs.require("x")));
    }

    private static CaseModule batchNorm(Parameters.Path path, CaseConfig config) {
        Mode mode = mode(config);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        BatchNorm norm = BatchNorm.create(path, config.integer("size"));
        return inputs -> {
            outputs.put(OUTPUT, norm.forward(inputs.require("x"), mode));
            outputs.put("running_mean", norm.runningMean());
            outputs.put("running_var", norm.runningVariance());
            return outputs;
        };
    }

    private static CaseModule crossEntropy(Parameters.Path path, CaseConfig config) {
        Reduction reduction = config.choice("reduction", Reduction.MEAN);
        double smoothing = config.number("label_smoothing", 0);
        int ignored = config.optionalInteger("ignore_index").orElse(-100);
        return inputs -> loss(torch.cross_entropy_loss(
                inputs.require("input", "logits"),
                classes(inputs.require("target")),
                option(inputs.optional("weight")),
                reduction.number(),
                ignored,
                smoothing));
    }

    private static CaseModule binaryCrossEntropy(Parameters.Path path, CaseConfig config) {
        Reduction reduction = config.choice("reduction", Reduction.MEAN);
        return inputs -> loss(torch.binary_cross_entropy_with_logits(
                inputs.require("input", "logits"),
                inputs.require("target"),
                option(inputs.optional("weight")),
                option(inputs.optional("pos_weight")),
                reduction.number()));
    }

    private static CaseModule meanSquaredError(Parameters.Path path, CaseConfig config) {
        Reduction reduction = config.choice("reduction", Reduction.MEAN);
        return inputs -> loss(torch.mse_loss(inputs.require("input"), inputs.require("target"), reduction.number()));
    }

    private static Map<String, Tensor> loss(Tensor loss) {
        return Map.of(OUTPUT, loss, "loss", loss);
    }

    private static Mode mode(CaseConfig config) {
        return config.flag("training", false) ? Mode.TRAINING : Mode.EVALUATION;
    }

    private static TensorOptional option(@Nullable Tensor tensor) {
        return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }

    /** Indices of whatever integer type; real targets are probabilities of the classes. */
    private static Tensor classes(Tensor target) {
        return DType.of(target).isFloating() ? target : target.to(DType.INT64.scalarType());
    }

    private static @Nullable Tensor truth(@Nullable Tensor mask) {
        boolean bytes = mask != null && DType.of(mask) == DType.UINT8;
        return bytes ? mask.ne(new Scalar(0)) : mask;
    }
}
