package dev.marquee.collective;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** How requests to the rendezvous are written. */
final class Wire {
    static final byte PUT = 1;
    static final byte PUT_IF_ABSENT = 2;
    static final byte GET = 3;
    static final byte JOIN = 4;
    static final byte BEAT = 5;
    static final byte EXCHANGES = 6;
    static final byte LEAVE = 7;

    /** Nobody who has no business here can fill the memory. */
    private static final int LONGEST = 1 << 20;

    private Wire() {}

    static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        if (bytes.length > LONGEST) {
            throw new IllegalArgumentException(
                    "the rendezvous keeps values of at most " + LONGEST + " bytes, not " + bytes.length);
        }
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LONGEST) {
            throw new IOException("a value of " + length + " bytes");
        }
        return in.readNBytes(length);
    }
}
