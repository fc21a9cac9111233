package dev.marquee.collective;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** How requests to the rendezvous are written. */
final class Wire {
    static final byte PUT = 1;
    static final byte PUT_IF_ABSENT = 2;
    static final byte GET = 3;
    static final byte JOIN = 4;
    static final byte BEAT = 5;
    static final byte EXCHANGES = 6;
    static final byte LEAVE = 7;

    /** Who has no business here cannot fill the memory, as only who knows the secret is read; nor can a broken length. */
    private static final int LONGEST = 1 << 26;

    private Wire() {}

    static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        if (bytes.length > LONGEST) {
            throw new IllegalArgumentException(
                    "the rendezvous keeps values of at most " + LONGEST + " bytes, not " + bytes.length);
        }
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Of any length, unlike {@link DataOutputStream#writeUTF}. */
    static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LONGEST) {
            throw new IOException("a value of " + length + " bytes");
        }
        return in.readNBytes(length);
    }
}
