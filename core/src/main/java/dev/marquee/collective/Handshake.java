package dev.marquee.collective;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Both ends of a connection show that they know one secret without telling it: each signs the random numbers of both
 * (HMAC-SHA-256).
 */
final class Handshake {
    private static final int MAGIC = 0x4D515231;
    private static final int NONCE = 32;
    private static final int ACCEPTED = 1;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;

    Handshake(Optional<String> secret) {
        // The prefix makes a key of an empty secret too.
        this.key = new SecretKeySpec(("marquee:" + secret.orElse("")).getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    /** The server's side; false when the other end speaks something else, or has another secret, which it is told. */
    boolean accept(DataInputStream in, DataOutputStream out) throws IOException {
        byte[] mine = nonce();
        out.writeInt(MAGIC);
        out.write(mine);
        out.flush();
        if (in.readInt() != MAGIC) {
            return false;
        }
        byte[] theirs = in.readNBytes(NONCE);
        byte[] proof = in.readNBytes(NONCE);
        boolean known = MessageDigest.isEqual(proof, sign("client", mine, theirs));
        out.writeByte(known ? ACCEPTED : 0);
        if (known) {
            out.write(sign("server", mine, theirs));
        }
        out.flush();
        return known;
    }

    /** The client's side; false when the server does not know the secret, or says that this process does not. */
    boolean introduce(DataInputStream in, DataOutputStream out) throws IOException {
        if (in.readInt() != MAGIC) {
            throw new IOException("what listens there is no rendezvous of Marquee");
        }
        byte[] theirs = in.readNBytes(NONCE);
        byte[] mine = nonce();
        out.writeInt(MAGIC);
        out.write(mine);
        out.write(sign("client", theirs, mine));
        out.flush();
        return in.readByte() == ACCEPTED && MessageDigest.isEqual(in.readNBytes(NONCE), sign("server", theirs, mine));
    }

    private byte[] sign(String role, byte[] server, byte[] client) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(role.getBytes(StandardCharsets.UTF_8));
            mac.update(server);
            return mac.doFinal(client);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HMAC-SHA-256", e);
        }
    }

    private static byte[] nonce() {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        return nonce;
    }
}
