package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class TapeTest {
    /** 3 x outside the graph. */
    private static Tensor tripled(Tape tape, Tensor x) {
        try (Gradients.Guard off = Gradients.off()) {
            Tensor output = x.mul(new Scalar(3.0));
            return tape.record(output, gradient -> Tape.give(x, gradient.mul(new Scalar(3.0))));
        }
    }

    private static Tensor leaf(double... values) {
        return Tensors.of(values, values.length).set_requires_grad(true);
    }

    @Test
    void backward_partsInARowBetweenOperatorsOfTheGraph_multipliesTheirDerivatives() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            Tensor x = leaf(1, 2);
            Tensor square = tripled(tape, x).square(); // 9 x²
            tape.backward(tripled(tape, square).sum()); // 27 x²

            assertThat(Tensors.toDoubles(x.grad())).containsExactly(54, 108);
        }
    }

    @Test
    void backward_inputWithOtherUses_addsAllOfThem() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            Tensor x = leaf(1, 2);
            Tensor square = x.square();
            Tensor part = tripled(tape, square); // 3 x²
            Tensor both = part.mul(square); // 3 x⁴
            tape.backward(tripled(tape, both).add(part).add(x).sum()); // 9 x⁴ + 3 x² + x

            assertThat(Tensors.toDoubles(x.grad())).containsExactly(36 + 6 + 1, 36 * 8 + 12 + 1);
        }
    }

    @Test
    void backward_partThatTheLossIgnores_isNotAsked() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            Tensor x = leaf(1, 2);
            tape.record(Tensors.of(new double[] {5}), gradient -> {
                throw new AssertionError("not a part of the loss");
            });
            tape.backward(x.sum());

            assertThat(Tensors.toDoubles(x.grad())).containsExactly(1, 1);
        }
    }

    @Test
    void backward_lossIsAPartsOutput_startsWithOne() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            Tensor x = leaf(7);
            tape.backward(tripled(tape, x));

            assertThat(Tensors.toDoubles(x.grad())).containsExactly(3);
        }
    }

    @Test
    void backward_secondPassOnTheSameTape_addsItsOwnGradientsOnly() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            Tensor x = leaf(1, 2);
            tape.backward(tripled(tape, x).sum());
            tape.backward(tripled(tape, x).square().sum()); // 9 x²

            assertThat(Tensors.toDoubles(x.grad())).containsExactly(3 + 18, 3 + 36);
        }
    }

    @Test
    void backward_closedTapeOrOtherThread_isRefused() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            Tensor loss = leaf(1).sum();
            Thread other = new Thread(() -> {
                try {
                    tape.backward(loss);
                } catch (IllegalStateException e) {
                    thrown.set(e);
                }
            });
            other.start();
            other.join();
            tape.close();

            assertThat(thrown.get()).hasMessageContaining("another thread opened it");
            assertThatThrownBy(() -> tape.backward(loss))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the tape is closed");
        }
    }

    @Test
    void open_twiceOnAThread_isRefusedAndTheFirstStaysOpen() {
        try (Tape tape = Tape.open()) {
            assertThatThrownBy(Tape::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("this thread has an open tape");
            assertThat(Tape.recording(Mode.TRAINING)).isSameAs(tape);
        }
    }

    @Test
    void close_afterAFailure_leavesNoTapeAndNoParts() {
        List<String> asked = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> {
                        try (Tape tape = Tape.open()) {
                            tape.record(leaf(1), gradient -> asked.add("first"));
                            throw new IllegalArgumentException("in the middle of a step");
                        }
                    })
                    .hasMessageContaining("in the middle");
            assertThat(Tape.recording(Mode.TRAINING)).isNull();
            try (Tape tape = Tape.open()) {
                tape.backward(leaf(1).sum());
            }
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void recording_evaluationOrGradientsOff_isNull() {
        try (Scope scope = Scope.open();
                Tape tape = Tape.open()) {
            assertThat(Tape.recording(Mode.EVALUATION)).isNull();
            try (Gradients.Guard off = Gradients.off()) {
                assertThat(Tape.recording(Mode.TRAINING)).isNull();
            }
            assertThat(Tape.recording(Mode.TRAINING)).isSameAs(tape);
        }
    }
}
