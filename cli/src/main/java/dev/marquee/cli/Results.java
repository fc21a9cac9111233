package dev.marquee.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Standard output that remembers whether it could be written, which Java's printers keep to themselves. */
final class Results extends FilterOutputStream {
    private @Nullable String failure;

    Results(OutputStream out) {
        super(out);
    }

    /** Why results were lost; empty too when the reader has closed the pipe, as {@code head} does. */
    Optional<String> failure() {
        return Optional.ofNullable(failure)
                .filter(message -> !message.toLowerCase(Locale.ROOT).contains("pipe"));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
            throw e;
        }
    }
}
