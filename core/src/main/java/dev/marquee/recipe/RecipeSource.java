package dev.marquee.recipe;

import dev.marquee.config.Binder;
import dev.marquee.config.ConfigTree;
import dev.marquee.config.ConfigWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A recipe that is still text: a file and what is set over it. Faults are found when it is bound, all at once, and told
 * with the place where each value came from.
 */
public final class RecipeSource {
    private static final String FOLDER = "/dev/marquee/recipes/";
    private static final String SUFFIX = ".yaml";

    private final String name;
    private final String source;
    private final ConfigTree tree;

    private RecipeSource(String name, String source, ConfigTree tree) {
        this.name = name;
        this.source = source;
        this.tree = tree;
    }

    /**
     * Opens a recipe by name or file.
     *
     * @param nameOrFile the name of a recipe that comes with the software, or the path of a YAML file
     * @return the recipe's text
     * @throws IllegalArgumentException when there is neither
     */
    public static RecipeSource open(String nameOrFile) {
        if (names().contains(nameOrFile)) {
            String file = nameOrFile + SUFFIX;
            return new RecipeSource(nameOrFile, file, ConfigTree.parse(resource(file), file));
        }
        Path file = Path.of(nameOrFile);
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("there is no recipe named " + nameOrFile
                    + ", and no such file; the recipes" + " are " + String.join(", ", names()));
        }
        return ofFile(file);
    }

    /**
     * Opens a YAML file.
     *
     * @param file its path
     * @return the recipe's text
     */
    public static RecipeSource ofFile(Path file) {
        String base = String.valueOf(file.toAbsolutePath().getFileName());
        int dot = base.lastIndexOf('.');
        return new RecipeSource(dot > 0 ? base.substring(0, dot) : base, file.toString(), ConfigTree.read(file));
    }

    /**
     * A recipe whose YAML is at hand.
     *
     * @param name under which its runs are kept
     * @param yaml the text
     * @return the recipe's text
     * @throws dev.marquee.config.ConfigException when it is empty, or no YAML
     */
    public static RecipeSource ofText(String name, String yaml) {
        return new RecipeSource(name, name, ConfigTree.parse(yaml, name));
    }

    /**
     * The recipe of a run.
     *
     * @param run the run's folder
     * @return the resolved recipe's text
     * @throws IllegalStateException when the folder holds no run
     */
    public static RecipeSource ofRun(Path run) {
        Path file = run.resolve("recipe.yaml");
        if (!Files.exists(file)) {
            throw new IllegalStateException(run + " holds no run (there is no recipe.yaml in it)");
        }
        return new RecipeSource(String.valueOf(run.getFileName()), file.toString(), ConfigTree.read(file));
    }

    /**
     * The names of the recipes that come with the software.
     *
     * @return in alphabetical order
     */
    public static List<String> names() {
        return resource("index.txt").lines().filter(line -> !line.isBlank()).toList();
    }

    /**
     * The name under which runs of the recipe are kept.
     *
     * @return the recipe's name, or its file's without the ending
     */
    public String name() {
        return name;
    }

    /**
     * Sets a key.
     *
     * @param key dotted, such as {@code optimizer.learning_rate}
     * @param yaml the value as one would write it in the file
     * @param origin where it came from, such as {@code from --set}
     * @return the changed recipe
     */
    public RecipeSource with(String key, String yaml, String origin) {
        return new RecipeSource(name, source, tree.with(key, yaml, origin));
    }

    /**
     * Sets a key to a text that is taken as it is.
     *
     * @param key dotted
     * @param text the value
     * @param origin where it came from
     * @return the changed recipe
     */
    public RecipeSource withText(String key, String text, String origin) {
        return with(key, "'" + text.replace("'", "''") + "'", origin);
    }

    /**
     * The recipe as YAML: the keys that the file gives and those set over it, without the defaults of others.
     *
     * @param comments by dotted key, a line that is written above it
     * @return text that binds to the same recipe
     */
    public String toYaml(Map<String, String> comments) {
        return ConfigWriter.write(tree, comments);
    }

    /**
     * Turns the text into a recipe.
     *
     * @return the recipe, with every default filled in
     * @throws dev.marquee.config.ConfigException listing all faults
     */
    public Recipe bind() {
        return Binder.bind(Recipe.class, tree, source);
    }

    private static String resource(String file) {
        try (InputStream stream = RecipeSource.class.getResourceAsStream(FOLDER + file)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + FOLDER + file);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
