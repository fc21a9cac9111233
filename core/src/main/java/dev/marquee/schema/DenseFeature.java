package dev.marquee.schema;

import dev.marquee.config.About;
import dev.marquee.config.Kind;
import dev.marquee.config.Range;
import dev.marquee.config.Sections;
import java.util.Optional;

/**
 * A number.
 *
 * @param name the name by which models and reports know it
 * @param column the column it is read from; the name where absent
 * @param encoding what becomes of the number
 * @param bins how many bins {@link DenseEncoding#QUANTILE} and {@link DenseEncoding#PIECEWISE_LINEAR} have at most;
 *     columns with fewer distinct values have fewer
 * @param missing whether a further value tells that there was none; where absent, when the training rows lack any
 */
@Kind("dense")
public record DenseFeature(
        @About("name by which models and reports know it") String name,

        @About("column it is read from; absent: the name") Optional<String> column,

        @About("what becomes of the number: raw, standard (mean 0, deviation 1), signed_log, quantile or"
                + " piecewise_linear")
        DenseEncoding encoding,

        @About("bins of quantile and piecewise_linear, at most") @Range(atLeast = 2, atMost = 1024)
        int bins,

        @About("whether a further value tells that there was none; absent: when the training rows lack any")
        Optional<Boolean> missing)
        implements FeatureConfig {
    /** The values of absent keys. */
    public static final DenseFeature DEFAULT =
            new DenseFeature("", Optional.empty(), DenseEncoding.STANDARD, 32, Optional.empty());

    /** Checks the values. */
    public DenseFeature {
        Sections.validate(DenseFeature.class, name, column, encoding, bins, missing);
    }

    /**
     * The column it is read from.
     *
     * @return its name
     */
    public String source() {
        return column.orElse(name);
    }
}
