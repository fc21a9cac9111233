package dev.marquee.tensor;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Products of many small matrices that lie within larger tensors, {@code C = α A B + β C}, each by one call of the BLAS
 * ({@code cblas_sgemm} or {@code cblas_dgemm}). The blocks need neither a tensor object of their own nor a copy, and may
 * differ in size: what the engine's batched product costs beside the arithmetic (a microsecond or more a matrix) is not
 * paid.
 *
 * <p>Belongs to the thread that made it, and to the scope that is open then.
 */
public final class BlockProduct {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;

    private final double alpha;
    private final Factor a;
    private final Factor b;
    private final double beta;
    private final Factor c;
    private final @Nullable FloatPointer floatsA;
    private final @Nullable FloatPointer floatsB;
    private final @Nullable FloatPointer floatsC;
    private final @Nullable DoublePointer doublesA;
    private final @Nullable DoublePointer doublesB;
    private final @Nullable DoublePointer doublesC;

    /**
     * Prepares products of blocks of three tensors.
     *
     * @param alpha what the product is multiplied by
     * @param a the left factors
     * @param b the right factors
     * @param beta what the result is multiplied by before the product is added; 0 overwrites it, whatever it holds
     * @param c the results; not transposed
     * @throws IllegalArgumentException when the tensors are not all float32 or all float64 in main memory, or c is transposed
     */
    public BlockProduct(double alpha, Factor a, Factor b, double beta, Factor c) {
        DType type = DType.of(a.tensor());
        if ((type != DType.FLOAT32 && type != DType.FLOAT64)
                || DType.of(b.tensor()) != type
                || DType.of(c.tensor()) != type
                || c.transposed()) {
            throw new IllegalArgumentException(
                    "blocks are multiplied in float32 or float64 alike, into plain rows, not "
                            + Tensors.describe(a.tensor()) + " by " + Tensors.describe(b.tensor()) + " into "
                            + Tensors.describe(c.tensor()) + (c.transposed() ? " transposed" : ""));
        }
        Tensors.requireHere(a.tensor());
        Tensors.requireHere(b.tensor());
        Tensors.requireHere(c.tensor());
        boolean single = type == DType.FLOAT32;
        this.alpha = alpha;
        this.a = a;
        this.b = b;
        this.beta = beta;
        this.c = c;
        this.floatsA = single ? new FloatPointer(a.tensor().data_ptr()) : null;
        this.floatsB = single ? new FloatPointer(b.tensor().data_ptr()) : null;
        this.floatsC = single ? new FloatPointer(c.tensor().data_ptr()) : null;
        this.doublesA = single ? null : new DoublePointer(a.tensor().data_ptr());
        this.doublesB = single ? null : new DoublePointer(b.tensor().data_ptr());
        this.doublesC = single ? null : new DoublePointer(c.tensor().data_ptr());
    }

    /**
     * A tensor that blocks lie in.
     *
     * @param tensor contiguous, in main memory
     * @param stride from the begin of one row of a block to that of the next, in elements
     * @param transposed whether the product takes the blocks transposed
     */
    public record Factor(Tensor tensor, long stride, boolean transposed) {
        /** Checks. */
        public Factor {
            if (!tensor.is_cpu() || !tensor.is_contiguous() || stride < 1 || stride > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("blocks lie in contiguous tensors in main memory, not in "
                        + Tensors.describe(tensor) + " with strides of " + stride);
            }
        }

        /**
         * Blocks taken as they lie.
         *
         * @param tensor contiguous, in main memory
         * @param stride from row to row, in elements
         * @return the factor
         */
        public static Factor of(Tensor tensor, long stride) {
            return new Factor(tensor, stride, false);
        }

        /**
         * Blocks taken transposed.
         *
         * @param tensor contiguous, in main memory
         * @param stride from row to row as they lie, in elements
         * @return the factor
         */
        public static Factor transposed(Tensor tensor, long stride) {
            return new Factor(tensor, stride, true);
        }

        /** Whether a block, given in the product's rows and columns, is within rows and tensor. */
        private boolean holds(long at, long rows, long columns) {
            long lines = transposed ? columns : rows;
            long width = transposed ? rows : columns;
            return at >= 0 && width <= stride && at + (lines - 1) * stride + width <= tensor.numel();
        }
    }

    /**
     * Multiplies a block {@code [rows, inner]} by a block {@code [inner, columns]}. Nothing happens when a size is 0.
     *
     * @param rows of the left factor and the result
     * @param columns of the right factor and the result
     * @param inner columns of the left and rows of the right factor
     * @param atA where the left block begins in its tensor, in elements
     * @param atB where the right block begins in its tensor
     * @param atC where the result begins in its tensor
     * @throws IndexOutOfBoundsException when a block is not within its tensor
     */
    public void run(int rows, int columns, int inner, long atA, long atB, long atC) {
        if (rows <= 0 || columns <= 0 || inner <= 0) {
            return;
        }
        if (!a.holds(atA, rows, inner) || !b.holds(atB, inner, columns) || !c.holds(atC, rows, columns)) {
            throw new IndexOutOfBoundsException("a block of [" + rows + ", " + inner + "] at " + atA + " by [" + inner
                    + ", " + columns + "] at " + atB + " into " + atC + " is not within " + Tensors.describe(a.tensor())
                    + ", " + Tensors.describe(b.tensor()) + " and " + Tensors.describe(c.tensor()));
        }
        int layoutA = a.transposed() ? TRANSPOSED : PLAIN;
        int layoutB = b.transposed() ? TRANSPOSED : PLAIN;
        if (floatsA != null && floatsB != null && floatsC != null) {
            openblas_nolapack.cblas_sgemm(
                    ROW_MAJOR,
                    layoutA,
                    layoutB,
                    rows,
                    columns,
                    inner,
                    (float) alpha,
                    floatsA.position(atA),
                    (int) a.stride(),
                    floatsB.position(atB),
                    (int) b.stride(),
                    (float) beta,
                    floatsC.position(atC),
                    (int) c.stride());
        } else if (doublesA != null && doublesB != null && doublesC != null) {
            openblas_nolapack.cblas_dgemm(
                    ROW_MAJOR,
                    layoutA,
                    layoutB,
                    rows,
                    columns,
                    inner,
                    alpha,
                    doublesA.position(atA),
                    (int) a.stride(),
                    doublesB.position(atB),
                    (int) b.stride(),
                    beta,
                    doublesC.position(atC),
                    (int) c.stride());
        }
    }
}
