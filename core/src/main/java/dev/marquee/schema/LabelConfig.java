package dev.marquee.schema;

import dev.marquee.config.About;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.List;
import java.util.Optional;

/**
 * What a model predicts: 0 or 1.
 *
 * @param name the name by which metrics know it
 * @param column the column it is read from; the name where absent
 * @param positive the values that count as 1, all others as 0; where empty, the column must hold 0, 1, true or false
 */
public record LabelConfig(
        @About("name by which metrics know it") String name,

        @About("column it is read from; absent: the name") Optional<String> column,

        @About("values that count as 1, all others as 0; empty: the column holds 0, 1, true or false")
        List<String> positive)
        implements Section {
    /** The values of absent keys. */
    public static final LabelConfig DEFAULT = new LabelConfig("", Optional.empty(), List.of());

    /** Checks the values. */
    public LabelConfig {
        positive = List.copyOf(positive);
        Sections.validate(LabelConfig.class, name, column, positive);
    }

    /**
     * A label in a column of its name that holds 0 and 1.
     *
     * @param name its name
     * @return the label
     */
    public static LabelConfig of(String name) {
        return new LabelConfig(name, Optional.empty(), List.of());
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
