package dev.marquee.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Operation;
import org.bytedeco.pytorch.Operator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products by oneDNN, which is part of the engine on x86 processors. The engine itself uses it for float32
 * products only in graphs that it compiles; here they are called as they are. They have no gradient formula.
 *
 * <p>They use the threads of operators, {@link Engine#threads()}, where other products use those of the BLAS.
 */
public final class OneDnn {
    private static final String LINEAR = "mkldnn::_linear_pointwise(Tensor X, Tensor W, Tensor? B, str attr,"
            + " Scalar?[] scalars, str? algorithm) -> Tensor Y";
    private static final int SCALARS = 4;

    private OneDnn() {}

    /**
     * Tells whether {@link #linear} works here.
     *
     * @return false on other processors than x86, and where the engine was built without oneDNN
     */
    public static boolean available() {
        return Linear.CALL != null;
    }

    /**
     * A linear map: {@code y = x Wᵀ + b}. A call takes about 20 µs however small the tensors are. (The operator offers
     * to apply ReLU too, but its ReLU of not-a-number is zero, which would hide that a training diverged.)
     *
     * @param input {@code [rows, inputs]}, float32, at least one row; any of the tensors may be transposed
     * @param weight {@code [outputs, inputs]}
     * @param bias {@code [outputs]}; null for none
     * @return {@code [rows, outputs]}, in the open scope
     * @throws IllegalStateException when gradients are on for a tensor that requires one, or oneDNN is not available
     */
    public static Tensor linear(Tensor input, Tensor weight, @Nullable Tensor bias) {
        Scope.requireOpen();
        Linear call = Linear.CALL;
        if (call == null) {
            throw new IllegalStateException("this engine has no oneDNN: ask available() first");
        }
        return call.of(input, weight, bias);
    }

    /** The operator and those of its arguments that never change, made once: they are never freed. */
    private record Linear(Operation operation, IValue nothing, IValue none, IValue scalars, IValue text) {
        private static final @Nullable Linear CALL = find();

        private static @Nullable Linear find() {
            String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
            boolean x86 = processor.equals("amd64") || processor.equals("x86_64");
            if (!x86 || !Operators.exists("mkldnn::_linear_pointwise")) {
                return null;
            }
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Operator operator = Operators.literal(LINEAR);
                if (operator == null) {
                    return null;
                }
                Operation operation = operator.getOperation();
                operation.retainReference();
                IValue scalars = new IValue(new GenericList(operator.schema()
                        .arguments()
                        .getPointer(SCALARS)
                        .type()
                        .access()
                        .containedType(0)));
                Linear call = new Linear(
                        operation, kept(new IValue()), kept(new IValue("none")), kept(scalars), kept(new IValue("")));
                return call.works() ? call : null;
            }
        }

        /** Whether 1 · 3 + 2 · 4 is 11: builds exist that refuse every call. */
        private boolean works() {
            try {
                Tensor input = Tensors.of(new float[] {1, 2}, 1, 2);
                Tensor weight = Tensors.of(new float[] {3, 4}, 1, 2);
                float[] output = Tensors.toFloats(of(input, weight, null));
                return output.length == 1 && output[0] == 11;
            } catch (RuntimeException e) {
                return false;
            }
        }

        private static IValue kept(IValue value) {
            value.retainReference();
            return value;
        }

        private Tensor of(Tensor x, Tensor w, @Nullable Tensor b) {
            IValueVector stack = new IValueVector(
                    new IValue(x), new IValue(w), b == null ? nothing : new IValue(b), none, scalars, text);
            operation.apply(stack);
            // What the stack hands out lies inside it: the copy, of the reference, outlives it.
            return new Tensor(stack.get(0).toTensor());
        }
    }
}
