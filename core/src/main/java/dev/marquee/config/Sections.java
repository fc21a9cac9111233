package dev.marquee.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What makes sure that a {@link Section} holds only what it allows. */
public final class Sections {
    private Sections() {}

    /**
     * Checks the components of a section that is being constructed, and throws all faults at once: nulls, numbers out
     * of their {@link Range} or not finite (in lists and Optionals too), and contradictions within the sections among
     * the components. The section's own contradictions cannot be seen yet: {@link #checked} does that.
     *
     * @param section the type of the section
     * @param values its components, in order
     * @throws ConfigException when there is any fault
     */
    public static void validate(Class<? extends Section> section, @Nullable Object... values) {
        if (section.getRecordComponents().length != values.length) {
            throw new IllegalStateException(section + " must hand over all its components");
        }
        Faults faults = new Faults();
        inspect(section, Arrays.asList(values), "", faults);
        complain(section, faults);
    }

    /**
     * Checks a section in full, its own contradictions included, and throws all faults at once. Who puts a recipe to
     * use calls it for the outermost section, which may come from a Java program; what {@link Binder} returns has been
     * through it.
     *
     * @param <T> the type of the section
     * @param section the section
     * @return the same section
     * @throws ConfigException when there is any fault
     */
    public static <T extends Section> T checked(T section) {
        Faults faults = new Faults();
        inspect(section, "", faults);
        complain(section.getClass(), faults);
        return section;
    }

    private static void inspect(Section section, String prefix, Faults faults) {
        Faults own = new Faults();
        List<Object> values = Schema.components(section.getClass()).stream()
                .map(component -> component.of(section))
                .toList();
        inspect(section.getClass(), values, "", own);
        if (own.isEmpty()) { // contradictions between values that are wrong by themselves are noise
            section.check(own);
        }
        faults.addAll(prefix, own);
    }

    private static void inspect(
            Class<? extends Section> type, List<? extends @Nullable Object> values, String prefix, Faults faults) {
        List<Component> components = Schema.components(type);
        for (int i = 0; i < components.size(); i++) {
            Component component = components.get(i);
            inspect(values.get(i), component.range(), Schema.join(prefix, component.key()), faults);
        }
    }

    private static void inspect(@Nullable Object value, @Nullable Range range, String key, Faults faults) {
        if (value == null) {
            faults.add(key, "must not be null");
        } else if (value instanceof Optional<?> optional) {
            optional.ifPresent(present -> inspect(present, range, key, faults));
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                inspect(list.get(i), range, key + "[" + i + "]", faults);
            }
        } else if (value instanceof Number number) {
            Ranges.fault(Ranges.shown(number), number, range).ifPresent(message -> faults.add(key, message));
        } else if (value instanceof Section section) {
            inspect(section, key, faults);
        }
    }

    private static void complain(Class<?> section, Faults faults) {
        if (!faults.isEmpty()) {
            throw new ConfigException(section.getSimpleName(), faults.list());
        }
    }
}
