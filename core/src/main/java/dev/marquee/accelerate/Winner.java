package dev.marquee.accelerate;

import dev.marquee.accelerate.Finding.Verdict;
import dev.marquee.recipe.EngineConfig;
import dev.marquee.recipe.Recipe;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns what was found into changes of the recipe that was given: nothing is changed that was not shown to matter. */
final class Winner {
    private static final Set<Verdict> HARMFUL =
            EnumSet.of(Verdict.SLOWER, Verdict.COSTS_QUALITY, Verdict.QUALITY_UNKNOWN, Verdict.FAILED);

    private Winner() {}

    /**
     * What to change: the settings of the combination, and the given settings that were found to be harmful go back to the
     * baseline's.
     *
     * @param given the recipe as it was given
     * @param trialed all techniques
     * @param combination the settings of the best ones
     * @param apart whether the network computes each sample by itself
     * @return keys with their values
     */
    static Map<String, Object> changes(
            Recipe given, List<Trialed> trialed, Map<String, Object> combination, boolean apart) {
        Map<String, Object> changes = new LinkedHashMap<>();
        for (Trialed one : trialed) {
            Map<String, Object> settings = one.proposal.settings();
            boolean used =
                    !settings.isEmpty() && counted(given.with(settings), apart).equals(counted(given, apart));
            if (used && HARMFUL.contains(one.verdict)) {
                Techniques.BASELINE.forEach((key, value) -> {
                    if (settings.containsKey(key)) {
                        changes.put(key, value);
                    }
                });
            }
        }
        changes.putAll(combination);
        return changes;
    }

    /**
     * The given recipe with changes. Numbers of threads and replicas stay as they are written where they already come to
     * the same.
     */
    static Recipe of(Recipe given, Map<String, Object> changes, boolean apart) {
        Recipe winner = given.with(changes);
        EngineConfig before = given.engine();
        Recipe asWritten =
                winner.with(Map.of("engine.threads", before.threads(), "engine.replicas", before.replicas()));
        return counted(asWritten, apart).equals(counted(winner, apart)) ? asWritten : winner;
    }

    /** With the numbers of threads and replicas that its own come to on this machine. */
    private static Recipe counted(Recipe recipe, boolean apart) {
        EngineConfig engine = recipe.engine();
        return recipe.with(
                Map.of("engine.threads", engine.effectiveThreads(), "engine.replicas", recipe.replicas(apart)));
    }
}
