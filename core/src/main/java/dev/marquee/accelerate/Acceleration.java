package dev.marquee.accelerate;

import dev.marquee.config.ConfigDifference;
import dev.marquee.measure.Machine;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured about a recipe on this machine, and what is recommended.
 *
 * @param name the recipe's
 * @param given the recipe as it was given
 * @param winner the recommended one: as given, but for the settings that make it faster
 * @param findings the baseline, the recipe as it is, the techniques, and the best combination where all was measured
 * @param complete whether everything was measured
 * @param options how much was asked for
 * @param machine where
 * @param roofline of the machine, with all its cores
 * @param denseParameters numbers outside of embedding tables
 * @param embeddingParameters numbers in embedding tables
 */
public record Acceleration(
        String name,
        Recipe given,
        Recipe winner,
        List<Finding> findings,
        boolean complete,
        AccelerateOptions options,
        Machine machine,
        Roofline roofline,
        long denseParameters,
        long embeddingParameters) {
    /** Copies the list. */
    public Acceleration {
        findings = List.copyOf(findings);
    }

    /**
     * The keys in which the recommended recipe differs from the given one.
     *
     * @return in order; empty where the recipe is as fast as any
     */
    public List<ConfigDifference> changes() {
        return ConfigDifference.between(given, winner);
    }

    /**
     * The recommended recipe as a file: what the given one says, with the changed keys, each with a comment.
     *
     * @param source the given recipe
     * @return YAML
     */
    public String recipeYaml(RecipeSource source) {
        RecipeSource changed = source;
        Map<String, String> comments = new LinkedHashMap<>();
        for (ConfigDifference change : changes()) {
            String value = change.after().equals("absent") ? "null" : change.after();
            changed = changed.with(change.key(), value, "from accelerate");
            comments.put(change.key(), comment(change));
        }
        StringBuilder head = new StringBuilder("# " + name + ", as measured by `marquee accelerate` on "
                + machine.processor().model() + " (" + machine.cores() + " cores):\n");
        for (Finding finding : findings) {
            if (finding.verdict() == Finding.Verdict.BEST || finding.verdict() == Finding.Verdict.GIVEN) {
                head.append("# ").append(line(finding)).append('\n');
            }
        }
        return head + changed.toYaml(comments);
    }

    private String comment(ConfigDifference change) {
        String techniques = String.join(
                ", ",
                findings.stream()
                        .filter(finding -> finding.verdict() == Finding.Verdict.RECOMMENDED
                                && finding.settings().containsKey(change.key()))
                        .map(finding -> finding.name() + gain(finding))
                        .toList());
        return "was " + change.before() + (techniques.isEmpty() ? "" : "; " + techniques);
    }

    private static String gain(Finding finding) {
        Gain gain = finding.gain();
        return gain == null ? "" : String.format(Locale.ROOT, " (alone %.2f × the baseline)", gain.times());
    }

    private static String line(Finding finding) {
        Spread rate = finding.samplesPerSecond();
        return finding.name()
                + (rate == null ? "" : String.format(Locale.ROOT, ": %,.0f samples/s", rate.median()))
                + (finding.gain() == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %.2f × the baseline",
                                finding.gain().times()));
    }

    /**
     * The rate of matrix products, forward and backward, counted while a step ran.
     *
     * @param finding one of these
     * @return GFLOP/s, 0 where it was not measured
     */
    public double gflops(Finding finding) {
        Spread rate = finding.samplesPerSecond();
        return rate == null ? 0 : rate.median() * finding.work().flop() / 1e9;
    }

    /**
     * How much of that arithmetic there is for each byte that a step must move at least: embedding rows, gradients,
     * parameters and what the optimiser remembers. Activations come on top, so this is an upper bound.
     *
     * @param finding one of these
     * @return FLOP a byte; 0 where it was not counted
     */
    public double intensity(Finding finding) {
        return finding.work().bytes() > 0
                ? finding.work().flop() / finding.work().bytes()
                : 0;
    }
}
