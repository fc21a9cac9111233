package dev.marquee.spark;

import dev.marquee.data.ClickLogConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import dev.marquee.schema.LabelConfig;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A recipe whose rows are those of a DataFrame.
 *
 * @param name under which its runs are kept
 * @param recipe the recipe, whose own sources of data do not count
 * @param data its data
 */
record SparkRecipe(String name, Recipe recipe, ClickLogConfig data) {
    private static final String ORIGIN = "from Spark";
    private static final String TEXT_NAME = "recipe";

    /**
     * Reads a recipe.
     *
     * @param given its name, its file, or its YAML: what has more than one line is YAML
     * @param overrides {@code KEY=VALUE} each
     * @throws IllegalArgumentException when there is no such recipe, or it is not for the rows of a log
     */
    static SparkRecipe of(String given, String... overrides) {
        RecipeSource source = given.contains("\n") ? RecipeSource.ofText(TEXT_NAME, given) : RecipeSource.open(given);
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "an override is KEY=VALUE, such as train.epochs=5, not \"" + override + "\"");
            }
            source = source.with(override.substring(0, equals).strip(), override.substring(equals + 1), "an override");
        }
        // A DataFrame takes their place, whatever they were, and is divided by data.split.
        for (String key : List.of("path", "validation_path", "test_path", "format")) {
            source = source.with("data." + key, "null", ORIGIN);
        }
        return of(source.name(), source.bind());
    }

    /** The resolved recipe of a run. */
    static SparkRecipe ofRun(String yaml) {
        return of(TEXT_NAME, RecipeSource.ofText("recipe.yaml of the run", yaml).bind());
    }

    private static SparkRecipe of(String name, Recipe recipe) {
        if (!(recipe.data() instanceof ClickLogConfig data)) {
            throw new IllegalArgumentException(
                    "the recipe " + name + " is not for the rows of a DataFrame: its data.kind"
                            + " must be click_log, with data.features and data.labels that name the columns");
        }
        return new SparkRecipe(name, recipe, data);
    }

    /** The recipe for processes that read the rows from a folder of Parquet files. */
    String yaml(Path folder) {
        return RecipeSource.ofText(name, recipe.toYaml())
                .withText("data.path", folder.toString(), ORIGIN)
                .with("data.format.kind", "parquet", ORIGIN)
                .bind()
                .toYaml();
    }

    /** The columns that training reads. */
    Set<String> trainingColumns() {
        Set<String> columns = new LinkedHashSet<>(data.schema().columns());
        data.split().column().ifPresent(columns::add);
        return columns;
    }

    /** The columns that scoring reads. */
    Set<String> featureColumns() {
        return data.schema().featureColumns();
    }

    /** The labels' names, in the order of the scores. */
    List<String> labels() {
        return data.schema().labels().stream().map(LabelConfig::name).toList();
    }

    /** The column of the only label; empty where there are several. */
    Optional<String> labelColumn() {
        List<LabelConfig> labels = data.schema().labels();
        return labels.size() == 1 ? Optional.of(labels.get(0).source()) : Optional.empty();
    }
}
