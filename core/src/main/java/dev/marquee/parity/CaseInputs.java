package dev.marquee.parity;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The inputs of a case. Every input must be asked for by the module that it is for. */
final class CaseInputs {
    private final Map<String, Tensor> tensors;
    private final Set<String> known = new TreeSet<>();

    CaseInputs(Map<String, Tensor> tensors) {
        this.tensors = tensors;
    }

    /** The input of the first of these names that is there. */
    Tensor require(String... names) {
        known.addAll(Arrays.asList(names));
        return Arrays.stream(names)
                .map(tensors::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("it lacks the tensor input." + names[0]));
    }

    @Nullable
    Tensor optional(String name) {
        known.add(name);
        return tensors.get(name);
    }

    /** Refuses inputs that nobody asked for. */
    void requireNoOthers() {
        Set<String> others = new TreeSet<>(tensors.keySet());
        others.removeAll(known);
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("unknown inputs: " + others + "; known are " + known);
        }
    }
}
