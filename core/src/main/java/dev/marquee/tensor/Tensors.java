package dev.marquee.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Tensors from Java arrays and back. All that is made here belongs to the open {@link Scope}. */
public final class Tensors {
    private static final long CHUNK = 1L << 30;

    private Tensors() {}

    /**
     * A float32 tensor with a copy of the values.
     *
     * @param values in row-major order
     * @param shape their shape; empty for a vector
     * @return a tensor of that shape
     * @throws IllegalArgumentException when the shape holds another number of elements
     */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(DType.FLOAT32, shapeFor(values.length, shape));
        if (values.length > 0) {
            new FloatPointer(tensor.data_ptr()).put(values, 0, values.length);
        }
        return tensor;
    }

    /**
     * A float64 tensor with a copy of the values.
     *
     * @param values in row-major order
     * @param shape their shape; empty for a vector
     * @return a tensor of that shape
     * @throws IllegalArgumentException when the shape holds another number of elements
     */
    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = empty(DType.FLOAT64, shapeFor(values.length, shape));
        if (values.length > 0) {
            new DoublePointer(tensor.data_ptr()).put(values, 0, values.length);
        }
        return tensor;
    }

    /**
     * An int64 tensor with a copy of the values.
     *
     * @param values in row-major order
     * @param shape their shape; empty for a vector
     * @return a tensor of that shape
     * @throws IllegalArgumentException when the shape holds another number of elements
     */
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(DType.INT64, shapeFor(values.length, shape));
        if (values.length > 0) {
            new LongPointer(tensor.data_ptr()).put(values, 0, values.length);
        }
        return tensor;
    }

    /**
     * A boolean tensor with a copy of the values.
     *
     * @param values in row-major order
     * @param shape their shape; empty for a vector
     * @return a tensor of that shape
     * @throws IllegalArgumentException when the shape holds another number of elements
     */
    public static Tensor of(boolean[] values, long... shape) {
        Tensor tensor = empty(DType.BOOL, shapeFor(values.length, shape));
        if (values.length > 0) {
            BoolPointer target = new BoolPointer(tensor.data_ptr());
            for (int i = 0; i < values.length; i++) {
                target.put(i, values[i]);
            }
        }
        return tensor;
    }

    /**
     * A uint8 vector with a copy of the bytes.
     *
     * @param values its elements
     * @return a tensor {@code [length]}
     */
    public static Tensor of(byte[] values) {
        Tensor tensor = empty(DType.UINT8, values.length);
        bytes(tensor).put(values);
        return tensor;
    }

    /**
     * A tensor whose values are not set.
     *
     * @param type the element type
     * @param shape the shape; empty for a scalar
     * @return a contiguous tensor in main memory
     */
    public static Tensor empty(DType type, long... shape) {
        Scope.requireOpen();
        return torch.empty(shape, options(type), new MemoryFormatOptional());
    }

    /**
     * A tensor of zeros.
     *
     * @param type the element type
     * @param shape the shape; empty for a scalar
     * @return a contiguous tensor in main memory
     */
    public static Tensor zeros(DType type, long... shape) {
        Tensor tensor = empty(type, shape);
        tensor.zero_();
        return tensor;
    }

    /**
     * A tensor with one value everywhere.
     *
     * @param value the value
     * @param type the element type
     * @param shape the shape; empty for a scalar
     * @return a contiguous tensor in main memory
     */
    public static Tensor full(double value, DType type, long... shape) {
        Tensor tensor = empty(type, shape);
        tensor.fill_(new Scalar(value));
        return tensor;
    }

    /**
     * The options with which the engine makes tensors of a type.
     *
     * @param type the element type
     * @return options for main memory
     */
    public static TensorOptions options(DType type) {
        return new TensorOptions().dtype(new ScalarTypeOptional(type.scalarType()));
    }

    /**
     * The shape of a tensor.
     *
     * @param tensor any tensor
     * @return its sizes; empty for a scalar
     */
    public static long[] shape(Tensor tensor) {
        long[] shape = new long[(int) tensor.dim()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.size(i);
        }
        return shape;
    }

    /**
     * A tensor in words for messages: {@code [2, 3] FLOAT32}.
     *
     * @param tensor any tensor
     * @return shape and element type
     */
    public static String describe(Tensor tensor) {
        return Arrays.toString(shape(tensor)) + " " + DType.of(tensor);
    }

    /**
     * A copy of the values as floats.
     *
     * @param tensor of any type and layout
     * @return the values in row-major order
     */
    public static float[] toFloats(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            Tensor plain = plain(tensor, DType.FLOAT32);
            float[] values = new float[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                new FloatPointer(plain.data_ptr()).get(values, 0, values.length);
            }
            return values;
        }
    }

    /**
     * A copy of the values as doubles.
     *
     * @param tensor of any type and layout
     * @return the values in row-major order
     */
    public static double[] toDoubles(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            Tensor plain = plain(tensor, DType.FLOAT64);
            double[] values = new double[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                new DoublePointer(plain.data_ptr()).get(values, 0, values.length);
            }
            return values;
        }
    }

    /**
     * A copy of the values as longs.
     *
     * @param tensor of any type and layout
     * @return the values in row-major order, truncated towards zero
     */
    public static long[] toLongs(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            Tensor plain = plain(tensor, DType.INT64);
            long[] values = new long[Math.toIntExact(plain.numel())];
            if (values.length > 0) {
                new LongPointer(plain.data_ptr()).get(values, 0, values.length);
            }
            return values;
        }
    }

    /**
     * A copy of the values of a uint8 tensor.
     *
     * @param tensor contiguous, uint8
     * @return its elements in row-major order
     */
    public static byte[] toBytes(Tensor tensor) {
        byte[] values = new byte[Math.toIntExact(tensor.numel())];
        bytes(tensor).get(values);
        return values;
    }

    /**
     * The memory of a contiguous tensor in main memory, without a copy. It is valid as long as the tensor is.
     *
     * @param tensor contiguous, in main memory, below 2 GiB
     * @return its bytes in the machine's order
     * @throws IllegalArgumentException when the tensor is not contiguous, elsewhere, or too large for one buffer
     */
    public static ByteBuffer bytes(Tensor tensor) {
        requireHere(tensor);
        if (!tensor.is_contiguous() || tensor.nbytes() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a view on the bytes needs a contiguous tensor below 2 GiB, not " + describe(tensor));
        }
        try (Scope scope = Scope.open()) {
            return bytes(tensor.data_ptr(), tensor.nbytes());
        }
    }

    /**
     * Hands over the memory of a contiguous tensor in main memory, in pieces that fit a buffer each.
     *
     * @param tensor contiguous, in main memory, of any size
     * @param consumer called with each piece in order; it must not keep the buffer
     * @throws IllegalArgumentException when the tensor is not contiguous, or elsewhere
     */
    public static void eachChunk(Tensor tensor, Consumer<ByteBuffer> consumer) {
        requireHere(tensor);
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException(describe(tensor) + " is not contiguous");
        }
        try (Scope scope = Scope.open()) {
            BytePointer data = new BytePointer(tensor.data_ptr());
            long size = tensor.nbytes();
            for (long start = 0; start < size; start += CHUNK) {
                consumer.accept(bytes(data.getPointer(start), Math.min(CHUNK, size - start)));
            }
        }
    }

    /** An address on a device is none that Java could read. */
    static void requireHere(Tensor tensor) {
        if (!tensor.is_cpu()) {
            throw new IllegalArgumentException("the bytes of " + describe(tensor) + " are not in main memory but on "
                    + Device.of(tensor) + ": copy it by Device.host first");
        }
    }

    private static ByteBuffer bytes(Pointer address, long size) {
        if (size == 0) {
            return ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
        }
        return new BytePointer(address).capacity(size).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    private static Tensor plain(Tensor tensor, DType type) {
        return Device.host(tensor.detach()).to(type.scalarType()).contiguous();
    }

    private static long[] shapeFor(long elements, long... shape) {
        if (shape.length == 0) {
            return new long[] {elements};
        }
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        if (product != elements) {
            throw new IllegalArgumentException(
                    elements + " values do not fill the shape " + Arrays.toString(shape) + ", which holds " + product);
        }
        return shape;
    }
}
