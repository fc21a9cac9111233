package dev.marquee.config;

import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong, so that all of it can be said at once. */
public final class Faults {
    private final List<Fault> faults = new ArrayList<>();

    /** No faults yet. */
    public Faults() {}

    /**
     * One fault.
     *
     * @param key the dotted key, such as {@code optimizer.learning_rate}
     * @param message what was given, what is allowed
     * @param origin where the value came from, such as {@code mine.yaml:31} or {@code from --set}; empty if unknown
     */
    public record Fault(String key, String message, String origin) {}

    /**
     * Adds a fault.
     *
     * @param key the key it concerns, relative to the section that reports it
     * @param message what was given, what is allowed, without a full stop
     */
    public void add(String key, String message) {
        faults.add(new Fault(key, message, ""));
    }

    /**
     * Adds a fault whose origin is known.
     *
     * @param fault the fault
     */
    public void add(Fault fault) {
        faults.add(fault);
    }

    /**
     * Adds the faults of a section within this one.
     *
     * @param prefix the key of that section
     * @param others its faults, by key relative to it
     */
    public void addAll(String prefix, Faults others) {
        others.faults.forEach(
                fault -> faults.add(new Fault(Schema.join(prefix, fault.key()), fault.message(), fault.origin())));
    }

    /**
     * Whether nothing is wrong.
     *
     * @return true when there are no faults
     */
    public boolean isEmpty() {
        return faults.isEmpty();
    }

    /**
     * The faults so far.
     *
     * @return in the order of their discovery; a copy
     */
    public List<Fault> list() {
        return List.copyOf(faults);
    }
}
