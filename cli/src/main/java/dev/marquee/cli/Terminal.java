package dev.marquee.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What standard error is connected to, which Java itself does not tell. */
final class Terminal {
    private static final int USUAL_WIDTH = 80;
    private static final Pattern SIZE = Pattern.compile("\\d+ (\\d{1,6})");

    private Terminal() {}

    static boolean isErrorTerminal() {
        String said = System.getenv("MARQUEE_TERMINAL");
        if (said != null) {
            return said.equals("1");
        }
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * How many columns the terminal has. Asked of {@code stty}: Java cannot tell, and JLine, which could, takes over the
     * handling of Ctrl-C, so that nothing would be saved.
     */
    static int width() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return columns(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return USUAL_WIDTH;
        }
    }

    /** The columns in the answer of {@code stty}, such as {@code 24 80}. */
    static int columns(String rowsAndColumns) {
        Matcher matcher = SIZE.matcher(rowsAndColumns.strip());
        int columns = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        return columns > 1 ? columns : USUAL_WIDTH;
    }
}
