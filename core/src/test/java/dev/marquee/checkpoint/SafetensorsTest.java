package dev.marquee.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    @Test
    void write_tensorsAndMetadata_comeBackTheSame() throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = Map.of(
                    "fc1.weight", Tensors.of(new float[] {1, -2, 3.5f, Float.NaN, 5, 6}, 2, 3),
                    "mask", Tensors.of(new boolean[] {true, false, true}),
                    "labels", Tensors.of(new long[] {Long.MIN_VALUE, 7}),
                    "exact", Tensors.of(new double[] {Math.PI}),
                    "scalar", Tensors.full(4, DType.FLOAT32),
                    "empty", Tensors.zeros(DType.FLOAT32, 0, 3));
            Safetensors.write(file, tensors, Map.of("format", "pt", "näme", "wert \"1\"\n"));
        }
        try (Safetensors read = Safetensors.read(file)) {
            assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "näme", "wert \"1\"\n"));
            assertThat(read.tensors().keySet())
                    .containsExactlyInAnyOrder("exact", "labels", "fc1.weight", "scalar", "empty", "mask");
            assertThat(Tensors.describe(read.tensors().get("fc1.weight"))).isEqualTo("[2, 3] FLOAT32");
            assertThat(Tensors.toFloats(read.tensors().get("fc1.weight")))
                    .containsExactly(1, -2, 3.5f, Float.NaN, 5, 6);
            assertThat(Tensors.toLongs(read.tensors().get("mask"))).containsExactly(1, 0, 1);
            assertThat(Tensors.toLongs(read.tensors().get("labels"))).containsExactly(Long.MIN_VALUE, 7);
            assertThat(Tensors.toDoubles(read.tensors().get("exact"))).containsExactly(Math.PI);
            assertThat(Tensors.describe(read.tensors().get("scalar"))).isEqualTo("[] FLOAT32");
            assertThat(Tensors.describe(read.tensors().get("empty"))).isEqualTo("[0, 3] FLOAT32");
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void write_everyType_comesBackAsThatType(DType type) throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (Scope scope = Scope.open()) {
            Safetensors.write(file, Map.of("x", Tensors.full(1, type, 2, 2)), Map.of());
        }
        try (Safetensors read = Safetensors.read(file)) {
            assertThat(Tensors.describe(read.tensors().get("x"))).isEqualTo("[2, 2] " + type);
            assertThat(Tensors.toDoubles(read.tensors().get("x"))).containsOnly(1);
        }
    }

    @Test
    void write_transposedTensor_writesItsValuesInRowMajorOrder() throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (Scope scope = Scope.open()) {
            Safetensors.write(
                    file, Map.of("x", Tensors.of(new float[] {1, 2, 3, 4}, 2, 2).t()), Map.of());
        }
        try (Safetensors read = Safetensors.read(file)) {
            assertThat(Tensors.toFloats(read.tensors().get("x"))).containsExactly(1, 3, 2, 4);
        }
    }

    @Test
    void write_tensorsInAnotherOrder_givesTheSameAlignedBytes() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        try (Scope scope = Scope.open()) {
            Tensor mask = Tensors.of(new boolean[] {true});
            Tensor values = Tensors.of(new double[] {1});
            Map<String, Tensor> forwards = new LinkedHashMap<>();
            forwards.put("a", mask);
            forwards.put("b", values);
            Map<String, Tensor> backwards = new LinkedHashMap<>();
            backwards.put("b", values);
            backwards.put("a", mask);
            Safetensors.write(one, forwards, Map.of());
            Safetensors.write(two, backwards, Map.of());
        }
        byte[] bytes = Files.readAllBytes(one);
        assertThat(bytes).isEqualTo(Files.readAllBytes(two));
        String header = "{\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"a\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[8,9]}}";
        assertThat(new String(bytes, 8, header.length(), StandardCharsets.UTF_8))
                .isEqualTo(header);
        assertThat((bytes.length - 9) % 8).isZero();
    }

    @Test
    void write_tensorNamedAsTheMetadata_isRefused() {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = Map.of("__metadata__", Tensors.zeros(DType.FLOAT32, 1));
            assertThatThrownBy(() -> Safetensors.write(folder.resolve("a"), tensors, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no tensor may be named __metadata__");
        }
    }

    @Test
    void read_fileCutAnywhere_isRefusedWithItsName() throws IOException {
        Path whole = folder.resolve("whole");
        try (Scope scope = Scope.open()) {
            Safetensors.write(whole, Map.of("x", Tensors.zeros(DType.FLOAT32, 3)), Map.of());
        }
        byte[] bytes = Files.readAllBytes(whole);
        for (int length = 0; length < bytes.length; length++) {
            Path cut = Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Safetensors.read(cut))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(cut + ", byte ");
        }
    }

    @Test
    void read_headerLengthBeyondTheFile_saysWhatIsAllowed() throws IOException {
        Path file = Files.write(
                folder.resolve("a"),
                ByteBuffer.allocate(10)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(-1)
                        .array());
        assertThatThrownBy(() -> Safetensors.read(file))
                .hasMessage(file + ", byte 0: the header's length is 18446744073709551615; expected at most 2: the file"
                        + " is truncated, or not a safetensors file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"x\":                                                           | the header is not valid JSON",
                "{} {}                                                             | the header is not valid JSON",
                "[]                                                                | the header must be a JSON object, not []",
                "{\"__metadata__\":{\"a\":1}}                                      | __metadata__.a must be a text, not 1",
                "{\"x\":{\"dtype\":\"F32\"}}                                       | tensor \"x\": expected {dtype, shape, data_offsets}",
                "{\"x\":{\"dtype\":\"F8\",\"shape\":[2],\"data_offsets\":[0,8]}}   | tensor \"x\": unsupported element type \"F8\"",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}    | tensor \"x\": shape must be a list, not 2",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | tensor \"x\": shape must hold whole numbers of at least 0, not [-2]",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}  | tensor \"x\": data_offsets must be [begin, end], not [8, 0]",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}  | tensor \"x\": shape [3] of F32 takes 12 bytes, but data_offsets [0, 8] hold 8",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,8]}} | is too large",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}  | must follow each other without gap",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | must follow each other without overlap",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} | the file is truncated",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}  | 4 bytes follow the last tensor; expected the end of the file",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | Duplicate field 'x'",
            })
    void read_malformedHeader_saysWhereAndWhatWasExpected(String json, String message) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(
                folder.resolve("bad.safetensors"),
                ByteBuffer.allocate(8 + header.length + 8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .array());
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ", ")
                .hasMessageContaining(message);
    }
}
