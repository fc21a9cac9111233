package dev.marquee.config;

/** What the compact constructor of a {@link Section} calls. */
public final class Sections {
    private Sections() {}

    /**
     * Checks single values and contradictions, and throws all faults at once.
     *
     * @param section the type of the section
     * @param values its components, in order
     * @throws ConfigException when there is any fault
     */
    public static void validate(Class<? extends Section> section, Object... values) {
        if (section.getRecordComponents().length != values.length) {
            throw new IllegalStateException(section + " must hand over all its components");
        }
    }
}
