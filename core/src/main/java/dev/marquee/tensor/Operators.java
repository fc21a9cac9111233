package dev.marquee.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Operation;
import org.bytedeco.pytorch.Operator;
import org.bytedeco.pytorch.Symbol;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Operators of the engine that have no Java method (their names begin with an underscore, or their library is not
 * mapped), called through the engine's dispatcher.
 */
public final class Operators {
    private static final Map<String, Operation> FOUND = new ConcurrentHashMap<>();
    /** C texts that are never freed, one for each signature. */
    private static final Map<String, BytePointer> LITERALS = new ConcurrentHashMap<>();

    private Operators() {}

    /**
     * Tells whether this build of the engine has an operator.
     *
     * @param name with its namespace: {@code "aten::_fused_sgd_"}
     * @return true when at least one overload is registered
     */
    public static boolean exists(String name) {
        try (Scope scope = Scope.open()) {
            return torch.getAllOperatorsFor(Symbol.fromQualString(name)).size() > 0;
        }
    }

    /**
     * Calls an operator.
     *
     * @param schema the operator's full signature as the engine prints it
     * @param arguments one for each argument of the signature, in order
     * @return the results, in the open scope
     * @throws IllegalArgumentException when this build of the engine has no such operator
     */
    public static IValueVector call(String schema, IValue... arguments) {
        Scope.requireOpen();
        IValueVector stack = new IValueVector(arguments);
        FOUND.computeIfAbsent(schema, Operators::find).apply(stack);
        return stack;
    }

    private static Operation find(String schema) {
        try (Scope scope = Scope.open()) {
            Operator operator = literal(schema);
            if (operator == null) {
                throw new IllegalArgumentException("this build of the engine has no operator " + schema);
            }
            Operation operation = operator.getOperation();
            operation.retainReference();
            return operation;
        }
    }

    /**
     * The operator of a signature. The engine keeps what it found by the address of the text, as C++ has literals there: a text
     * that was freed could have its address taken by the next one, which would get the first one's operator.
     *
     * @param schema the operator's full signature
     * @return the operator, in the open scope; null where this build of the engine has none
     */
    static @Nullable Operator literal(String schema) {
        Operator operator = torch.getOperatorForLiteral(LITERALS.computeIfAbsent(schema, NativeText::forever));
        return operator == null || operator.isNull() ? null : operator;
    }
}
