package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.marquee.checkpoint.Safetensors;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RowStorageTest {
    private static final List<EmbeddingTable.Slice> SLICES =
            List.of(new EmbeddingTable.Slice("user", 4), new EmbeddingTable.Slice("ad", 3));
    private static final float[] VALUES = {9, 9, 1, -2, 3, 4, 5, 6, 9, 9, 0.7f, 0.08f, 10, 11};

    @TempDir
    Path folder;

    @Test
    void state_float16_takesTwoBytesAValue() {
        try (Parameters parameters = parameters(RowStorage.FLOAT16)) {
            assertThat(parameters.state()).containsOnlyKeys("embedding.user", "embedding.ad");
            assertThat(Tensors.describe(parameters.state().get("embedding.user")))
                    .isEqualTo("[4, 2] FLOAT16");
            assertThat(parameters.embeddingCount()).isEqualTo(14);
        }
    }

    @Test
    void state_int8_takesAByteAValueAndTwoARow() {
        try (Parameters parameters = parameters(RowStorage.INT8)) {
            assertThat(parameters.state())
                    .containsOnlyKeys("embedding.user", "embedding.ad", "embedding_scale.user", "embedding_scale.ad");
            assertThat(Tensors.describe(parameters.state().get("embedding.ad"))).isEqualTo("[3, 2] INT8");
            assertThat(Tensors.describe(parameters.state().get("embedding_scale.ad")))
                    .isEqualTo("[3] BFLOAT16");
        }
    }

    @ParameterizedTest
    @EnumSource(RowStorage.class)
    void gather_anyStorage_givesFloat32AndZerosForPadding(RowStorage storage) {
        try (Parameters parameters = parameters(storage);
                Scope scope = Scope.open()) {
            double[] rows = rows(parameters.tables().get(0));
            double tolerance = storage == RowStorage.FLOAT32 ? 0 : storage == RowStorage.FLOAT16 ? 0.004 : 0.09;

            assertThat(rows)
                    .containsExactly(
                            new double[] {0, 0, 1, -2, 3, 4, 5, 6, 0, 0, 0.7f, 0.08f, 10, 11}, within(tolerance));
            // The second table's padding row, which ids never show.
            assertThat(rows[8]).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(RowStorage.class)
    void replica_anyStorage_readsTheSameRows(RowStorage storage) {
        try (Parameters parameters = parameters(storage);
                Parameters replica = parameters.replica();
                Scope scope = Scope.open()) {
            EmbeddingTable own = replica.root().child("embedding").tables(SLICES, 2, Initializer.constant(7), storage);

            assertThat(rows(own)).isEqualTo(rows(parameters.tables().get(0)));
        }
    }

    @ParameterizedTest
    @EnumSource(RowStorage.class)
    void load_savedWeights_givesTheSameRows(RowStorage storage) throws IOException {
        Path file = folder.resolve("weights.safetensors");
        try (Parameters parameters = parameters(storage);
                Parameters other = parameters(storage, Initializer.normal(1));
                Scope scope = Scope.open()) {
            Safetensors.write(file, parameters.state(), Map.of());
            try (Safetensors saved = Safetensors.read(file)) {
                other.load(saved.tensors(), file.toString());
            }

            assertThat(rows(other.tables().get(0)))
                    .isEqualTo(rows(parameters.tables().get(0)));
        }
    }

    @Test
    void load_float32IntoFloat16_roundsAndIntoInt8_isRefusedByName() {
        try (Parameters plain = parameters(RowStorage.FLOAT32);
                Parameters half = parameters(RowStorage.FLOAT16, Initializer.normal(1));
                Parameters bytes = parameters(RowStorage.INT8, Initializer.normal(1));
                Scope scope = Scope.open()) {
            half.load(plain.state(), "the test");

            assertThat(rows(half.tables().get(0)))
                    .containsExactly(rows(plain.tables().get(0)), within(0.004));
            assertThatThrownBy(() -> bytes.load(plain.state(), "the test"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("embedding_scale.user: missing");
        }
    }

    @Test
    void tables_fewerBitsInANetworkOfFloat64_isRefused() {
        try (Parameters parameters = Parameters.create(DType.FLOAT64)) {
            assertThatThrownBy(() -> parameters.root().tables(SLICES, 2, Initializer.constant(1), RowStorage.INT8))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("rows are kept as INT8 by networks of FLOAT32, not of FLOAT64");
        }
    }

    private static Parameters parameters(RowStorage storage) {
        return parameters(storage, tensor -> tensor.copy_(Tensors.of(VALUES, 7, 2)));
    }

    private static Parameters parameters(RowStorage storage, Initializer initializer) {
        Parameters parameters = Parameters.create(DType.FLOAT32);
        parameters.root().child("embedding").tables(SLICES, 2, initializer, storage);
        return parameters;
    }

    private static double[] rows(EmbeddingTable table) {
        Tensor all = Tensors.empty(DType.INT32, 7, 1);
        for (int i = 0; i < 7; i++) {
            Tensors.bytes(all).asIntBuffer().put(i, i);
        }
        DistinctIds ids = DistinctIds.of(List.of(new DistinctIds.Part(all, List.of(0))));
        return Tensors.toDoubles(table.embed(ids, table.gather(ids, Mode.EVALUATION), 0));
    }
}
