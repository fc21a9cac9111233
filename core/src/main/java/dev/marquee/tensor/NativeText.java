package dev.marquee.tensor;

import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Texts of C that native code goes on using after it was given them, and that are therefore never freed. */
final class NativeText {
    private NativeText() {}

    /**
     * Copies a text to memory that is never freed.
     *
     * @param text ASCII
     * @return the copy, with the zero that ends it
     */
    static BytePointer forever(String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
        return new BytePointer(Pointer.malloc(bytes.length))
                .capacity(bytes.length)
                .put(bytes);
    }
}
