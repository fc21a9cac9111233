package dev.marquee.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The element types that Marquee uses, with their names in safetensors files. */
public enum DType {
    /** 32-bit floating point, the default of all computation. */
    FLOAT32("F32", 4, torch.ScalarType.Float),
    /** 64-bit floating point, for references and checks. */
    FLOAT64("F64", 8, torch.ScalarType.Double),
    /** 16-bit floating point of IEEE 754: 11 significant bits, from 6e-8 to 65,504. For storage. */
    FLOAT16("F16", 2, torch.ScalarType.Half),
    /** 16-bit brain floating point. */
    BFLOAT16("BF16", 2, torch.ScalarType.BFloat16),
    /** 64-bit integers: class indices, ids. */
    INT64("I64", 8, torch.ScalarType.Long),
    /** 32-bit integers. */
    INT32("I32", 4, torch.ScalarType.Int),
    /** Signed bytes: for storage, with a scale. */
    INT8("I8", 1, torch.ScalarType.Char),
    /** Unsigned bytes. */
    UINT8("U8", 1, torch.ScalarType.Byte),
    /** Truth values, one byte each: masks. */
    BOOL("BOOL", 1, torch.ScalarType.Bool);

    private static final DType[] VALUES = values();

    private final String safetensorsName;
    private final int bytes;
    private final torch.ScalarType scalarType;

    DType(String safetensorsName, int bytes, torch.ScalarType scalarType) {
        this.safetensorsName = safetensorsName;
        this.bytes = bytes;
        this.scalarType = scalarType;
    }

    /**
     * The element type of a tensor.
     *
     * @param tensor any tensor
     * @return its type
     * @throws IllegalArgumentException when Marquee does not use that type
     */
    public static DType of(Tensor tensor) {
        torch.ScalarType type = tensor.scalar_type();
        for (DType known : VALUES) { // no stream: this is called dozens of times a step
            if (known.scalarType.value == type.value) {
                return known;
            }
        }
        throw new IllegalArgumentException(
                "unsupported element type " + type.intern() + "; supported are " + Arrays.toString(VALUES));
    }

    /**
     * The element type of that name in a safetensors file.
     *
     * @param name such as {@code F32}
     * @return the type
     * @throws IllegalArgumentException when the name is unknown
     */
    public static DType ofSafetensors(String name) {
        return Arrays.stream(values())
                .filter(type -> type.safetensorsName.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unsupported element type \"" + name
                        + "\"; supported are "
                        + Arrays.stream(values())
                                .map(type -> type.safetensorsName)
                                .toList()));
    }

    /**
     * The name in safetensors files.
     *
     * @return such as {@code F32}
     */
    public String safetensorsName() {
        return safetensorsName;
    }

    /**
     * The size of one element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * The engine's own name for the type.
     *
     * @return the engine's scalar type
     */
    public torch.ScalarType scalarType() {
        return scalarType;
    }

    /**
     * Whether the type is one of real numbers.
     *
     * @return true for the floating-point types
     */
    public boolean isFloating() {
        return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
    }
}
