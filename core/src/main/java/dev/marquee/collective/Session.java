package dev.marquee.collective;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One connection to the rendezvous, as its server sees it. */
final class Session {
    /** Who does not introduce itself must not hold a thread for ever. */
    private static final int INTRODUCTION_MILLIS = 10_000;

    private final Socket connection;
    private final Board board;
    private final Set<Seat> seats = new LinkedHashSet<>();
    private @Nullable DataInputStream input;
    private @Nullable DataOutputStream output;

    Session(Socket connection, Board board) {
        this.connection = connection;
        this.board = board;
    }

    boolean open(Handshake handshake) throws IOException {
        connection.setTcpNoDelay(true);
        connection.setSoTimeout(INTRODUCTION_MILLIS);
        DataInputStream in = new DataInputStream(new BufferedInputStream(connection.getInputStream()));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(connection.getOutputStream()));
        input = in;
        output = out;
        boolean known = handshake.accept(in, out);
        connection.setSoTimeout(0);
        return known;
    }

    void serve() throws IOException, InterruptedException {
        DataInputStream in = input;
        DataOutputStream out = output;
        if (in == null || out == null) {
            throw new IllegalStateException("not open");
        }
        while (true) {
            int request = in.read();
            if (request < 0) {
                return;
            }
            answer(request, in, out);
            out.flush();
        }
    }

    /** The connection has ended: who sat here is lost, unless it left before. */
    void ended() {
        seats.forEach(seat -> board.disconnected(seat.group, seat.rank));
    }

    private void answer(int request, DataInputStream in, DataOutputStream out)
            throws IOException, InterruptedException {
        switch (request) {
            case Wire.PUT -> {
                board.put(in.readUTF(), Wire.readBytes(in));
                out.writeBoolean(true);
            }
            case Wire.PUT_IF_ABSENT -> Wire.writeBytes(out, board.putIfAbsent(in.readUTF(), Wire.readBytes(in)));
            case Wire.GET -> {
                byte[] value = board.get(in.readUTF(), in.readLong());
                out.writeBoolean(value != null);
                if (value != null) {
                    Wire.writeBytes(out, value);
                }
            }
            case Wire.JOIN -> join(in, out);
            case Wire.BEAT -> beat(in, out);
            case Wire.EXCHANGES -> {
                long[] exchanges = board.exchanges(in.readUTF());
                out.writeInt(exchanges.length);
                for (long exchange : exchanges) {
                    out.writeLong(exchange);
                }
            }
            case Wire.LEAVE -> {
                board.leave(in.readUTF(), in.readInt(), in.readLong());
                out.writeBoolean(true);
            }
            default -> throw new EOFException("no such request: " + request);
        }
    }

    private void join(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException {
        String group = in.readUTF();
        int rank = in.readInt();
        int size = in.readInt();
        long silence = in.readLong();
        long wait = in.readLong();
        String broken = board.join(group, rank, size, silence, Facts.read(Wire.readBytes(in)), wait);
        if (broken == null) {
            seats.add(new Seat(group, rank));
        }
        Wire.writeText(out, broken == null ? "" : broken);
    }

    private void beat(DataInputStream in, DataOutputStream out) throws IOException {
        String group = in.readUTF();
        int rank = in.readInt();
        seats.add(new Seat(group, rank));
        List<Loss> losses = board.beat(group, rank, in.readLong());
        out.writeInt(losses.size());
        for (Loss loss : losses) {
            out.writeInt(loss.rank());
            Wire.writeText(out, loss.how());
        }
    }

    /** A member that speaks over this connection. */
    private record Seat(String group, int rank) {}
}
