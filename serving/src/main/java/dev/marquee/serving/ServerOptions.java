package dev.marquee.serving;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * How a server runs.
 *
 * @param name of the model in paths
 * @param host the address to listen at
 * @param port to listen at; 0 for any free one
 * @param token what requests must carry as {@code Authorization: Bearer}; empty for none
 * @param threads how many requests, or small groups of them, are scored at once
 * @param limits what is taken
 * @param accessLog takes a line of JSON for each request; called from several threads
 */
public record ServerOptions(
        String name,
        String host,
        int port,
        Optional<String> token,
        int threads,
        ServerLimits limits,
        Consumer<String> accessLog) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final int SHORTEST_TOKEN = 16;

    /** Checks the values. */
    public ServerOptions {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a model's name has letters, digits, dots, dashes and underscores, at most 100"
                            + " and a letter or digit first, not \"" + name + "\"");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("a port is between 0 and 65535, not " + port);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        token.ifPresent(text -> {
            boolean printable = text.chars().allMatch(c -> c > ' ' && c < 127);
            if (!printable || text.getBytes(StandardCharsets.UTF_8).length < SHORTEST_TOKEN) {
                throw new IllegalArgumentException("a token has at least " + SHORTEST_TOKEN
                        + " printable ASCII characters and no spaces, such as what openssl rand -hex 32 prints");
            }
        });
    }

    /**
     * At this machine's own address only, any free port, without a token, a thread for each core.
     *
     * @param name of the model in paths
     * @return the options
     */
    public static ServerOptions of(String name) {
        return new ServerOptions(
                name,
                "127.0.0.1",
                0,
                Optional.empty(),
                Runtime.getRuntime().availableProcessors(),
                ServerLimits.DEFAULT,
                line -> {});
    }

    /**
     * With another port.
     *
     * @param newPort 0 for any free one
     * @return the changed options
     */
    public ServerOptions withPort(int newPort) {
        return new ServerOptions(name, host, newPort, token, threads, limits, accessLog);
    }

    /**
     * With another address.
     *
     * @param newHost such as {@code 0.0.0.0} for all of this machine's
     * @return the changed options
     */
    public ServerOptions withHost(String newHost) {
        return new ServerOptions(name, newHost, port, token, threads, limits, accessLog);
    }

    /**
     * With a token.
     *
     * @param newToken what requests must carry
     * @return the changed options
     */
    public ServerOptions withToken(String newToken) {
        return new ServerOptions(name, host, port, Optional.of(newToken), threads, limits, accessLog);
    }

    /**
     * With other threads.
     *
     * @param newThreads at least 1
     * @return the changed options
     */
    public ServerOptions withThreads(int newThreads) {
        return new ServerOptions(name, host, port, token, newThreads, limits, accessLog);
    }

    /**
     * With other limits.
     *
     * @param newLimits what is taken
     * @return the changed options
     */
    public ServerOptions withLimits(ServerLimits newLimits) {
        return new ServerOptions(name, host, port, token, threads, newLimits, accessLog);
    }

    /**
     * With an access log.
     *
     * @param newLog takes a line of JSON for each request
     * @return the changed options
     */
    public ServerOptions withAccessLog(Consumer<String> newLog) {
        return new ServerOptions(name, host, port, token, threads, limits, newLog);
    }
}
