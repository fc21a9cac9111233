package dev.marquee.cli.bench;

import dev.marquee.collective.RendezvousServer;
import dev.marquee.collective.Transport;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Crews of worker processes of this program on this machine, and the rendezvous where those of each meet. */
final class Crews implements AutoCloseable {
    private static final int SECRET_BITS = 256;
    private static final String HOST = "127.0.0.1";

    private final int threads;
    private final Transport transport;
    private final String secret;
    private final RendezvousServer rendezvous;
    private final List<Crew> started = new ArrayList<>();

    private Crews(int threads, Transport transport, String secret, RendezvousServer rendezvous) {
        this.threads = threads;
        this.transport = transport;
        this.secret = secret;
        this.rendezvous = rendezvous;
    }

    /**
     * Without a crew at first.
     *
     * @param threads of each worker
     * @param transport what carries their exchanges
     * @param warnings told about strangers at the rendezvous
     */
    static Crews open(int threads, Transport transport, Consumer<String> warnings) {
        String secret = new BigInteger(SECRET_BITS, new SecureRandom()).toString(16);
        return new Crews(threads, transport, secret, RendezvousServer.open(HOST, 0, Optional.of(secret), warnings));
    }

    /**
     * Starts a crew, which is closed with this.
     *
     * @param size how many workers
     * @throws PeerException when one cannot be started
     */
    Crew start(int size) throws PeerException {
        int group = started.size();
        Crew crew = Crew.start(
                size, rank -> StepServer.command("worker " + rank + " of " + size, variables(size, rank, group)));
        started.add(crew);
        return crew;
    }

    private Map<String, String> variables(int size, int rank, int group) {
        Map<String, String> variables = new HashMap<>();
        variables.put("MASTER_ADDR", HOST);
        variables.put("MASTER_PORT", String.valueOf(rendezvous.port()));
        variables.put("RANK", String.valueOf(rank));
        variables.put("WORLD_SIZE", String.valueOf(size));
        variables.put("LOCAL_RANK", String.valueOf(rank));
        variables.put("MARQUEE_HOSTED", "1");
        variables.put("MARQUEE_ATTEMPT", String.valueOf(group));
        variables.put("MARQUEE_SECRET", secret);
        variables.put(StepServer.TRANSPORT, transport.name());
        variables.put("OMP_NUM_THREADS", String.valueOf(threads));
        variables.put("OPENBLAS_NUM_THREADS", String.valueOf(threads));
        return variables;
    }

    @Override
    public void close() {
        started.forEach(Crew::close);
        rendezvous.close();
    }
}
