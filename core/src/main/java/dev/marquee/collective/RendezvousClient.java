package dev.marquee.collective;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A connection to a rendezvous. One request at a time; who waits in one keeps others out. */
public final class RendezvousClient implements AutoCloseable {
    private static final int RETRY_MILLIS = 50;

    private final String where;
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final long patienceMillis;

    private RendezvousClient(String where, Socket socket, Duration timeout, DataInputStream in, DataOutputStream out) {
        this.where = where;
        this.socket = socket;
        this.in = in;
        this.out = out;
        this.patienceMillis = timeout.toMillis();
    }

    /**
     * Connects, and goes on trying where nobody listens yet.
     *
     * @param host the rendezvous' name or address
     * @param port its port
     * @param secret what it wants to know
     * @param trying how long to try
     * @param timeout how long to wait for an answer, then and later
     * @return the connection; close it
     * @throws GroupException when nobody answers in time, or the secret is another one
     */
    public static RendezvousClient connect(
            String host, int port, Optional<String> secret, Duration trying, Duration timeout) {
        String where = host + ":" + port;
        long end = System.nanoTime() + trying.toNanos();
        IOException last = new IOException("no answer");
        do {
            Socket socket = new Socket();
            try {
                long left = Math.max(1, (end - System.nanoTime()) / 1_000_000);
                int most = (int) Math.min(left, timeout.toMillis());
                socket.connect(new InetSocketAddress(Addresses.resolve(host), port), most);
                socket.setTcpNoDelay(true);
                socket.setSoTimeout((int) timeout.toMillis());
                DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
                if (!new Handshake(secret).introduce(in, out)) {
                    Addresses.close(socket);
                    throw new GroupException("the rendezvous at " + where + " has another secret than this process:"
                            + " set MARQUEE_SECRET to the same text everywhere");
                }
                return new RendezvousClient(where, socket, timeout, in, out);
            } catch (IOException e) {
                last = e;
                Addresses.close(socket);
                pause(end);
            }
        } while (System.nanoTime() < end);
        throw GroupException.loss(
                "nobody answered at the rendezvous " + where + " within " + Spans.text(trying) + ": " + reason(last)
                        + "; rank 0, or the launcher, must be running there",
                last);
    }

    /**
     * The address by which this machine reaches the rendezvous.
     *
     * @return one of its own
     */
    public InetAddress localAddress() {
        return socket.getLocalAddress();
    }

    /**
     * Keeps a value.
     *
     * @param key its name
     * @param value at most 64 MiB
     */
    public synchronized void put(String key, byte[] value) {
        ask(0, () -> {
            out.writeByte(Wire.PUT);
            out.writeUTF(key);
            Wire.writeBytes(out, value);
            out.flush();
            return in.readBoolean();
        });
    }

    /**
     * Keeps a value unless there is one of that name: of several who come at once, one wins.
     *
     * @param key its name
     * @param value at most 64 MiB
     * @return the value that is kept
     */
    public synchronized byte[] putIfAbsent(String key, byte[] value) {
        return ask(0, () -> {
            out.writeByte(Wire.PUT_IF_ABSENT);
            out.writeUTF(key);
            Wire.writeBytes(out, value);
            out.flush();
            return Wire.readBytes(in);
        });
    }

    /**
     * Waits for a value.
     *
     * @param key its name
     * @param wait how long, at most
     * @return the value, if there is one by then
     */
    public synchronized Optional<byte[]> get(String key, Duration wait) {
        return ask(wait.toMillis(), () -> {
            out.writeByte(Wire.GET);
            out.writeUTF(key);
            out.writeLong(wait.toMillis());
            out.flush();
            return in.readBoolean() ? Optional.of(Wire.readBytes(in)) : Optional.empty();
        });
    }

    /**
     * Joins a group, and returns when all its members are here.
     *
     * @param group its name; one that was never used before
     * @param rank which member this is
     * @param size how many there will be
     * @param facts what must be the same for all
     * @param silence how long a member may be silent until it counts as lost
     * @param wait how long to wait for the others
     * @throws GroupException when one is missing or came twice, or they differ
     */
    public synchronized void join(
            String group, int rank, int size, Map<String, String> facts, Duration silence, Duration wait) {
        String broken = ask(wait.toMillis(), () -> {
            out.writeByte(Wire.JOIN);
            out.writeUTF(group);
            out.writeInt(rank);
            out.writeInt(size);
            out.writeLong(silence.toMillis());
            out.writeLong(wait.toMillis());
            Wire.writeBytes(out, Facts.write(facts));
            out.flush();
            return Wire.readText(in);
        });
        if (!broken.isEmpty()) {
            throw new GroupException("these processes cannot train together: " + broken);
        }
    }

    /** Says that a member is alive, and learns who is not. */
    synchronized List<Loss> beat(String group, int rank, long exchange) throws IOException {
        socket.setSoTimeout((int) patienceMillis);
        out.writeByte(Wire.BEAT);
        out.writeUTF(group);
        out.writeInt(rank);
        out.writeLong(exchange);
        out.flush();
        List<Loss> losses = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            losses.add(new Loss(in.readInt(), Wire.readText(in)));
        }
        return losses;
    }

    /** How many exchanges each member has begun; -1 for one that has left. */
    synchronized long[] exchanges(String group) {
        return ask(0, () -> {
            out.writeByte(Wire.EXCHANGES);
            out.writeUTF(group);
            out.flush();
            long[] exchanges = new long[in.readInt()];
            for (int i = 0; i < exchanges.length; i++) {
                exchanges[i] = in.readLong();
            }
            return exchanges;
        });
    }

    /**
     * Leaves a group, and waits a while for the others to do so too.
     *
     * @param group its name
     * @param rank which member this is
     * @param wait how long, at most
     */
    public synchronized void leave(String group, int rank, Duration wait) {
        ask(wait.toMillis(), () -> {
            out.writeByte(Wire.LEAVE);
            out.writeUTF(group);
            out.writeInt(rank);
            out.writeLong(wait.toMillis());
            out.flush();
            return in.readBoolean();
        });
    }

    /** Ends the connection: who has not left is lost for the others. */
    @Override
    public void close() {
        Addresses.close(socket);
    }

    private <T> T ask(long waitMillis, Request<T> request) {
        try {
            socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, patienceMillis + waitMillis));
            return request.send();
        } catch (IOException e) {
            throw GroupException.loss("the rendezvous at " + where + " was lost: " + reason(e), e);
        }
    }

    static String reason(IOException e) {
        if (e instanceof EOFException || e instanceof SocketException) {
            return e instanceof java.net.ConnectException ? "nothing listens there" : "it ended the connection";
        }
        return e instanceof java.net.SocketTimeoutException ? "it does not answer" : String.valueOf(e.getMessage());
    }

    private static void pause(long end) {
        try {
            if (System.nanoTime() < end) {
                Thread.sleep(RETRY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GroupException("interrupted while connecting to the rendezvous", e);
        }
    }

    /** One question and its answer. */
    private interface Request<T> {
        T send() throws IOException;
    }
}
