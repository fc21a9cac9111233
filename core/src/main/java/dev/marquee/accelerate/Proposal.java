package dev.marquee.accelerate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a technique does to a recipe, or why it cannot be had.
 *
 * @param settings keys of the recipe with their values; empty where it cannot be had
 * @param refusal why not; null where it can
 */
public record Proposal(
        Map<String, Object> settings, @Nullable String refusal) {
    /** Copies the map. */
    public Proposal {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /**
     * One key.
     *
     * @param key dotted
     * @param value its value
     * @return the proposal
     */
    public static Proposal set(String key, Object value) {
        return new Proposal(Map.of(key, value), null);
    }

    /**
     * Several keys.
     *
     * @param settings with their values
     * @return the proposal
     */
    public static Proposal set(Map<String, Object> settings) {
        return new Proposal(settings, null);
    }

    /**
     * None.
     *
     * @param reason what stands against it, in words
     * @return the refusal
     */
    public static Proposal refused(String reason) {
        return new Proposal(Map.of(), reason);
    }
}
