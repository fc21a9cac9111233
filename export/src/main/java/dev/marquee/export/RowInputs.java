package dev.marquee.export;

import dev.marquee.data.Batch;
import dev.marquee.model.PerceptronConfig;
import dev.marquee.model.PictureAttentionConfig;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.Ids;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A batch as the inputs of an exported graph, and batches that are made up. */
final class RowInputs {
    private final Graph graph;
    private final Map<String, List<String>> growing = new HashMap<>();
    private final Map<String, Map<Long, Long>> rows = new HashMap<>();

    /**
     * For a graph.
     *
     * @param of the network's layout; empty for pictures
     * @param ids of growing tables, in the order of their rows
     */
    RowInputs(Graph graph, Optional<FeatureLayout> of, Map<String, List<Integer>> ids) {
        this.graph = graph;
        of.ifPresent(layout -> {
            ids.forEach((table, all) -> {
                Map<Long, Long> row = new HashMap<>();
                for (int i = 0; i < all.size(); i++) {
                    row.put((long) all.get(i), (long) Ids.FIRST + i);
                }
                rows.put(table, row);
            });
            List<String> tables =
                    layout.tables().stream().map(FeatureLayout.Table::name).toList();
            growing.put(
                    Batch.IDS,
                    layout.fields().stream()
                            .map(field -> tables.get(field.table()))
                            .toList());
            layout.bags().forEach(bag -> growing.put(Batch.BAG + bag.name(), List.of(tables.get(bag.table()))));
            layout.sequences()
                    .forEach(sequence ->
                            growing.put(Batch.SEQUENCE + sequence.name(), List.of(tables.get(sequence.table()))));
        });
    }

    /** Inputs by name, in the open scope. */
    Map<String, Tensor> of(Batch batch) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Map<String, Long> longest = new HashMap<>();
        for (Graph.Input input : graph.inputs()) {
            if (input.dimensions().size() == 2) {
                longest.merge(
                        input.dimensions().get(1),
                        batch.input(input.value().name()).size(1),
                        Math::max);
            }
        }
        for (Graph.Input input : graph.inputs()) {
            String name = input.value().name();
            Tensor tensor = batch.input(name);
            if (name.equals(Batch.PICTURE)) {
                long[] shape = new long[input.dimensions().size()];
                shape[0] = tensor.size(0);
                for (int i = 1; i < shape.length; i++) {
                    shape[i] = Long.parseLong(input.dimensions().get(i));
                }
                inputs.put(
                        name,
                        tensor.to(DType.FLOAT32.scalarType()).reshape(shape).contiguous());
            } else if (input.value().type() == DType.FLOAT32) {
                inputs.put(name, tensor.to(DType.FLOAT32.scalarType()).contiguous());
            } else {
                long missing = longest.get(input.dimensions().get(1)) - tensor.size(1);
                Tensor ids =
                        missing == 0 ? tensor : torch.constant_pad_nd(tensor, new long[] {0, missing}, new Scalar(0));
                inputs.put(name, rows(name, ids.to(DType.INT64.scalarType()).contiguous()));
            }
        }
        return inputs;
    }

    /** Ids of growing tables as the rows that they have. */
    private Tensor rows(String name, Tensor ids) {
        List<String> tables = growing.getOrDefault(name, List.of());
        if (tables.stream().noneMatch(rows::containsKey)) {
            return ids;
        }
        long[] values = ids.numel() == 0 ? new long[0] : Tensors.toLongs(ids);
        int columns = Math.toIntExact(ids.size(1));
        for (int i = 0; i < values.length; i++) {
            Map<Long, Long> of = rows.get(tables.get(tables.size() == 1 ? 0 : i % columns));
            if (of != null && values[i] >= Ids.FIRST) {
                values[i] = of.getOrDefault(values[i], (long) Ids.UNKNOWN);
            }
        }
        return Tensors.of(values, Tensors.shape(ids));
    }

    /** Rows of random ids, numbers and lengths, for when the data are gone. */
    static Batch made(OpenRun run, int count, long seed) {
        if (run.schema().isPresent()) {
            return made(run.schema().orElseThrow().layout(), count, seed);
        }
        long pixels = run.recipe().model() instanceof PerceptronConfig perceptron
                ? perceptron.sizes().get(0)
                : pixels((PictureAttentionConfig) run.recipe().model());
        return new Batch(
                Map.of(Batch.PICTURE, numbers(new Random(seed), count, pixels)),
                Tensors.zeros(DType.INT64, count),
                count);
    }

    /** Rows of random ids, numbers and lengths. */
    static Batch made(FeatureLayout layout, int count, long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        if (layout.denseSize() > 0) {
            inputs.put(Batch.DENSE, numbers(random, count, layout.denseSize()));
        }
        List<Integer> fields = new ArrayList<>();
        layout.fields()
                .forEach(field -> fields.add(layout.tables().get(field.table()).rows()));
        long[] ids = new long[count * fields.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = 1L + random.nextInt(fields.get(i % fields.size()) - 1);
        }
        inputs.put(Batch.IDS, Tensors.of(ids, count, fields.size()).to(DType.INT32.scalarType()));
        layout.bags()
                .forEach(bag -> inputs.put(
                        Batch.BAG + bag.name(),
                        lists(
                                random,
                                count,
                                bag.maximumLength(),
                                layout.tables().get(bag.table()).rows())));
        layout.sequences()
                .forEach(sequence -> inputs.put(
                        Batch.SEQUENCE + sequence.name(),
                        lists(
                                random,
                                count,
                                sequence.maximumLength(),
                                layout.tables().get(sequence.table()).rows())));
        return new Batch(
                inputs, Tensors.zeros(DType.FLOAT32, count, layout.labels().size()), count);
    }

    private static long pixels(PictureAttentionConfig config) {
        return (long) config.rows() * config.columns();
    }

    private static Tensor numbers(Random random, int count, long size) {
        float[] values = new float[Math.toIntExact(count * size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.of(values, count, size);
    }

    /** Lists of any length up to the longest, which two features of one length have alike in each row. */
    private static Tensor lists(Random random, int count, int longest, int rows) {
        long[] ids = new long[count * longest];
        for (int row = 0; row < count; row++) {
            int length = row * 7 % (longest + 1);
            for (int i = 0; i < length; i++) {
                ids[row * longest + i] = 1L + random.nextInt(rows - 1);
            }
        }
        return Tensors.of(ids, count, longest).to(DType.INT32.scalarType());
    }
}
