package dev.marquee.cli.bench;

import dev.marquee.recipe.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A recipe in a temporary file, for worker processes to read; removed when it is closed. */
public final class RecipeFile implements AutoCloseable {
    private final BenchFolder folder;
    private final Path file;

    private RecipeFile(BenchFolder folder, Path file) {
        this.folder = folder;
        this.file = file;
    }

    /**
     * Writes the file.
     *
     * @param recipe what to write
     * @return close it
     */
    public static RecipeFile of(Recipe recipe) {
        BenchFolder folder = BenchFolder.create();
        Path file = folder.path().resolve("recipe.yaml");
        try {
            Files.writeString(file, recipe.toYaml());
        } catch (IOException e) {
            folder.close();
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
        return new RecipeFile(folder, file);
    }

    /**
     * Where it is.
     *
     * @return an absolute path
     */
    public String path() {
        return file.toAbsolutePath().toString();
    }

    @Override
    public void close() {
        folder.close();
    }
}
