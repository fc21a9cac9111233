package dev.marquee.launch;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Ends a worker when its launcher has ended, however that ended: the launcher holds the other end of standard input. */
public final class ParentWatch {
    /** Set in the environment of workers whose standard input is held by their launcher. */
    public static final String VARIABLE = "MARQUEE_WATCH_PARENT";

    private static final int ORPHANED = 143;

    private ParentWatch() {}

    /**
     * Starts to watch, in a process that a launcher started; does nothing in others.
     *
     * @param environment {@link System#getenv()}
     * @param input standard input
     */
    public static void start(Map<String, String> environment, InputStream input) {
        if (environment.containsKey(VARIABLE)) {
            Thread thread = new Thread(() -> awaitEnd(input), "marquee-parent-watch");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void awaitEnd(InputStream input) {
        try {
            while (input.read() >= 0) {
                // Nothing is ever sent.
            }
        } catch (IOException e) {
            // The end is the end.
        }
        // At once: without its launcher this process may not even save, lest it writes beside another that has begun.
        Runtime.getRuntime().halt(ORPHANED);
    }
}
