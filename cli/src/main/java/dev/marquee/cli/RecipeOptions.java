package dev.marquee.cli;

import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options with which commands change a recipe. */
final class RecipeOptions {
    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Folder with the data (short for --set data.path=PATH).")
    private @Nullable Path data;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a key of the recipe, such as optimizer.learning_rate=0.1. Repeatable;"
                    + " 'marquee recipes --keys' lists all keys.")
    private List<String> settings = new ArrayList<>();

    boolean empty() {
        return data == null && settings.isEmpty();
    }

    Optional<Path> data() {
        return Optional.ofNullable(data);
    }

    /** The recipe with the options applied; all faults are reported at once. */
    Recipe apply(RecipeSource source) {
        return change(source).bind();
    }

    /** The recipe's text with the options applied. */
    RecipeSource change(RecipeSource source) {
        RecipeSource changed = source;
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "--set takes KEY=VALUE, such as --set train.epochs=5, not \"" + setting + "\"");
            }
            changed = changed.with(setting.substring(0, equals).strip(), setting.substring(equals + 1), "from --set");
        }
        if (data != null) {
            changed = changed.withText(
                    "data.path", data.toAbsolutePath().normalize().toString(), "from --data");
        }
        return changed;
    }
}
