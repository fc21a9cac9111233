package dev.marquee.export;

import dev.marquee.data.Batch;
import dev.marquee.model.AutoIntConfig;
import dev.marquee.model.BstConfig;
import dev.marquee.model.DcnV2Config;
import dev.marquee.model.DeepFmConfig;
import dev.marquee.model.DinConfig;
import dev.marquee.model.DlrmConfig;
import dev.marquee.model.DnnConfig;
import dev.marquee.model.EsmmConfig;
import dev.marquee.model.FinalMlpConfig;
import dev.marquee.model.FmConfig;
import dev.marquee.model.LogisticRegressionConfig;
import dev.marquee.model.MmoeConfig;
import dev.marquee.model.PerceptronConfig;
import dev.marquee.model.PictureAttentionConfig;
import dev.marquee.model.PictureModelConfig;
import dev.marquee.model.PleConfig;
import dev.marquee.model.RankingModelConfig;
import dev.marquee.model.WideDeepConfig;
import dev.marquee.nn.Activation;
import dev.marquee.nn.MultiHeadAttention;
import dev.marquee.nn.Norm;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.tensor.DType;
import java.util.List;

/** Every network of the package {@code model} as a graph; each gives what the network's forward pass in evaluation gives. */
final class NetworkGraphs {
    private NetworkGraphs() {}

    /** Logits {@code [batch, labels]} of a ranking network. */
    static Value ranking(RankingModelConfig config, FeatureLayout layout, Weights.Place root) {
        if (config instanceof LogisticRegressionConfig) {
            return new RowGraph(root, layout, true, false).wide();
        }
        if (config instanceof FmConfig) {
            RowGraph rows = new RowGraph(root, layout, true, false);
            return root.graph().add(rows.wide(), Layers.pairs(root.graph(), rows.embeddings()));
        }
        if (config instanceof DeepFmConfig deepFm) {
            return deepFm(root, layout, deepFm);
        }
        if (config instanceof DnnConfig dnn) {
            return dnn(root, layout, dnn);
        }
        if (config instanceof WideDeepConfig wideDeep) {
            return wideDeep(root, layout, wideDeep);
        }
        if (config instanceof DcnV2Config dcn) {
            return CrossGraph.dcn(root, layout, dcn);
        }
        if (config instanceof DlrmConfig dlrm) {
            return CrossGraph.dlrm(root, layout, dlrm);
        }
        if (config instanceof AutoIntConfig autoInt) {
            return autoInt(root, layout, autoInt);
        }
        if (config instanceof FinalMlpConfig finalMlp) {
            return FinalMlpGraph.logits(root, layout, finalMlp);
        }
        if (config instanceof DinConfig din) {
            return din(root, layout, din);
        }
        if (config instanceof BstConfig bst) {
            return bst(root, layout, bst);
        }
        if (config instanceof EsmmConfig esmm) {
            return ParallelLayers.esmm(root, new RowGraph(root, layout, false, false), esmm);
        }
        if (config instanceof MmoeConfig mmoe) {
            return ExpertGraph.mmoe(root, layout, mmoe);
        }
        if (config instanceof PleConfig ple) {
            return ExpertGraph.ple(root, layout, ple);
        }
        throw new IllegalArgumentException("no graph is known for " + config.describe());
    }

    /** What a network for pictures returns before its head: {@code [batch, classes]}. */
    static Value pictures(PictureModelConfig config, Weights.Place root) {
        if (config instanceof PerceptronConfig perceptron) {
            int inputs = perceptron.sizes().get(0);
            Value x = root.graph().input(Batch.PICTURE, DType.FLOAT32, "batch", "" + inputs);
            int layers = perceptron.sizes().size() - 1;
            return Layers.perceptron(root, x, layers, perceptron.activation(), perceptron.norm());
        }
        if (config instanceof PictureAttentionConfig attention) {
            return pictureAttention(root, attention);
        }
        throw new IllegalArgumentException("no graph is known for " + config.describe());
    }

    private static Value deepFm(Weights.Place root, FeatureLayout layout, DeepFmConfig config) {
        Graph graph = root.graph();
        RowGraph rows = new RowGraph(root, layout, true, false);
        Value machine = graph.add(rows.wide(), Layers.pairs(graph, rows.embeddings())); // [batch, 1]
        Value deep = ParallelLayers.deep(
                root.child("deep"),
                rows.vector(),
                config.members(),
                config.hidden(),
                config.activation(),
                config.norm());
        Value logits = ParallelLayers.logits(root.child("output"), deep);
        return ParallelLayers.ofMembers(graph, ParallelLayers.plus(graph, logits, machine));
    }

    private static Value dnn(Weights.Place root, FeatureLayout layout, DnnConfig config) {
        RowGraph rows = RowGraph.of(root, layout, config.dense());
        Value deep = ParallelLayers.deep(
                root.child("deep"),
                rows.vector(),
                config.members(),
                config.hidden(),
                config.activation(),
                config.norm());
        return ParallelLayers.ofMembers(root.graph(), ParallelLayers.logits(root.child("output"), deep));
    }

