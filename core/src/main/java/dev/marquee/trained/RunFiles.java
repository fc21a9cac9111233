package dev.marquee.trained;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The files of a run that are needed to score.
 *
 * @param folder the run's folder
 */
public record RunFiles(Path folder) {
    /**
     * The resolved recipe.
     *
     * @return {@code recipe.yaml}
     */
    public Path recipe() {
        return folder.resolve("recipe.yaml");
    }

    /**
     * The weights of a finished run.
     *
     * @return {@code weights.safetensors}
     */
    public Path weights() {
        return folder.resolve("weights.safetensors");
    }

    /**
     * The schema, where the data are rows of a log.
     *
     * @return {@code schema.safetensors}
     */
    public Path schema() {
        return folder.resolve("schema.safetensors");
    }

    /**
     * The maps of calibrated scores.
     *
     * @return {@code calibration.json}
     */
    public Path calibration() {
        return folder.resolve("calibration.json");
    }

    /**
     * The checkpoints.
     *
     * @return {@code checkpoints}, a folder
     */
    public Path checkpoints() {
        return folder.resolve("checkpoints");
    }

    /**
     * Why a file could not be read or written: Java's exceptions of the file system often have a path for a message.
     *
     * @param e the exception
     * @return a few words for users
     */
    public static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
