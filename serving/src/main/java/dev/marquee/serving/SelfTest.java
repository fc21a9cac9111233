package dev.marquee.serving;

import java.nio.charset.StandardCharsets;

/**
 * Scores an example before requests come: a model that cannot is not served, and the first request does not wait for what
 * Java and the engine load when they are first used.
 */
final class SelfTest {
    private static final int TIMES = 20;

    private SelfTest() {}

    static void run(Scorer scorer) {
        byte[] body = ExampleRequest.json(scorer.schema()).getBytes(StandardCharsets.UTF_8);
        Protocol protocol = new RankProtocol(
                ServerLimits.DEFAULT, scorer.schema().config().columns().size());
        Protocol.Parsed parsed = protocol.parse(body);
        Scores scores = scorer.score(parsed.request());
        for (int row = 0; row < scores.rows(); row++) {
            for (int label = 0; label < scores.labels().size(); label++) {
                float probability = scores.probability(row, label);
                if (!(probability >= 0 && probability <= 1)) {
                    throw new IllegalStateException("the model scores an example with " + probability
                            + ", which is no probability: its weights are not fit to be served");
                }
            }
        }
        for (int i = 0; i < TIMES; i++) {
            Scores again = scorer.score(protocol.parse(body).request());
            Exchange.bytes(out -> protocol.write(out, parsed, again));
        }
    }
}
