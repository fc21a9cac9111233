package dev.marquee.tensor;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.indexer.DoubleRawIndexer;
import org.bytedeco.javacpp.indexer.FloatRawIndexer;
import org.bytedeco.javacpp.indexer.IntRawIndexer;
import org.bytedeco.pytorch.Tensor;

/**
 * The elements of a contiguous tensor in main memory, of any size, read and written one by one without a copy: for loops
 * that no operator does in one pass. Valid as long as the tensor is; indices are checked.
 */
public sealed interface Numbers {
    /**
     * The elements of a tensor.
     *
     * @param tensor contiguous, of float32, float64 or int32
     * @return a view on its memory
     * @throws IllegalArgumentException when the tensor is not contiguous, elsewhere, or of another type
     */
    static Numbers of(Tensor tensor) {
        Tensors.requireHere(tensor);
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException(Tensors.describe(tensor) + " is not contiguous");
        }
        try (Scope scope = Scope.open()) {
            long size = tensor.numel();
            return switch (DType.of(tensor)) {
                case FLOAT32 ->
                    new Floats(new FloatRawIndexer(new FloatPointer(tensor.data_ptr()).capacity(size), size));
                case FLOAT64 ->
                    new Doubles(new DoubleRawIndexer(new DoublePointer(tensor.data_ptr()).capacity(size), size));
                case INT32 -> new Ints(new IntRawIndexer(new IntPointer(tensor.data_ptr()).capacity(size), size));
                default ->
                    throw new IllegalArgumentException(
                            "numbers are read from FLOAT32, FLOAT64 or INT32, not from " + Tensors.describe(tensor));
            };
        }
    }

    /**
     * Reads an element.
     *
     * @param index in row-major order
     * @return its value, exactly
     * @throws IndexOutOfBoundsException when there is no such element
     */
    double get(long index);

    /**
     * Writes an element.
     *
     * @param index in row-major order
     * @param value rounded to the tensor's type
     * @throws IndexOutOfBoundsException when there is no such element
     */
    void set(long index, double value);

    /** Of float32. */
    final class Floats implements Numbers {
        private final FloatRawIndexer memory;

        private Floats(FloatRawIndexer memory) {
            this.memory = memory;
        }

        @Override
        public double get(long index) {
            return memory.getRaw(index);
        }

        @Override
        public void set(long index, double value) {
            memory.putRaw(index, (float) value);
        }
    }

    /** Of float64. */
    final class Doubles implements Numbers {
        private final DoubleRawIndexer memory;

        private Doubles(DoubleRawIndexer memory) {
            this.memory = memory;
        }

        @Override
        public double get(long index) {
            return memory.getRaw(index);
        }

        @Override
        public void set(long index, double value) {
            memory.putRaw(index, value);
        }
    }

    /** Of int32; writing truncates. */
    final class Ints implements Numbers {
        private final IntRawIndexer memory;

        private Ints(IntRawIndexer memory) {
            this.memory = memory;
        }

        @Override
        public double get(long index) {
            return memory.getRaw(index);
        }

        @Override
        public void set(long index, double value) {
            memory.putRaw(index, (int) value);
        }
    }
}
