package dev.marquee.trained;

import dev.marquee.metric.Isotonic;
import dev.marquee.metric.Platt;
import dev.marquee.metric.Recalibration;
import java.util.Locale;

/**
 * What the validation rows said about one label's scores.
 *
 * @param label its name
 * @param map what is done to the scores from then on
 * @param rows how many rows it was fitted to
 * @param errorBefore the expected calibration error of these rows without the map
 * @param errorAfter the same with it: of the rows that it was fitted to, hence a little too good
 */
public record LabelCalibration(String label, Recalibration map, int rows, double errorBefore, double errorAfter) {
    /**
     * The map in words.
     *
     * @return one line
     */
    public String describe() {
        String shape = map instanceof Platt platt
                ? String.format(Locale.ROOT, "Platt, slope %.4f, intercept %.4f", platt.slope(), platt.intercept())
                : "isotonic, " + ((Isotonic) map).logits().length + " corners";
        return String.format(
                Locale.ROOT,
                "%s on %,d validation samples: %s · expected calibration error there %.6f before, %.6f after",
                label,
                rows,
                shape,
                errorBefore,
                errorAfter);
    }
}
