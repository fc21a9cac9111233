package dev.marquee.parity;

import dev.marquee.nn.Parameters;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What a case runs. */
@FunctionalInterface
interface CaseModule {
    /** Computes the outputs by name. */
    Map<String, Tensor> forward(CaseInputs inputs);

    /** Builds a module of a certain name. */
    @FunctionalInterface
    interface Factory {
        CaseModule create(Parameters.Path path, CaseConfig config);
    }
}
