package dev.marquee.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A {@link Graph} as an ONNX file. Weights that protobuf's limit of 2 GiB would not let pass lie in a second file beside it, as
 * ONNX's external data. Source: the specification of ONNX, <a href="https://onnx.ai/onnx/repo-docs/IR.html">IR</a> and
 * <a href="https://onnx.ai/onnx/operators/">operators</a>.
 */
final class OnnxFile {
    /** The oldest that has all operators used here (GELU came with 20), for the most runtimes. */
    static final int OPERATOR_SET = 20;

    /** The version of the format that came with that set. */
    static final int IR_VERSION = 9;

    /** Above, weights go into a file of their own: half of what protobuf takes. */
    static final long MOST_BYTES_INSIDE = 1L << 30;

    static final String NAME = "model.onnx";

    private static final String DATA = NAME + ".data";
    private static final int ALIGNED = 4096;

    /** Constants up to this stay inside: runtimes read indices and shapes before they load weights. */
    private static final long SMALL = 1024;

    private final Graph graph;
    private final GraphProto.Builder proto = GraphProto.newBuilder();

    private OnnxFile(Graph graph) {
        this.graph = graph;
    }

    /**
     * Writes the file, and the one of its weights where it needs one.
     *
     * @param metadata told to who reads the file
     * @param mostInside how many bytes of weights stay in the first file
     */
    static void write(Graph graph, Path folder, Map<String, String> metadata, long mostInside) throws IOException {
        OnnxFile file = new OnnxFile(graph);
        file.graph(folder, mostInside);
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("marquee")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATOR_SET))
                .setGraph(file.proto);
        metadata.forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        try (OutputStream out = Files.newOutputStream(folder.resolve(NAME))) {
            model.build().writeTo(out);
        }
    }

    private void graph(Path folder, long mostInside) throws IOException {
        proto.setName("marquee");
        for (Graph.Input input : graph.inputs()) {
            proto.addInput(value(input.value(), input.dimensions()));
        }
        OnnxNodes nodes = new OnnxNodes(proto);
        graph.nodes().forEach(nodes::add);
        graph.outputs().forEach((name, value) -> {
            proto.addNode(NodeProto.newBuilder()
                    .setOpType("Identity")
                    .setName(name)
                    .addInput(value.name())
                    .addOutput(name));
            proto.addOutput(value(
                    new Value(name, value.type(), value.rank()),
                    List.of("batch", value.rank() == 2 ? name : "queries", name).subList(0, value.rank())));
        });
        long all = graph.constants().values().stream().mapToLong(Tensor::nbytes).sum();
        if (all > mostInside) {
            writeOutside(folder.resolve(DATA));
        } else {
            graph.constants().forEach(this::putInside);
        }
    }

    private void putInside(String name, Tensor tensor) {
        Tensor plain = plain(tensor);
        proto.addInitializer(header(name, plain).setRawData(ByteString.copyFrom(Tensors.bytes(plain))));
        freeIfOther(plain, tensor);
    }

    private void writeOutside(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
                if (constant.getValue().nbytes() <= SMALL) {
                    putInside(constant.getKey(), constant.getValue());
                    continue;
                }
                Tensor plain = plain(constant.getValue());
                long start = (channel.position() + ALIGNED - 1) / ALIGNED * ALIGNED;
                channel.position(start);
                Tensors.eachChunk(plain, bytes -> {
                    try {
                        while (bytes.hasRemaining()) {
                            channel.write(bytes);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                proto.addInitializer(header(constant.getKey(), plain)
                        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(entry("location", DATA))
                        .addExternalData(entry("offset", Long.toString(start)))
                        .addExternalData(entry("length", Long.toString(plain.nbytes()))));
                freeIfOther(plain, constant.getValue());
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Tensor plain(Tensor tensor) {
        return tensor.detach().contiguous();
    }

    private static void freeIfOther(Tensor plain, Tensor tensor) {
        if (!tensor.is_contiguous()) {
            plain.close();
        }
    }

    static TensorProto.Builder header(String name, Tensor tensor) {
        TensorProto.Builder header = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type(DType.of(tensor)).getNumber());
        for (long size : Tensors.shape(tensor)) {
            header.addDims(size);
        }
        return header;
    }

    static TensorProto.DataType type(DType type) {
        return switch (type) {
            case FLOAT32 -> TensorProto.DataType.FLOAT;
            case FLOAT64 -> TensorProto.DataType.DOUBLE;
            case INT64 -> TensorProto.DataType.INT64;
            case INT32 -> TensorProto.DataType.INT32;
            case INT8 -> TensorProto.DataType.INT8;
            case UINT8 -> TensorProto.DataType.UINT8;
            case BOOL -> TensorProto.DataType.BOOL;
            case FLOAT16, BFLOAT16 -> throw new IllegalArgumentException("a graph has no " + type);
        };
    }

    private static ValueInfoProto value(Value value, List<String> dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String dimension : dimensions) {
            TensorShapeProto.Dimension.Builder one = TensorShapeProto.Dimension.newBuilder();
            if (dimension.chars().allMatch(Character::isDigit)) {
                one.setDimValue(Long.parseLong(dimension));
            } else {
                one.setDimParam(dimension);
            }
            shape.addDim(one);
        }
        return ValueInfoProto.newBuilder()
                .setName(value.name())
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type(value.type()).getNumber())
                                .setShape(shape)))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    static AttributeProto whole(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto wholes(String name, List<Long> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(values)
                .build();
    }

    static AttributeProto number(String name, double value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF((float) value)
                .build();
    }
}
