package dev.marquee.checkpoint;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.bytedeco.pytorch.Tensor;

/** How checkpoints are summed: metadata, then tensors, in the order of their names. */
final class Checksums {
    private Checksums() {}

    static String of(Map<String, Tensor> tensors, Map<String, String> metadata) {
        CRC32C crc = new CRC32C();
        addTexts(crc, metadata);
        new TreeMap<>(tensors).forEach((name, tensor) -> {
            addName(crc, name, DType.of(tensor), Tensors.shape(tensor));
            try (Scope scope = Scope.open()) {
                Tensors.eachChunk(Device.host(tensor), crc::update);
            }
        });
        return text(crc);
    }

    static void addTexts(Checksum crc, Map<String, String> texts) {
        new TreeMap<>(texts).forEach((key, value) -> add(crc, key + "=" + value));
    }

    static void addName(Checksum crc, String name, DType type, long... shape) {
        add(crc, name + ":" + Arrays.toString(shape) + " " + type);
    }

    static String text(Checksum crc) {
        return String.format(Locale.ROOT, "crc32c:%08x", crc.getValue());
    }

    private static void add(Checksum crc, String text) {
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
    }
}
