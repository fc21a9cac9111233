package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GrowingTablesTest {
    private static final GrowingTableConfig AD = new GrowingTableConfig("ad", 3, Optional.of(7), 86_400);

    @Test
    void fit_growingTable_hashesToTwoBillionIdsAndLearnsNoVocabulary() {
        FeatureSchema schema = schema(Logs.categorical("ad"));

        assertThat(schema.layout().tables())
                .containsExactly(new FeatureLayout.Table("ad", 2_000_000_003, Optional.of(AD)));
        assertThat(schema.blobs()).isEmpty();
        byte[] text = "b".getBytes(StandardCharsets.UTF_8);
        int id = Ids.FIRST + (int) Long.remainderUnsigned(XxHash64.hash(text, 0, 1), 2_000_000_000L);
        EncodedChunk chunk = schema.encode(Logs.chunk("ad", Logs.texts("b", null), "t", Logs.longs(1L, 2L)));
        assertThat(chunk.ids()).containsExactly(id, Ids.MISSING);
        assertThat(schema.value(0, id)).isEqualTo("(hash " + (id - Ids.FIRST) + ")");
    }

    @Test
    void fit_growingTableWithHash_keepsItsNumberOfIds() {
        FeatureSchema schema = schema(Logs.categorical("ad", null, 1, null, 1000));

        assertThat(schema.layout().tables()).containsExactly(new FeatureLayout.Table("ad", 1003, Optional.of(AD)));
    }

    @Test
    void read_storedSchema_hasTheGrowingTable() {
        FeatureSchema schema = schema(Logs.categorical("ad"));

        FeatureSchema read = FeatureSchema.read(schema.json(), schema.blobs());

        assertThat(read.layout()).isEqualTo(schema.layout());
        assertThat(read.config().growing()).containsExactly(AD);
    }

    @Test
    void requirePlausible_secondsTakenForMicroseconds_isRefusedSayingWhatToSet() {
        GrowingTableConfig config =
                new GrowingTableConfig("ad", 1, Optional.of(7), GrowingTableConfig.MICROSECONDS_PER_DAY);

        assertThatThrownBy(() -> config.requirePlausible(1_700_000_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("evict_after_days of the growing table ad needs to know how long a day is in the time"
                        + " column: 1700000000, as microseconds since 1970, would be before 1973. Set ticks_per_day, to"
                        + " 86400 for seconds, 86400000 for milliseconds, 24 for hours, 1 for days");
        assertThatCode(() -> config.requirePlausible(1_700_000_000_000_000L)).doesNotThrowAnyException();
        assertThatCode(() -> AD.requirePlausible(1_700_000_000)).doesNotThrowAnyException();
        assertThatCode(() -> GrowingTableConfig.DEFAULT.requirePlausible(5)).doesNotThrowAnyException();
    }

    private static FeatureSchema schema(FeatureConfig feature) {
        SchemaFitter fitter = SchemaFitter.of(new SchemaConfig(
                List.of(feature),
                List.of(LabelConfig.of("click")),
                List.of(AD),
                Optional.empty(),
                Optional.empty(),
                Optional.of("t"),
                false));
        fitter.add(Logs.labelled("ad", Logs.texts("a", "b"), "t", Logs.longs(1L, 2L)), new boolean[] {true, true});
        return fitter.fit();
    }
}
