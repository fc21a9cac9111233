package dev.marquee.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Something to read an idx file from.
 *
 * @param name how messages call it
 * @param bytes its size as it is stored, gzipped or not
 * @param opener opens it at its start
 */
record IdxFile(String name, long bytes, Opener opener) {
    /** Opens a file. */
    interface Opener {
        InputStream open() throws IOException;
    }

    static IdxFile of(Path path) {
        try {
            if (Files.isDirectory(path)) {
                throw new DataException(path + " is a folder; expected an idx file");
            }
            return new IdxFile(path.toString(), Files.size(path), () -> Files.newInputStream(path));
        } catch (IOException e) {
            throw unreadable(path.toString(), e);
        }
    }

    static IdxFile ofResource(String resource) {
        try (InputStream in = IdxFile.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new DataException("the resource " + resource + " is not in this build of Marquee");
            }
            byte[] content = in.readAllBytes();
            return new IdxFile(resource, content.length, () -> new ByteArrayInputStream(content));
        } catch (IOException e) {
            throw unreadable(resource, e);
        }
    }

    static DataException unreadable(String name, IOException e) {
        return new DataException(name + " cannot be read: " + reason(e), e);
    }

    /** In words: the message of some exceptions is no more than the file's name. */
    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file is in the way";
        }
        if (e instanceof UnknownHostException) {
            return "the host " + e.getMessage() + " is not known";
        }
        String message = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
