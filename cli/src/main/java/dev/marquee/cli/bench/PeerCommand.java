package dev.marquee.cli.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How to start another program that does the same training steps. It reads a line of JSON for each request and answers with
 * one: at first, unasked, {@code {"peer": "its name and version"}}; then, to
 * {@code {"work": "perceptron", "batch": 32, "sizes": [784, 512, 128, 10], "steps": 50, "threads": 2}}, the time
 * {@code {"seconds": 0.1}} of those steps, or {@code {"error": "what is wrong"}}.
 *
 * @param label how messages call it: the interpreter, or the program
 * @param words the command and its arguments
 * @param hint what to do when it cannot be started
 * @param variables of its environment that differ from this process's; an empty value removes one
 */
public record PeerCommand(String label, List<String> words, String hint, Map<String, String> variables) {
    /** The launcher's list of variables that it set for this engine's sake and that the user's programs would not have. */
    private static final String SET_BY_LAUNCHER = "MARQUEE_SET";

    /** Copies. */
    public PeerCommand {
        words = List.copyOf(words);
        variables = Map.copyOf(variables);
    }

    /**
     * PyTorch, by a script that this class brings.
     *
     * @param python the interpreter: a path, or a name on PATH
     * @return the command
     */
    public static PeerCommand python(String python) {
        return new PeerCommand(
                python,
                List.of(python, "-u", "-c", script()),
                "Give the path of a Python interpreter that has PyTorch.",
                withoutOurs());
    }

    /**
     * Any other program.
     *
     * @param file the program: a path, or a name on PATH
     * @return the command
     */
    public static PeerCommand program(String file) {
        return new PeerCommand(
                file, List.of(file), "Give the path of a program that answers requests for steps.", withoutOurs());
    }

    /**
     * The same with more variables.
     *
     * @param more an empty value removes one
     * @return the command
     */
    PeerCommand with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(variables);
        all.putAll(more);
        return new PeerCommand(label, words, hint, all);
    }

    private static Map<String, String> withoutOurs() {
        Map<String, String> variables = new HashMap<>();
        for (String name : System.getenv().getOrDefault(SET_BY_LAUNCHER, "").split(" ", -1)) {
            if (!name.isEmpty()) {
                variables.put(name, "");
            }
        }
        return variables;
    }

    private static String script() {
        try (InputStream stream = PeerCommand.class.getResourceAsStream("peer.py")) {
            if (stream == null) {
                throw new IllegalStateException("peer.py is missing from this build of Marquee");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