    private static Value wideDeep(Weights.Place root, FeatureLayout layout, WideDeepConfig config) {
        Graph graph = root.graph();
        RowGraph rows = RowGraph.of(root, layout, config.dense());
        Value deep = ParallelLayers.deep(
                root.child("deep"),
                rows.vector(),
                config.members(),
                config.hidden(),
                config.activation(),
                config.norm());
        Value logits = ParallelLayers.logits(root.child("output"), deep);
        return ParallelLayers.ofMembers(graph, ParallelLayers.plus(graph, logits, rows.wide()));
    }

    private static Value autoInt(Weights.Place root, FeatureLayout layout, AutoIntConfig config) {
        Graph graph = root.graph();
        RowGraph rows = new RowGraph(root, layout, true, false);
        Value e = rows.embeddings(); // [batch, fields, width]
        int inputs = Math.toIntExact(rows.width());
        for (int i = 1; i <= config.layers(); i++) {
            Weights.Place layer = root.child("layer" + i);
            MultiHeadAttention.Config attention = MultiHeadAttention.Config.of(
                            inputs, inputs, config.units(), config.heads())
                    .scaling(MultiHeadAttention.Scaling.NONE);
            Value attended = AttentionGraph.attention(layer.child("attention"), attention, e, e, e, null);
            Value residual = Layers.linear(layer.child("residual"), e);
            e = graph.apply(Operator.RELU, graph.add(attended, residual)); // [batch, fields, units]
            inputs = config.units();
        }
        Value flat = graph.reshape(e, -1, (long) rows.count() * inputs);
        Value logits = Layers.linear(root.child("output"), flat);
        if (config.hidden().isEmpty()) {
            return logits;
        }
        Value deep = Layers.hidden(
                root.child("deep"), rows.vector(), config.hidden(), config.activation(), false, config.norm());
        return graph.add(logits, Layers.linear(root.child("deep_output"), deep));
    }

    private static Value din(Weights.Place root, FeatureLayout layout, DinConfig config) {
        RowGraph rows = new RowGraph(root, layout, false, true);
        List<Value> parts = rows.vectorParts();
        for (HistoryGraph history : HistoryGraph.of(rows)) {
            history.interest(root.child("attention").child(history.name()), config, parts);
        }
        return tower(
                root.child("perceptron"),
                root.graph().concat(1, parts),
                config.hidden(),
                config.activation(),
                config.dice(),
                config.norm());
    }

    private static Value bst(Weights.Place root, FeatureLayout layout, BstConfig config) {
        RowGraph rows = new RowGraph(root, layout, false, true);
        List<Value> parts = rows.vectorParts();
        for (HistoryGraph history : HistoryGraph.of(rows)) {
            parts.add(history.transformed(root.child("history").child(history.name()), config));
        }
        return tower(
                root.child("perceptron"),
                root.graph().concat(1, parts),
                config.hidden(),
                config.activation(),
                false,
                config.norm());
    }

    private static Value tower(
            Weights.Place place, Value x, List<Integer> sizes, Activation activation, boolean dice, Norm norm) {
        return Layers.linear(place.child("out"), Layers.hidden(place, x, sizes, activation, dice, norm));
    }

    private static Value pictureAttention(Weights.Place root, PictureAttentionConfig config) {
        Graph graph = root.graph();
        Value pictures = graph.input(Batch.PICTURE, DType.FLOAT32, "batch", "" + config.rows(), "" + config.columns());
        Value tokens = graph.add(Layers.linear(root.child("embedding"), pictures), root.constant("positions"));
        int units = config.units();
        MultiHeadAttention.Config attention = MultiHeadAttention.Config.of(units, units, units, config.heads())
                .scaling(MultiHeadAttention.Scaling.HEAD_SIZE)
                .bias(true)
                .outputProjection(true);
        for (int i = 1; i <= config.blocks(); i++) {
            Weights.Place block = root.child("block" + i);
            Value x = Layers.layerNorm(block.child("attention_norm"), tokens);
            Value attended = AttentionGraph.attention(block.child("attention"), attention, x, x, x, null);
            tokens = graph.add(tokens, attended);
            Value y = Layers.layerNorm(block.child("perceptron_norm"), tokens);
            tokens = graph.add(tokens, Layers.perceptron(block.child("perceptron"), y, 2, Activation.GELU, Norm.NONE));
        }
        Value normed = Layers.layerNorm(root.child("norm"), tokens);
        Value pooled = config.pooling() == PictureAttentionConfig.Pooling.MEAN
                ? graph.mean(normed, 1, false)
                : graph.reshape(normed, -1, (long) config.rows() * units);
        return Layers.perceptron(root.child("classifier"), pooled, 2, Activation.GELU, Norm.NONE);
    }
}
