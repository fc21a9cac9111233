package dev.marquee.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.schema.RawColumn;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever comes, a parser answers with a request or with a sentence for its sender. */
class RequestParsersTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ServerLimits LIMITS = ServerLimits.DEFAULT;
    private static final List<Protocol> PROTOCOLS = List.of(
            new RankProtocol(LIMITS, 10),
            new InferProtocol(LIMITS, new InferTensors(Map.of("ad", "BYTES"), Set.of("ads"), List.of("click"))));
    private static final List<String> GOOD = List.of(
            "{\"user\":{\"country\":\"de\",\"ads\":[1,2]},\"candidates\":[{\"ad\":\"a\",\"price\":1.5},{\"ad\":null,\"price\":3}]}",
            "{\"id\":\"x\",\"candidates\":{\"ad\":[\"a\",\"b\"],\"price\":[1.5,null],\"ads\":[[1],[]]}}",
            "{\"inputs\":[{\"name\":\"ad\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"a\",\"b\"]},{\"name\":\"ads\","
                    + "\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[[1,null]]}],\"outputs\":[{\"name\":\"click\"}]}");

    @Property(seed = "20261128")
    void parse_goodRequestsWithBytesChanged_neverFallsOver(
            @ForAll("good") String text, @ForAll long seed, @ForAll("edits") int edits) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Random random = new Random(seed);
        for (int i = 0; i < edits; i++) {
            bytes = edited(bytes, random);
        }
        for (Protocol protocol : PROTOCOLS) {
            parsed(protocol, bytes);
        }
    }

    @Property(seed = "20261128")
    void parse_anyJson_neverFallsOver(@ForAll long seed) throws JsonProcessingException {
        Random random = new Random(seed);
        Object user = value(random, 0);
        Object other = value(random, 0);
        String rank = JSON.writeValueAsString(Map.of("user", user, "candidates", other));
        String infer = JSON.writeValueAsString(
                Map.of("inputs", List.of(Map.of("name", "ad", "shape", other, "datatype", "INT64", "data", user))));
        for (Protocol protocol : PROTOCOLS) {
            parsed(protocol, rank.getBytes(StandardCharsets.UTF_8));
            parsed(protocol, infer.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What was built of values is what they were, in columns of numbers and of texts. */
    @Property(seed = "20261128")
    void build_anyValues_keepsThem(@ForAll List<Long> values, @ForAll("texts") List<String> texts) {
        ColumnBuilder numbers = new ColumnBuilder("n");
        ColumnBuilder mixed = new ColumnBuilder("m");
        for (int i = 0; i < values.size(); i++) {
            numbers.setLong(i, values.get(i));
            mixed.setLong(i, values.get(i));
        }
        texts.forEach(text -> mixed.setText(mixed.size(), text));
        if (!values.isEmpty()) {
            var column = (RawColumn.Longs) numbers.build(values.size());
            for (int i = 0; i < values.size(); i++) {
                assertThat(column.value(i)).isEqualTo(values.get(i));
            }
        }
        if (!texts.isEmpty()) {
            var column = (RawColumn.Texts) mixed.build(mixed.size());
            for (int i = 0; i < values.size(); i++) {
                assertThat(column.value(i)).isEqualTo(Long.toString(values.get(i)));
            }
            for (int i = 0; i < texts.size(); i++) {
                assertThat(column.value(values.size() + i)).isEqualTo(texts.get(i));
            }
        }
    }

    /** As a parser hands them over: somewhere in its buffer; a null after each. */
    @Property(seed = "20261128")
    void build_textsOfABuffer_keepsThem(@ForAll("texts") List<String> texts) {
        ColumnBuilder builder = new ColumnBuilder("t");
        for (String text : texts) {
            builder.setText(builder.size(), ("x" + text + "y").toCharArray(), 1, text.length());
            builder.setNull(builder.size());
        }
        RawColumn column = builder.build(builder.size());
        assertThat(column.rows()).isEqualTo(2 * texts.size());
        for (int i = 0; i < texts.size(); i++) {
            assertThat(((RawColumn.Texts) column).value(2 * i)).isEqualTo(texts.get(i));
            assertThat(column.isNull(2 * i)).isFalse();
            assertThat(column.isNull(2 * i + 1)).isTrue();
        }
    }

    private static void parsed(Protocol protocol, byte[] body) {
        try {
            RankingRequest request = protocol.parse(body).request();
            Set<String> columns = new LinkedHashSet<>(request.user().columns().keySet());
            columns.retainAll(request.candidates().columns().keySet());
            assertThat(columns).isEmpty();
            assertThat(request.candidates().rows()).isBetween(1, LIMITS.candidates());
        } catch (RequestException e) {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.text()).isNotBlank().hasSizeLessThan(600).doesNotContain("Exception", "dev.marquee", "\n");
        }
    }

    private static byte[] edited(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int end = Math.min(bytes.length, at + random.nextInt(6));
        byte[] changed = switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, at); // cut off
            case 1 -> joined(bytes, at, end, new byte[0]); // left out
            case 2 -> joined(bytes, at, at, Arrays.copyOfRange(bytes, at, end)); // twice
            default -> joined(bytes, at, Math.min(bytes.length, at + 1), new byte[] {(byte) random.nextInt()});
        };
        return changed;
    }

    private static byte[] joined(byte[] bytes, int from, int to, byte[] between) {
        byte[] all = Arrays.copyOf(bytes, from + between.length + bytes.length - to);
        System.arraycopy(between, 0, all, from, between.length);
        System.arraycopy(bytes, to, all, from + between.length, bytes.length - to);
        return all;
    }

    @Provide
    Arbitrary<String> good() {
        return Arbitraries.of(GOOD);
    }

    @Provide
    Arbitrary<Integer> edits() {
        return Arbitraries.integers().between(1, 4);
    }

    @Provide
    Arbitrary<List<String>> texts() {
        return Arbitraries.strings().alpha().list().ofMaxSize(5);
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth < 3 ? 8 : 5)) {
            case 0 -> List.of("ad", "", "ü", "NaN").get(random.nextInt(4));
            case 1 -> random.nextLong() >> random.nextInt(64);
            case 2 -> Double.longBitsToDouble(random.nextLong());
            case 3 -> new BigInteger(random.nextInt(100), random);
            case 4 -> random.nextBoolean();
            case 5, 6 -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(value(random, depth + 1));
                }
                yield list;
            }
            default -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    map.put(List.of("ad", "ads", "price", "x").get(random.nextInt(4)), value(random, depth + 1));
                }
                yield map;
            }
        };
    }
}
