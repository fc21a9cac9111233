package dev.marquee.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/**
 * Fetches one gzipped file, whole and verified or not at all.
 *
 * <p>{@link HttpURLConnection} and not {@code java.net.http}: only the former ends a transfer that stalls halfway, as its
 * time-out holds for each read.
 */
final class Download {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_MILLIS = 15_000;
    private static final long LARGEST = 64L << 20;

    private Download() {}

    /**
     * Fetches a file under a temporary name beside the target, verifies it, and renames it.
     *
     * @param uri where it is
     * @param target where it goes; its folder exists
     * @param checksum the SHA-256 of the unzipped contents, in lower-case hexadecimal
     * @throws IOException when it cannot be had, or is not what was expected; nothing is left behind then
     */
    static void fetch(URI uri, Path target, String checksum) throws IOException {
        Path temporary = Files.createTempFile(target.toAbsolutePath().getParent(), ".download", null);
        try {
            transfer(uri, temporary);
            String found = checksum(uri, temporary);
            if (!found.equals(checksum)) {
                throw new IOException(
                        uri + " has the checksum " + found.substring(0, 16) + "…, expected " + shorten(checksum));
            }
            move(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void transfer(URI uri, Path temporary) throws IOException {
        URLConnection opened = uri.toURL().openConnection();
        if (!(opened instanceof HttpURLConnection connection)) {
            throw new IOException(uri + " is not an http address");
        }
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        try {
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException(uri + " answers with status " + status + ", expected 200");
            }
            long announced = connection.getContentLengthLong();
            long copied;
            try (InputStream in = connection.getInputStream();
                    OutputStream out = Files.newOutputStream(temporary)) {
                copied = copy(in, out, uri);
            }
            if (announced >= 0 && copied != announced) {
                throw new IOException(uri + " ended after " + copied + " of " + announced + " bytes");
            }
        } finally {
            connection.disconnect();
        }
    }

    private static long copy(InputStream in, OutputStream out, URI uri) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long copied = 0;
        int read = in.read(buffer);
        while (read >= 0) {
            copied += read;
            if (copied > LARGEST) {
                throw new IOException(uri + " is larger than " + LARGEST + " bytes, which none of the files is");
            }
            out.write(buffer, 0, read);
            read = in.read(buffer);
        }
        return copied;
    }

    private static String checksum(URI uri, Path file) throws IOException {
        MessageDigest digest = PictureSet.sha256();
        try (InputStream in = new DigestInputStream(new GZIPInputStream(Files.newInputStream(file)), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new IOException(uri + " sent no intact gzip file: " + IdxFile.reason(e), e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String shorten(String checksum) {
        return checksum.length() > 16 ? checksum.substring(0, 16) + "…" : "another";
    }
}
