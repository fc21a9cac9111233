package dev.marquee.cli;

import dev.marquee.config.Keys;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code marquee recipes}: what can be trained. */
@Command(
        name = "recipes",
        mixinStandardHelpOptions = true,
        description = "Lists the recipes that come with the software, prints one, or lists all keys of a recipe.")
final class RecipesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "Print this recipe with every default filled in, ready to be edited.")
    private @Nullable String name;

    @Option(names = "--keys", description = "List all keys: type, default and meaning.")
    private boolean keys;

    RecipesCommand(CommandSpec spec) {
        this.spec = spec;
    }

    RecipesCommand() {
        this(CommandSpec.create());
    }

    @Override
    public Integer call() {
        PrintWriter results = spec.commandLine().getOut();
        if (keys) {
            printKeys(results);
        } else if (name != null) {
            results.print(RecipeSource.open(name).bind().toYaml());
        } else {
            for (String recipe : RecipeSource.names()) {
                results.printf(
                        "%-36s %s%n", recipe, RecipeSource.open(recipe).bind().description());
            }
        }
        results.flush();
        return 0;
    }

    private static void printKeys(PrintWriter results) {
        for (Keys.Key key : Keys.describe(Recipe.class)) {
            if (key.type().equals("a section")) {
                continue;
            }
            results.printf("%s%s%n", key.key(), key.kind().isEmpty() ? "" : "   (" + key.kind() + ")");
            results.printf(
                    "    %s%n    %s%s%s%n",
                    key.about(),
                    key.type(),
                    key.range().isEmpty() ? "" : ", " + key.range(),
                    key.defaultValue().isEmpty() ? "" : "; default " + key.defaultValue());
        }
    }
}
