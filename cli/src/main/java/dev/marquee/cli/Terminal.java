package dev.marquee.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** What standard error is connected to, which Java itself does not tell. */
final class Terminal {
    private Terminal() {}

    static boolean isErrorTerminal() {
        String said = System.getenv("MARQUEE_TERMINAL");
        if (said != null) {
            return said.equals("1");
        }
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (java.io.IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
