package dev.marquee.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Numbered run folders: {@code runs/NAME-1}, {@code runs/NAME-2}, … */
public final class RunFolders {
    private RunFolders() {}

    /**
     * A folder for a new run.
     *
     * @param parent where runs are kept; need not exist
     * @param name the recipe's name
     * @return the folder with the first number above all that are there; not made yet
     */
    public static Path next(Path parent, String name) {
        return parent.resolve(name + "-" + (numbers(parent, name).max().orElse(0) + 1));
    }

    /**
     * The newest run of a recipe.
     *
     * @param parent where runs are kept
     * @param name the recipe's name
     * @return the folder with the largest number
     * @throws IllegalStateException when there is none
     */
    public static Path newest(Path parent, String name) {
        OptionalInt number = numbers(parent, name).max();
        return parent.resolve(name + "-"
                + number.orElseThrow(() -> new IllegalStateException("there is no run of " + name + " in " + parent
                        + " to resume: name its folder with --out, or train without --resume")));
    }

    /**
     * Whether a folder holds a run.
     *
     * @param folder any path
     * @return true when it has a recipe
     */
    public static boolean isRun(Path folder) {
        return new RunFolder(folder).holdsRun();
    }

    private static IntStream numbers(Path parent, String name) {
        Pattern pattern = Pattern.compile(Pattern.quote(name) + "-(\\d{1,9})");
        try (Stream<Path> entries = Files.list(parent)) {
            return entries
                    .map(entry -> pattern.matcher(entry.getFileName().toString()))
                    .filter(Matcher::matches)
                    .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                    .boxed()
                    .toList()
                    .stream()
                    .mapToInt(Integer::intValue);
        } catch (NoSuchFileException e) {
            return IntStream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + parent + ": " + RunFolder.reason(e), e);
        }
    }
}
