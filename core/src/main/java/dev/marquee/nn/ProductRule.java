package dev.marquee.nn;

import dev.marquee.tensor.Processor;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which library computes a product of a linear map, by its shape and by what the processor offers them: see {@link Products},
 * where the rule comes from. The system property {@code marquee.products} overrides it: {@code blas} or {@code onednn} for all products, {@code rule} as
 * if it were not set.
 */
public enum ProductRule {
    /** {@code y = x Wᵀ + b}. */
    OUTPUT,
    /** {@code ∂y W}. */
    INPUT_GRADIENT,
    /** {@code ∂yᵀ x}. */
    WEIGHT_GRADIENT;

    /** Overrides the rule. */
    public static final String PROPERTY = "marquee.products";

    /** The time of oneDNN's call in that of packing, in thirds of a weight. */
    private static final long CALL = 110_000;
    /** Numbers of float32 in 2 KiB. */
    private static final long UNSUITABLE = 512;
    /** Up to so many rows a stride does no harm. */
    private static final long FEW = 16;
    /** With fewer inputs oneDNN's weight gradients are slower for most shapes. */
    private static final long WIDE_INPUT = 300;

    /** With AVX-512 in both libraries, oneDNN's better packing shows at so many weights, in outputs of so few rows. */
    private static final long MANY_WEIGHTS = 100_000;

    private static final long SOME_ROWS = 128;
    /** The same for gradients of inputs, whatever the rows. */
    private static final long SOME_WEIGHTS = 50_000;
    /** What does not fit in a cache is faster with oneDNN. */
    private static final long MANY_ROWS = 6_400;

    private static final Setting SETTING = Setting.of(System.getProperty(PROPERTY, "rule"));
    private static final Kernels KERNELS = Kernels.of(Processor.detect(), System.getenv());

    enum Setting {
        RULE,
        BLAS,
        ONEDNN;

        static Setting of(String text) {
            return switch (text) {
                case "rule" -> RULE;
                case "blas" -> BLAS;
                case "onednn" -> ONEDNN;
                default ->
                    throw new IllegalArgumentException(
                            PROPERTY + " must be rule, blas or onednn, not \"" + text + "\"");
            };
        }
    }

    /** The vectors that the libraries use. */
    enum Kernels {
        /** AVX2 in both. */
        NARROW,
        /** AVX-512 in oneDNN; OpenBLAS has been told to do without. */
        WIDE_ONEDNN,
        /** AVX-512 in both. */
        WIDE;

        private static final Set<String> WIDE_BLAS =
                Set.of("skylakex", "cooperlake", "sapphirerapids", "graniterapids");

        static Kernels of(Processor processor, Map<String, String> environment) {
            String forced = environment.getOrDefault("OPENBLAS_CORETYPE", "").toLowerCase(Locale.ROOT);
            if (!processor.vectors().contains("AVX-512")) {
                return NARROW;
            }
            return forced.isEmpty() || WIDE_BLAS.contains(forced) ? WIDE : WIDE_ONEDNN;
        }
    }

    /**
     * Whether oneDNN is chosen, in float32 and where it is available.
     *
     * @param rows samples, at least 1
     * @param inputs of the map
     * @param outputs of the map
     * @return false for the BLAS
     */
    public boolean oneDnn(long rows, long inputs, long outputs) {
        return oneDnn(SETTING, KERNELS, rows, inputs, outputs);
    }

    boolean oneDnn(Setting setting, Kernels kernels, long rows, long inputs, long outputs) {
        return switch (setting) {
            case BLAS -> false;
            case ONEDNN -> true;
            case RULE ->
                switch (kernels) {
                    case NARROW -> worthItsCall(rows, inputs, outputs) && narrow(rows, inputs);
                    case WIDE_ONEDNN -> worthItsCall(rows, inputs, outputs);
                    case WIDE -> wide(rows, inputs * outputs);
                };
        };
    }

    private static boolean worthItsCall(long rows, long inputs, long outputs) {
        return inputs * (3 * outputs + rows) >= CALL;
    }

    private boolean narrow(long rows, long inputs) {
        return switch (this) {
            case OUTPUT -> true;
            case INPUT_GRADIENT -> inputs % UNSUITABLE != 0 || rows <= FEW;
            case WEIGHT_GRADIENT -> inputs >= WIDE_INPUT && inputs % UNSUITABLE != 0;
        };
    }

    private boolean wide(long rows, long weights) {
        return switch (this) {
            case OUTPUT -> rows >= MANY_ROWS || (weights >= MANY_WEIGHTS && rows <= SOME_ROWS);
            case INPUT_GRADIENT -> rows >= MANY_ROWS || weights >= SOME_WEIGHTS;
            case WEIGHT_GRADIENT -> false;
        };
    }
}
