package dev.marquee.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreezingTest {
    private static final List<EmbeddingTable.Slice> SLICES = List.of(
            new EmbeddingTable.Slice("ad", 3),
            new EmbeddingTable.Slice("user", 2),
            new EmbeddingTable.Slice("site", 4));

    private static EmbeddingTable build(Parameters parameters) {
        Parameters.Path path = parameters.root();
        EmbeddingTable table = path.child("embedding").tables(SLICES, 2, Initializer.constant(1));
        Linear.create(path.child("fc1"), 2, 2, /* withBias= */ true);
        Linear.create(path.child("fc10"), 2, 2, /* withBias= */ true);
        return table;
    }

    private static Tensor ids(int... ids) {
        Tensor tensor = Tensors.empty(DType.INT32, ids.length / 3, 3);
        Tensors.bytes(tensor).asIntBuffer().put(ids);
        return tensor;
    }

    @ParameterizedTest
    @CsvSource({
        "fc1, 'fc1.weight,fc1.bias'",
        "fc1.weight, fc1.weight",
        "*.bias, 'fc1.bias,fc10.bias'",
        "fc*, 'fc1.weight,fc1.bias,fc10.weight,fc10.bias'",
        "f*1.b*, fc1.bias",
        "embedding.ad, ''"
    })
    void freeze_pattern_takesTheNamesThatItFits(String pattern, String names) {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            build(parameters);
            parameters.freeze(List.of(pattern));

            assertThat(String.join(",", parameters.frozen().keySet())).isEqualTo(names);
            parameters.frozen().forEach((name, tensor) -> {
                assertThat(tensor.requires_grad()).as(name).isFalse();
                assertThat(parameters.trainable()).doesNotContainKey(name);
                assertThat(parameters.state()).containsKey(name);
            });
            assertThat(parameters.count() + parameters.frozenCount()).isEqualTo(12);
        }
    }

    @Test
    void gradient_someTablesFrozen_hasTheRowsOfTheOthersOnly() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope scope = Scope.open()) {
            EmbeddingTable table = build(parameters);
            parameters.freeze(List.of("embedding.user"));
            // Rows 2 of ads, 1 and padding of users, 3 and 1 of sites.
            DistinctIds ids = DistinctIds.of(List.of(new DistinctIds.Part(ids(2, 1, 3, 2, 0, 1), List.of(0, 3, 5))));
            Tensor rows = table.gather(ids, Mode.TRAINING);
            table.embed(ids, rows, 0).sum().backward();

            for (int again = 0; again < 2; again++) {
                EmbeddingTable.RowGradient gradient = table.gradient().orElseThrow();
                int[] distinct = new int[gradient.ids().count()];
                Tensors.bytes(gradient.ids().rows()).asIntBuffer().get(distinct);
                assertThat(distinct).containsExactly(0, 2, 8, 6);
                assertThat(Tensors.toFloats(gradient.values())).containsExactly(0, 0, 2, 2, 1, 1, 1, 1);
            }
            assertThat(table.isFrozen()).isFalse();
        }
    }

    @Test
    void gather_allTablesFrozen_needsNoGradient() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32);
                Scope scope = Scope.open()) {
            EmbeddingTable table = build(parameters);
            parameters.freeze(List.of("embedding"));
            DistinctIds ids = DistinctIds.of(List.of(new DistinctIds.Part(ids(2, 1, 3), List.of(0, 3, 5))));
            Tensor values = table.embed(ids, table.gather(ids, Mode.TRAINING), 0);

            assertThat(values.requires_grad()).isFalse();
            assertThat(table.uses()).isEmpty();
            assertThat(table.gradient()).isEmpty();
            assertThat(table.isFrozen()).isTrue();
        }
    }

    @Test
    void replica_ofFrozenParameters_hasTheSameOnesFrozen() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            build(parameters);
            parameters.freeze(List.of("fc1", "embedding"));
            try (Parameters replica = parameters.replica()) {
                EmbeddingTable table = build(replica);

                assertThat(replica.frozen().keySet())
                        .isEqualTo(parameters.frozen().keySet());
                assertThat(replica.trainable().keySet()).containsExactly("fc10.weight", "fc10.bias");
                assertThat(replica.flat().places()).hasSize(2);
                assertThat(table.isFrozen()).isTrue();
            }
        }
    }

    @Test
    void freeze_wrongly_saysWhatIsThere() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            build(parameters);
            assertThatThrownBy(() -> parameters.freeze(List.of("fc1", "fc2", "c1.weight")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("nothing is named \"fc2\", \"c1.weight\"; there are embedding.ad, embedding.user,"
                            + " embedding.site, fc1.weight, fc1.bias, fc10.weight, fc10.bias");
            assertThatThrownBy(() -> parameters.freeze(List.of("*")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nothing is left to learn");
            assertThat(parameters.frozen()).isEmpty();
            parameters.flat();
            assertThatThrownBy(() -> parameters.freeze(List.of("fc1"))).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void freeze_aGrowingTable_isRefusedByName() {
        try (Parameters parameters = Parameters.create(DType.FLOAT32)) {
            GrowingRows rows = parameters.root().growing(List.of(new GrowingRows.Table("user", 3, 1, 9, 1)), 9);
            parameters.root().child("embedding").tables(SLICES, 2, Initializer.constant(1), rows);
            Linear.create(parameters.root().child("fc1"), 2, 2, /* withBias= */ true);
            assertThatThrownBy(() -> parameters.freeze(List.of("embedding")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("embedding.user is a growing table");
        }
    }
}
