package dev.marquee.config;

import java.util.List;
import java.util.stream.Collectors;

/** A recipe, or a part of one, has faults; the message lists all of them. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final transient List<Faults.Fault> faults;

    /**
     * Made from the gathered faults.
     *
     * @param source what has them: a file's name
     * @param faults at least one
     */
    public ConfigException(String source, List<Faults.Fault> faults) {
        super(describe(source, faults));
        this.faults = List.copyOf(faults);
    }

    /**
     * The faults.
     *
     * @return at least one
     */
    public List<Faults.Fault> faults() {
        return faults;
    }

    private static String describe(String source, List<Faults.Fault> faults) {
        int width =
                faults.stream().mapToInt(fault -> fault.key().length()).max().orElse(0);
        return source + " has " + faults.size() + (faults.size() == 1 ? " fault:" : " faults:")
                + faults.stream()
                        .map(fault -> "\n  " + fault.key()
                                + " "
                                        .repeat(
                                                width == 0
                                                        ? 0
                                                        : width - fault.key().length() + 3) + fault.message()
                                + (fault.origin().isEmpty() ? "" : "   (" + fault.origin() + ")"))
                        .collect(Collectors.joining());
    }
}
