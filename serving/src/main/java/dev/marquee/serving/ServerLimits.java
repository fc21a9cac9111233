package dev.marquee.serving;

import java.time.Duration;

/**
 * What a server takes.
 *
 * @param bodyBytes the largest body of a request
 * @param candidates the most rows of a request
 * @param textLength the longest text, in UTF-16 units
 * @param listLength the longest list of a bag or a sequence
 * @param connections the most connections; more wait until one ends
 * @param queued the most requests that wait to be scored; more are refused with status 429
 * @param receive how long a request's head may take, and its body again
 * @param deadline how long a request may take from its head's end until it is scored, unless it asks for less
 * @param drain how long accepted requests may take when the server ends
 */
public record ServerLimits(
        int bodyBytes,
        int candidates,
        int textLength,
        int listLength,
        int connections,
        int queued,
        Duration receive,
        Duration deadline,
        Duration drain) {
    /** 4 MiB, 4,096 candidates, texts of 4,096, lists of 1,024, 1,024 connections, 256 queued; 10 s, 5 s, 30 s. */
    public static final ServerLimits DEFAULT = new ServerLimits(
            4 << 20,
            4096,
            4096,
            1024,
            1024,
            256,
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30));

    /** Checks the values. */
    public ServerLimits {
        positive("bodyBytes", bodyBytes);
        positive("candidates", candidates);
        positive("textLength", textLength);
        positive("listLength", listLength);
        positive("connections", connections);
        positive("queued", queued);
        positive("receive", receive.toMillis());
        positive("deadline", deadline.toMillis());
        positive("drain", drain.toMillis());
    }

    private static void positive(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be positive, not " + value);
        }
    }
}
