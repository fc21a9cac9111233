package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.IValue;
import org.junit.jupiter.api.Test;

class OperatorsTest {
    /** The spaces make texts of one size that little else has, so that one which was freed would be followed by the next. */
    @Test
    void call_manyOperatorsForTheFirstTime_eachComputesWhatItsSignatureSays() {
        Map<String, DoubleUnaryOperator> functions = new LinkedHashMap<>();
        functions.put("abs", Math::abs);
        functions.put("neg", x -> -x);
        functions.put("exp", Math::exp);
        functions.put("sin", Math::sin);
        functions.put("cos", Math::cos);
        functions.put("tan", Math::tan);
        functions.put("log", Math::log);
        functions.put("sqrt", Math::sqrt);
        functions.put("tanh", Math::tanh);
        functions.put("ceil", Math::ceil);
        functions.put("sinh", Math::sinh);
        functions.put("cosh", Math::cosh);
        functions.put("atan", Math::atan);
        functions.put("acos", Math::acos);
        functions.put("asin", Math::asin);
        functions.put("expm1", Math::expm1);
        functions.put("log1p", Math::log1p);
        functions.put("log10", Math::log10);
        functions.put("floor", Math::floor);
        functions.put("square", x -> x * x);
        List<String> wrong = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            functions.forEach((name, function) -> {
                double result = Operators.call(
                                "aten::" + name + "(" + " ".repeat(200) + "Tensor self) -> Tensor",
                                new IValue(Tensors.full(0.3, DType.FLOAT64, 1)))
                        .get(0)
                        .toTensor()
                        .item_double();
                if (Math.abs(result - function.applyAsDouble(0.3)) > 1e-12) {
                    wrong.add(name + " gave " + result);
                }
            });
        }
        assertThat(wrong).isEmpty();
    }
}
