package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.schema.SequenceFeature.Keep;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SchemaLawsTest {
    private static final int ROWS = 500;

    private static final SchemaConfig CONFIG = new SchemaConfig(
            List.of(
                    Logs.dense("raw", DenseEncoding.RAW),
                    Logs.dense("log", DenseEncoding.SIGNED_LOG),
                    Logs.dense("bins", DenseEncoding.PIECEWISE_LINEAR),
                    Logs.dense("share", DenseEncoding.QUANTILE),
                    Logs.categorical("ad", null, 2, 30, null),
                    Logs.categorical("user", null, 1, null, 50),
                    Logs.bag("tags", 3),
                    Logs.sequence("seen", "ad", 4, Keep.LAST)),
            List.of(new LabelConfig("click \"now\"", Optional.of("click"), List.of("ja", "1", "null"))),
            Optional.of("w"),
            Optional.of("user"),
            Optional.of("t"),
            false);

    @Test
    void encode_chunkBoundaries_doNotMatter() {
        List<String[]> log = log();
        FeatureSchema whole = Logs.fit(CONFIG, chunk(log));
        FeatureSchema parts =
                Logs.fit(CONFIG, chunk(log.subList(0, 1)), chunk(log.subList(1, 200)), chunk(log.subList(200, ROWS)));
        assertThat(parts.json()).isEqualTo(whole.json());
        assertThat(parts.fingerprint()).isEqualTo(whole.fingerprint());
        EncodedChunk all = whole.encode(chunk(log));
        int from = 123;
        int to = 345;
        EncodedChunk part = whole.encode(chunk(log.subList(from, to)));
        int size = whole.layout().denseSize();
        for (int row = from; row < to; row++) {
            for (int i = 0; i < size; i++) {
                assertThat(part.dense()[(row - from) * size + i]).isEqualTo(all.dense()[row * size + i]);
            }
            for (int i = 0; i < 2; i++) {
                assertThat(part.ids()[(row - from) * 2 + i]).isEqualTo(all.ids()[row * 2 + i]);
                assertThat(Logs.row(part.lists().get(i), row - from))
                        .isEqualTo(Logs.row(all.lists().get(i), row));
            }
        }
    }

    @Test
    void fit_permutedRows_learnsTheSameVocabulary() {
        List<String[]> log = log();
        FeatureSchema schema = Logs.fit(CONFIG, chunk(log));
        Collections.shuffle(log, new Random(9));
        FeatureSchema permuted = Logs.fit(CONFIG, chunk(log));
        assertThat(permuted.blobs().keySet()).isEqualTo(schema.blobs().keySet());
        schema.blobs()
                .forEach((name, bytes) -> assertThat(permuted.blobs().get(name)).isEqualTo(bytes));
    }

    @Test
    void encode_everyRow_isFinite() {
        EncodedChunk encoded = Logs.fit(CONFIG, chunk(log())).encode(chunk(log()));
        for (float value : encoded.dense()) {
            assertThat(value).isFinite();
        }
    }

    @Test
    void read_whatWasWritten_encodesTheSame() {
        FeatureSchema schema = Logs.fit(CONFIG, chunk(log()));
        FeatureSchema read = FeatureSchema.read(schema.json(), schema.blobs());
        assertThat(read.json()).isEqualTo(schema.json());
        assertThat(read.fingerprint()).isEqualTo(schema.fingerprint()).matches("[0-9a-f]{32}");
        assertThat(read.config()).isEqualTo(CONFIG);
        assertThat(read.layout()).isEqualTo(schema.layout());
        EncodedChunk before = schema.encode(chunk(log()));
        EncodedChunk after = read.encode(chunk(log()));
        assertThat(after).usingRecursiveComparison().isEqualTo(before);
        assertThat(read.value(0, 3)).isEqualTo(schema.value(0, 3));
    }

    @Test
    void fingerprint_whateverChangesTheEncoding_changesIt() {
        List<String[]> log = log();
        String fingerprint = Logs.fit(CONFIG, chunk(log)).fingerprint();
        assertThat(Logs.fit(CONFIG, chunk(log)).fingerprint()).isEqualTo(fingerprint);
        assertThat(Logs.fit(CONFIG, chunk(log.subList(0, ROWS - 1))).fingerprint())
                .isNotEqualTo(fingerprint);
    }

    @Test
    void read_damage_isRefusedWithItsReason() {
        FeatureSchema schema = Logs.fit(CONFIG, chunk(log()));
        String json = schema.json();
        Map<String, byte[]> blobs = schema.blobs();
        refused("{", blobs, "it is not JSON");
        refused("[]", blobs, "its key format is missing");
        refused(json.replace("marquee-schema", "other"), blobs, "its key format is other, not marquee-schema");
        refused(
                json.replace("\"version\" : 1", "\"version\" : 2"),
                blobs,
                "its version is 2, and this software reads 1");
        refused(json.replace("\"deviation\"", "\"x\""), blobs, "its key dense[0].deviation is missing");
        refused(json.replaceFirst("\"deviation\" : [^,]*", "\"deviation\" : \"1\""), blobs, "is not a number");
        refused(json.replaceFirst("\"mean\" : [^,]*", "\"mean\" : 0.25"), blobs, "its parts do not belong together");
        refused(json.replaceFirst("\"rows\" : \\d*", "\"rows\" : 9"), blobs, "rows, not the 9 that it claims");
        refused(json.replace("signed_log", "signed_lag"), blobs, "signed_lag");
        refused(json.replace("\"feature\" : \"log\"", "\"feature\" : \"lag\""), blobs, "is lag where log belongs");
        refused(json.substring(0, json.length() / 2), blobs, "it is not JSON");
        Map<String, byte[]> fewer = new LinkedHashMap<>(blobs);
        fewer.remove("vocabulary.0");
        refused(json, fewer, "the blob vocabulary.0 of table ad is missing");
        Map<String, byte[]> more = new LinkedHashMap<>(blobs);
        more.put("vocabulary.9", new byte[0]);
        refused(json, more, "no table uses the blobs [vocabulary.9]");
        Map<String, byte[]> other = new LinkedHashMap<>(blobs);
        other.put("vocabulary.0", new byte[30]);
        refused(json, other, "the vocabulary vocabulary.0 of table ad is damaged");
    }

    private static void refused(String json, Map<String, byte[]> blobs, String why) {
        assertThatThrownBy(() -> FeatureSchema.read(json, blobs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static List<String[]> log() {
        Random random = new Random(42);
        List<String[]> log = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            String ad = "ad" + (int) (60 * Math.pow(random.nextDouble(), 2));
            log.add(new String[] {
                i % 17 == 0 ? "" : "" + random.nextGaussian(),
                i % 13 == 0 ? "broken" : "" + random.nextInt(100_000),
                "" + random.nextInt(20),
                i % 19 == 0 ? "1e99" : "" + random.nextDouble(),
                ad,
                "user" + random.nextInt(200),
                "t" + random.nextInt(9) + "||t" + random.nextInt(9),
                i % 5 == 0 ? "" : ad + "|ad" + random.nextInt(60) + "||ad1",
                random.nextBoolean() ? "ja" : "nein",
                "" + random.nextInt(3),
                "2024-01-" + (10 + random.nextInt(20))
            });
        }
        return log;
    }

    private static RawChunk chunk(List<String[]> log) {
        String[] names = {"raw", "log", "bins", "share", "ad", "user", "tags", "seen", "click", "w", "t"};
        Object[] columns = new Object[2 * names.length];
        for (int i = 0; i < names.length; i++) {
            int column = i;
            columns[2 * i] = names[i];
            columns[2 * i + 1] = Logs.texts(log.stream().map(row -> row[column]).toArray(String[]::new));
        }
        return Logs.chunk(columns);
    }
}
