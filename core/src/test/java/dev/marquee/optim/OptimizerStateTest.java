package dev.marquee.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.nn.Parameters;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OptimizerStateTest {
    private final TestParameters test = new TestParameters(DType.FLOAT32);
    private final Parameters parameters = test.parameters();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void state_sgdWithoutMomentum_isEmpty() {
        assertThat(stateNames(new Sgd(parameters, 0, 0, false, 0.1))).isEmpty();
    }

    @Test
    void state_eachOptimiser_isNamedAsDocumented() {
        assertThat(stateNames(new Sgd(parameters, 0.9, 0, false, 0)))
                .containsExactlyInAnyOrder("step", "momentum.fc1.weight", "momentum.fc1.bias");
        assertThat(stateNames(new Adam(parameters, 0.9, 0.999, 1e-8, 0)))
                .containsExactlyInAnyOrder(
                        "step",
                        "exp_avg.fc1.weight",
                        "exp_avg_sq.fc1.weight",
                        "exp_avg.fc1.bias",
                        "exp_avg_sq.fc1.bias");
        assertThat(stateNames(new Adagrad(parameters, 1e-10, 0)))
                .containsExactlyInAnyOrder("step", "sum.fc1.weight", "sum.fc1.bias");
        assertThat(stateNames(new RmsProp(parameters, 0.99, 1e-8, 0.9, true, 0)))
                .contains("square_avg.fc1.bias", "grad_avg.fc1.bias", "momentum.fc1.bias");
    }

    @Test
    void step_parameterWithoutGradient_staysAndIsNotCounted() {
        try (Adam adam = new Adam(parameters, 0.9, 0.999, 1e-8, 0)) {
            test.setGradients(3);
            double[] before = test.values();
            adam.step(0.1);
            double[] after = test.values();
            assertThat(Tensors.toLongs(adam.state().get("step"))).containsExactly(1, 0);
            assertThat(after[0]).isNotEqualTo(before[0]);
            assertThat(after[15]).isEqualTo(before[15]);
        }
    }

    @Test
    void load_stateOfAnother_listsEveryTensorThatDoesNotFitAndChangesNothing() {
        try (Sgd sgd = new Sgd(parameters, 0.9, 0, false, 0);
                Scope scope = Scope.open()) {
            test.setGradients(1);
            sgd.step(0.1);
            Map<String, Tensor> wrong = new HashMap<>();
            wrong.put("step", Tensors.of(new long[] {7, 7}));
            wrong.put("momentum.fc1.weight", Tensors.zeros(DType.FLOAT32, 3, 5));
            wrong.put("exp_avg.fc1.weight", Tensors.zeros(DType.FLOAT32, 5, 3));
            assertThatThrownBy(() -> sgd.load(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the state does not fit the optimiser:"
                            + "\n  exp_avg.fc1.weight: unexpected; the optimiser has no such tensor"
                            + "\n  momentum.fc1.bias: missing; the optimiser needs [7] FLOAT32"
                            + "\n  momentum.fc1.weight: is [3, 5] FLOAT32; the optimiser needs [5, 3] FLOAT32");
            assertThat(Tensors.toLongs(sgd.state().get("step"))).containsExactly(1, 1);
        }
    }

    @Test
    void load_momentsOfAnotherType_isRefusedBecauseItCouldNotGoOnExactly() {
        try (Sgd sgd = new Sgd(parameters, 0.9, 0, false, 0);
                Scope scope = Scope.open()) {
            Map<String, Tensor> wrong = new HashMap<>(sgd.state());
            wrong.put("momentum.fc1.bias", Tensors.zeros(DType.FLOAT64, 7));
            assertThatThrownBy(() -> sgd.load(wrong))
                    .hasMessageContaining("momentum.fc1.bias: is [7] FLOAT64; the optimiser needs [7] FLOAT32");
        }
    }

    @Test
    void step_learningRateNotANumber_isRefusedBeforeAnythingChanges() {
        try (Sgd sgd = new Sgd(parameters, 0, 0, false, 0)) {
            test.setGradients(1);
            double[] before = test.values();
            assertThatThrownBy(() -> sgd.step(Double.NaN))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the learning rate must be a finite number of at least 0, not NaN");
            assertThat(test.values()).isEqualTo(before);
        }
    }

    @Test
    void step_afterClose_saysSo() {
        Sgd sgd = new Sgd(parameters, 0.9, 0, false, 0);
        sgd.close();
        assertThatThrownBy(() -> sgd.step(0.1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the optimiser is closed");
    }

    @Test
    void create_numbersOutOfRange_namesThem() {
        assertThatThrownBy(() -> new Adam(parameters, 1, 0.999, 1e-8, 0))
                .hasMessage("beta1 must be at least 0 and below 1, not 1.0");
        assertThatThrownBy(() -> new Sgd(parameters, 0, 0, true, 0))
                .hasMessage("Nesterov needs momentum above 0 and no dampening, not momentum 0.0 and dampening 0.0");
        assertThatThrownBy(() -> new Sgd(parameters, -1, 0, true, 0))
                .hasMessage("momentum must be a finite number of at least 0, not -1.0");
    }

    private static Set<String> stateNames(Optimizer optimizer) {
        try (optimizer) {
            return Set.copyOf(optimizer.state().keySet());
        }
    }
}
