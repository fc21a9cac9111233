package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/** Copies saved tensors over live ones, all of them or none ({@code load_state_dict(strict=True)}). */
public final class StrictCopy {
    private StrictCopy() {}

    /**
     * Copies by name.
     *
     * @param values the saved tensors
     * @param live the tensors to overwrite
     * @param source where the values come from, for the message: a file's name
     * @param owner whose tensors the live ones are, for the message: {@code "the model"}
     * @param sameTypes whether a value of another element type is a fault rather than converted: where a run must go on
     *     exactly
     * @throws IllegalArgumentException listing all missing, unexpected and misshapen tensors; nothing was copied then
     */
    public static void copy(
            Map<String, Tensor> values, Map<String, Tensor> live, String source, String owner, boolean sameTypes) {
        check(values, live, Set.of(), source, owner, sameTypes);
        copy(values, live);
    }

    /** Refuses values that do not fit; how many rows those named in {@code growing} have does not matter. */
    static void check(
            Map<String, Tensor> values,
            Map<String, Tensor> live,
            Set<String> growing,
            String source,
            String owner,
            boolean sameTypes) {
        Set<String> faults = new TreeSet<>();
        live.forEach((name, tensor) -> {
            Tensor value = values.get(name);
            if (value == null) {
                faults.add(name + ": missing; " + owner + " needs " + Tensors.describe(tensor));
            } else if (!fits(Tensors.shape(value), Tensors.shape(tensor), growing.contains(name))
                    || (sameTypes && DType.of(value) != DType.of(tensor))) {
                faults.add(
                        name + ": is " + Tensors.describe(value) + "; " + owner + " needs " + Tensors.describe(tensor));
            }
        });
        values.keySet().stream()
                .filter(name -> !live.containsKey(name))
                .forEach(name -> faults.add(name + ": unexpected; " + owner + " has no such tensor"));
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(
                    source + " does not fit " + owner + ":\n  " + String.join("\n  ", faults));
        }
    }

    /** Copies values that were checked. */
    static void copy(Map<String, Tensor> values, Map<String, Tensor> live) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            live.forEach((name, tensor) -> tensor.copy_(values.get(name)));
        }
    }

    private static boolean fits(long[] given, long[] needed, boolean anyRows) {
        if (anyRows && given.length == needed.length && given.length > 0) {
            needed[0] = given[0];
        }
        return Arrays.equals(given, needed);
    }
}
