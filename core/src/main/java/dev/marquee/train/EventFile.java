package dev.marquee.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Scalars for TensorBoard: a TFRecord file of {@code Event} messages (tensorflow/core/util/event.proto), each written at
 * once, so that a killed training leaves whole records. Of the messages only these fields are used: {@code Event}
 * wall_time 1, step 2, file_version 3, summary 5, session_log 7; {@code Summary} value 1; its {@code Value} tag 1,
 * simple_value 2; {@code SessionLog} status 1.
 */
final class EventFile {
    private static final int MASK_DELTA = 0xa282ead8;

    /** START: TensorBoard forgets what it has read of later steps. */
    private static final int SESSION_START = 1;

    private final Path file;

    private EventFile(Path file) {
        this.file = file;
    }

    /** A new file in the run's folder; the steps after the given one are measured again. */
    static EventFile open(Path run, long step) {
        EventFile events = new EventFile(
                run.resolve("events.out.tfevents." + System.currentTimeMillis() / 1000 + ".marquee-step-" + step));
        events.write(0, out -> out.writeString(3, "brain.Event:2"));
        events.write(step, out -> out.writeByteArray(7, message(session -> session.writeEnum(1, SESSION_START))));
        return events;
    }

    /** Writes the numbers of an entry of the metrics file, all but the step and the epoch. */
    void append(JsonNode entry) {
        long step = entry.path("step").asLong();
        byte[] summary = message(out -> {
            for (Map.Entry<String, JsonNode> field : entry.properties()) {
                if (field.getValue().isNumber()
                        && !field.getKey().equals("step")
                        && !field.getKey().equals("epoch")) {
                    out.writeByteArray(1, message(value -> {
                        value.writeString(1, field.getKey().replaceFirst("^(validation|seconds)_", "$1/"));
                        value.writeFloat(2, field.getValue().floatValue());
                    }));
                }
            }
        });
        write(step, out -> out.writeByteArray(5, summary));
    }

    private void write(long step, Fields fields) {
        byte[] event = message(out -> {
            out.writeDouble(1, System.currentTimeMillis() / 1e3);
            out.writeInt64(2, step);
            fields.write(out);
        });
        ByteBuffer record = ByteBuffer.allocate(16 + event.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(event.length);
        record.putInt(maskedCrc(record.array(), 0, 8));
        record.put(event);
        record.putInt(maskedCrc(record.array(), 12, event.length));
        try {
            Files.write(file, record.array(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + RunFolder.reason(e), e);
        }
    }

    static int maskedCrc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        int value = (int) crc.getValue();
        return (value >>> 15 | value << 17) + MASK_DELTA;
    }

    /** Writes fields of a message. */
    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) {
        try (ByteString.Output bytes = ByteString.newOutput()) {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            fields.write(out);
            out.flush();
            return bytes.toByteString().toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
