package dev.marquee.config;

/**
 * A part of a recipe: a record that validates itself.
 *
 * <p>The conventions that {@link dev.marquee.config} relies on:
 *
 * <ul>
 *   <li>a component {@code learningRate} is the key {@code learning_rate}; its type is {@code boolean}, {@code int},
 *       {@code long}, {@code double}, {@code String}, an enum (its constants in lower case), another section, a
 *       {@code List} or an {@code Optional} of these;
 *   <li>every component carries {@link About}, and {@link Range} where not every number is allowed;
 *   <li>a constant {@code DEFAULT} of the record's own type gives the values of absent keys; a section within another
 *       takes them from the other's {@code DEFAULT}. A record without it demands all its keys, but for Optionals;
 *   <li>the compact constructor calls {@link Sections#validate} first, and copies lists then;
 *   <li>what needs more than one component is said in {@link #check}. It runs on constructed records: by
 *       {@link Binder}, when the section becomes a component of another, and by {@link Sections#checked};
 *   <li>a sealed interface of sections is chosen among by the key {@code kind}, with the names that {@link Kind} gives.
 * </ul>
 */
public interface Section {
    /**
     * Reports contradictions between components, whose single values are known to be right. The message names the
     * other keys concerned: when one of them is at fault itself, {@link Binder} leaves the contradiction out.
     *
     * @param faults where to report, by key relative to this section
     */
    default void check(Faults faults) {}
}
