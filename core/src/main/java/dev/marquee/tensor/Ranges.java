package dev.marquee.tensor;

import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch;

/** Loops of our own over independent things, on as many threads as the engine's operators use here, or as the {@link Team} has. */
public final class Ranges {
    private Ranges() {}

    /** A part of a loop. */
    @FunctionalInterface
    public interface Body {
        /**
         * Does a part.
         *
         * @param from the first
         * @param to after the last
         */
        void run(int from, int to);
    }

    /**
     * Does a loop in parts of nearly equal length, one for each thread of {@link Engine#useThreads(int)}, and waits for
     * all. A short loop is done on this thread.
     *
     * @param from the first
     * @param to after the last
     * @param atLeast the length that is worth a thread, at least 1
     * @param body must not depend on where a part begins
     */
    public static void split(int from, int to, int atLeast, Body body) {
        Engine.load();
        int length = to - from;
        Team team = Team.free();
        int parts = Math.min(team == null ? torch.get_num_threads() : team.size(), length / atLeast);
        if (parts <= 1) {
            body.run(from, to);
            return;
        }
        if (team != null) {
            team.run(member -> {
                if (member < parts) {
                    body.run(start(from, length, member, parts), start(from, length, member + 1, parts));
                }
            });
            return;
        }
        IntStream.range(0, parts)
                .parallel()
                .forEach(part -> body.run(start(from, length, part, parts), start(from, length, part + 1, parts)));
    }

    private static int start(int from, int length, int part, int parts) {
        return from + (int) ((long) length * part / parts);
    }
}
