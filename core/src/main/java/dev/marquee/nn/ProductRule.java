package dev.marquee.nn;

/**
 * Which library computes a product of a linear map, by its shape: see {@link Products}, where the rule comes from. The
 * system property {@code marquee.products} overrides it: {@code blas} or {@code onednn} for all products, {@code rule} as
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
    private static final long WIDE = 300;

    private static final Setting SETTING = Setting.of(System.getProperty(PROPERTY, "rule"));

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

    /**
     * Whether oneDNN is chosen, in float32 and where it is available.
     *
     * @param rows samples, at least 1
     * @param inputs of the map
     * @param outputs of the map
     * @return false for the BLAS
     */
    public boolean oneDnn(long rows, long inputs, long outputs) {
        return oneDnn(SETTING, rows, inputs, outputs);
    }

    boolean oneDnn(Setting setting, long rows, long inputs, long outputs) {
        return switch (setting) {
            case BLAS -> false;
            case ONEDNN -> true;
            case RULE ->
                inputs * (3 * outputs + rows) >= CALL
                        && switch (this) {
                            case OUTPUT -> true;
                            case INPUT_GRADIENT -> inputs % UNSUITABLE != 0 || rows <= FEW;
                            case WEIGHT_GRADIENT -> inputs >= WIDE && inputs % UNSUITABLE != 0;
                        };
        };
    }
}
