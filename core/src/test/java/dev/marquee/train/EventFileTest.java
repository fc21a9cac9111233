package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
    @TempDir
    Path run;

    @Test
    void append_entryOfTheMetrics_isARecordWithEachOfItsNumbers() throws IOException {
        EventFile.open(run, 7)
                .append(JsonMapper.builder()
                        .build()
                        .readTree("{\"step\":8,\"epoch\":1,\"loss\":0.25,\"validation_auc\":0.75}"));
        ByteBuffer file;
        try (Stream<Path> files = Files.list(run)) {
            file = ByteBuffer.wrap(Files.readAllBytes(files.findFirst().orElseThrow()))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        record(file);
        record(file);
        byte[] event = record(file);
        assertThat(file.hasRemaining()).isFalse();
        assertThat(scalars(event)).isEqualTo(Map.of("loss", 0.25f, "validation/auc", 0.75f));
    }

    @Test
    void maskedCrc_checkValueOfTheCastagnoliPolynomial_isRotatedAndMoved() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        int crc = 0xE3069283; // the published check value of CRC-32C
        assertThat(EventFile.maskedCrc(digits, 0, digits.length)).isEqualTo(Integer.rotateRight(crc, 15) + 0xa282ead8);
    }

    private static byte[] record(ByteBuffer file) {
        int length = Math.toIntExact(file.getLong());
        file.getInt();
        byte[] event = new byte[length];
        file.get(event);
        assertThat(file.getInt()).isEqualTo(EventFile.maskedCrc(event, 0, length));
        return event;
    }

    private static Map<String, Float> scalars(byte[] event) throws IOException {
        Map<String, Float> scalars = new LinkedHashMap<>();
        for (byte[] summary : messages(event, 5)) {
            for (byte[] value : messages(summary, 1)) {
                CodedInputStream in = CodedInputStream.newInstance(value);
                in.readTag();
                String tag = in.readString();
                in.readTag();
                scalars.put(tag, in.readFloat());
            }
        }
        return scalars;
    }

    private static List<byte[]> messages(byte[] bytes, int field) throws IOException {
        List<byte[]> found = new ArrayList<>();
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == field) {
                found.add(in.readByteArray());
            } else {
                in.skipField(tag);
            }
        }
        return found;
    }
}
