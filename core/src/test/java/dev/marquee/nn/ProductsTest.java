package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Team;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductsTest {
    /** Sums of up to 1,100 products of numbers around 1 in float32: of size 33, to 24 bits. */
    private static final double ROUNDING = 1e-3;

    private static double difference(Tensor actual, Tensor expected) {
        assertThat(actual.is_same_size(expected)).isTrue();
        return actual.numel() == 0
                ? 0
                : actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
    }

    /** Both sides of every line that the rule draws. */
    @ParameterizedTest
    @CsvSource({
        "0, 400, 300",
        "1, 1, 1",
        "7, 400, 1",
        "7, 1, 400",
        "1, 784, 512",
        "33, 784, 512",
        "1100, 40, 30",
        "16, 512, 512",
        "17, 512, 512",
        "40, 299, 200",
        "40, 300, 200",
        "5, 64, 64",
        "12, 1024, 10"
    })
    void products_anyShape_areThoseOfFloat64(int rows, int inputs, int outputs) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor x = torch.randn(rows, inputs);
            Tensor weight = torch.randn(outputs, inputs);
            Tensor bias = torch.randn(outputs);
            Tensor gradient = torch.randn(rows, outputs);
            Tensor exactX = x.to(ScalarType.Double);
            Tensor exactWeight = weight.to(ScalarType.Double);
            Tensor exactGradient = gradient.to(ScalarType.Double);

            Tensor y = exactX.mm(exactWeight.t());
            assertThat(difference(Products.map(x, weight, null), y)).isLessThan(ROUNDING);
            assertThat(difference(Products.map(x, weight, bias), y.add(bias))).isLessThan(ROUNDING);
            assertThat(difference(Products.inputGradient(gradient, weight), exactGradient.mm(exactWeight)))
                    .isLessThan(ROUNDING);

            weight.set_requires_grad(true);
            Products.addWeightGradient(gradient, x, weight);
            Products.addWeightGradient(gradient, x, weight);
            Tensor twice = exactGradient.t().mm(exactX);
            assertThat(difference(weight.grad(), twice.add(twice))).isLessThan(2 * ROUNDING);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 784, 512",
        "32, 784, 512",
        "32, 512, 128",
        "33, 130, 300",
        "20, 512, 512",
        "256, 299, 200",
        "257, 299, 200",
        "7, 40, 30",
        "0, 400, 300"
    })
    void sharedProducts_ofATeam_areThoseOfFloat64AndTheSameEveryTime(int rows, int inputs, int outputs) {
        try (Team team = Team.open(3);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Tensor x = torch.randn(rows, inputs);
            Tensor weight = torch.randn(outputs, inputs);
            Tensor bias = torch.randn(outputs);
            Tensor gradient = torch.randn(rows, outputs);
            Tensor exactX = x.to(ScalarType.Double);
            Tensor exactWeight = weight.to(ScalarType.Double);
            Tensor exactGradient = gradient.to(ScalarType.Double);

            Tensor y = exactX.mm(exactWeight.t());
            assertThat(difference(SharedProducts.map(x, weight, null), y)).isLessThan(ROUNDING);
            assertThat(difference(SharedProducts.map(x, weight, bias), y.add(bias)))
                    .isLessThan(ROUNDING);
            assertThat(SharedProducts.map(x, weight, bias).equal(SharedProducts.map(x, weight, bias)))
                    .isTrue();
            assertThat(difference(SharedProducts.inputGradient(gradient, weight), exactGradient.mm(exactWeight)))
                    .isLessThan(ROUNDING);

            weight.set_requires_grad(true);
            SharedProducts.addWeightGradient(gradient, x, weight);
            SharedProducts.addWeightGradient(gradient, x, weight);
            Tensor twice = exactGradient.t().mm(exactX);
            assertThat(difference(weight.grad(), twice.add(twice))).isLessThan(2 * ROUNDING);
        } finally {
            Engine.useThreads(2);
        }
    }
}
