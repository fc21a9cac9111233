package dev.marquee.train;

import dev.marquee.recipe.EngineConfig;
import dev.marquee.tensor.Processor;
import java.util.Optional;

/** Whether a precision suits the processor. */
final class PrecisionAdvice {
    private PrecisionAdvice() {}

    /** What to warn of, if anything; nothing where the system does not tell what the processor can do. */
    static Optional<String> of(EngineConfig engine, Processor processor) {
        boolean unsuitable = engine.precision() == EngineConfig.Precision.BFLOAT16
                && engine.place().isCpu()
                && !processor.vectors().isEmpty()
                && processor.bfloat16().isEmpty();
        return unsuitable
                ? Optional.of("engine.precision=bfloat16: this processor (" + processor.model()
                        + ") has no instructions that multiply bfloat16, so products are emulated and slower than in"
                        + " float32; set it to float32")
                : Optional.empty();
    }
}
