package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    @Test
    void vocabulary_randomValues_areThoseOfBruteForce() {
        Random random = new Random(5);
        ValueCounter counter = new ValueCounter("ads");
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 30_000; i++) {
            String value = "wert-ä-" + (int) (3_000 * Math.pow(random.nextDouble(), 3));
            counts.merge(value, 1, Integer::sum);
            add(counter, value);
        }
        List<String> expected = counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= 3)
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(entry -> bytes(entry.getKey()), Arrays::compareUnsigned))
                .map(Map.Entry::getKey)
                .limit(1_000)
                .toList();
        Vocabulary vocabulary = counter.vocabulary(3, 1_000);
        assertThat(vocabulary.rows()).isEqualTo(3 + expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(vocabulary.value(3 + i)).isEqualTo(expected.get(i));
            assertThat(id(vocabulary, expected.get(i))).isEqualTo(3 + i);
        }
        counts.keySet().stream()
                .filter(value -> !expected.contains(value))
                .forEach(value -> assertThat(id(vocabulary, value)).isEqualTo(Ids.UNKNOWN));
    }

    @Test
    void vocabulary_equalCounts_areOrderedByUnsignedBytes() {
        ValueCounter counter = new ValueCounter("ads");
        for (String value : List.of("é", "b", "a", "ab", "z")) {
            add(counter, value);
        }
        Vocabulary vocabulary = counter.vocabulary(1, Integer.MAX_VALUE);
        assertThat(List.of(3, 4, 5, 6, 7).stream().map(vocabulary::value)).containsExactly("a", "ab", "b", "z", "é");
    }

    @Test
    void vocabulary_longCommonBeginnings_areOrderedByTheRest() {
        Random random = new Random(8);
        List<String> values = random.ints(3_000, 0, 1 << 30)
                .distinct()
                .mapToObj(i -> "same-beginning-" + (i % 3 == 0 ? "and-further-ü" : "") + "x".repeat(i % 40)
                        + Integer.toString(i, 36))
                .distinct()
                .toList();
        ValueCounter counter = new ValueCounter("ads");
        values.forEach(value -> add(counter, value));
        add(counter, "same-beginning-");
        add(counter, "same-beginning-\0");
        Vocabulary vocabulary = counter.vocabulary(1, Integer.MAX_VALUE);
        assertThat(vocabulary.value(3)).isEqualTo("same-beginning-");
        assertThat(vocabulary.value(4)).isEqualTo("same-beginning-\0");
        assertThat(IntStream.range(5, vocabulary.rows()).mapToObj(vocabulary::value))
                .containsExactlyElementsOf(values.stream()
                        .sorted((a, b) -> Arrays.compareUnsigned(bytes(a), bytes(b)))
                        .toList());
    }

    @Test
    void vocabulary_aMillionValues_takesLittleMemory() {
        int values = 1_000_000;
        ValueCounter counter = new ValueCounter("users");
        byte[] text = bytes("user-00000000");
        for (int i = 0; i < values; i++) {
            number(text, i);
            counter.id(text, 0, text.length);
        }
        assertThat(counter.rows()).isEqualTo(3 + values);
        assertThat(counter.memory()).isLessThan(55L * values);
        Vocabulary vocabulary = counter.vocabulary(1, Integer.MAX_VALUE);
        assertThat(vocabulary.memory()).isLessThan(45L * values);
        for (int i = 0; i < values; i += 997) {
            number(text, i);
            assertThat(vocabulary.id(text, 0, text.length)).isEqualTo(3 + i);
        }
        assertThat(id(vocabulary, "user-01000000")).isEqualTo(Ids.UNKNOWN);
    }

    @Test
    void id_shortValues_areToldApartByLengthAndEveryByte() {
        List<String> values = List.of(
                "",
                "a",
                "a\0",
                "a\0\0",
                "\0",
                "\0\0",
                "b",
                "ab",
                "abc",
                "abcdefg",
                "abcdefgh",
                "abcdefgi",
                "Abcdefgh",
                "abcdefghi",
                "abcdefg\1",
                "é",
                "éé",
                "中文",
                "🙂🙂",
                "\n",
                " ",
                "abcdefgh\0");
        Vocabulary vocabulary = Vocabulary.of(values);
        for (int i = 0; i < values.size(); i++) {
            byte[] alone = bytes(values.get(i));
            byte[] amid = bytes("xyz" + values.get(i) + "abcdefgh");
            assertThat(vocabulary.id(alone, 0, alone.length)).isEqualTo(3 + i);
            assertThat(vocabulary.id(amid, 3, 3 + alone.length)).isEqualTo(3 + i);
        }
        for (String other : List.of("abcd", "abcdefg\0", "\0\0\0", "a ", "abcdefghij", "É")) {
            assertThat(id(vocabulary, other)).as(other).isEqualTo(Ids.UNKNOWN);
        }
    }

    @Test
    void id_manyShortValues_areThoseOfAMap() {
        Random random = new Random(6);
        Map<String, Integer> expected = new HashMap<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            String value = text(random);
            if (expected.putIfAbsent(value, 3 + values.size()) == null) {
                values.add(value);
            }
        }
        Vocabulary vocabulary = Vocabulary.of(values);
        for (int i = 0; i < 40_000; i++) {
            String value = text(random);
            assertThat(id(vocabulary, value)).isEqualTo(expected.getOrDefault(value, Ids.UNKNOWN));
        }
        values.forEach(value -> assertThat(id(vocabulary, value)).isEqualTo(expected.get(value)));
    }

    @Test
    void ids_ofAColumn_areThoseOfItsValuesAndOneForNone() {
        RawColumn.Texts column = RawColumn.Texts.of("b", null, "", "a longer value", "c", "a");
        int[] ids = new int[13];
        Vocabulary.of(List.of("a", "b", "a longer value")).ids(column, ids, 1, 2);
        int unknown = Ids.UNKNOWN;
        int missing = Ids.MISSING;
        assertThat(ids).containsExactly(0, 4, 0, missing, 0, missing, 0, 5, 0, unknown, 0, 3, 0);
    }

    @Test
    void id_ofManyValues_allocatesNothing() {
        Vocabulary vocabulary = Vocabulary.of(List.of("a", "bb", "ccc"));
        byte[] text = bytes("abbcccd");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        look(vocabulary, text);
        long before = threads.getCurrentThreadAllocatedBytes();
        look(vocabulary, text);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }

    @Test
    void vocabulary_longValues_andManyPages_areKept() {
        ValueCounter counter = new ValueCounter("urls");
        String huge = "x".repeat(3_000_000);
        add(counter, "before");
        add(counter, huge);
        for (int i = 0; i < 2_000; i++) {
            add(counter, "y".repeat(2_000) + i);
        }
        Vocabulary vocabulary =
                Vocabulary.read(counter.vocabulary(1, Integer.MAX_VALUE).blob(), "v");
        assertThat(vocabulary.rows()).isEqualTo(3 + 2_002);
        assertThat(id(vocabulary, "before")).isEqualTo(3);
        assertThat(vocabulary.value(id(vocabulary, huge))).isEqualTo(huge);
        assertThat(id(vocabulary, "y".repeat(2_000) + "1999")).isGreaterThan(3);
    }

    @Test
    void read_damagedBlob_isRefused() {
        byte[] blob = Vocabulary.of(List.of("alpha", "beta")).blob();
        assertThat(Vocabulary.read(blob.clone(), "v").value(4)).isEqualTo("beta");
        byte[] flipped = blob.clone();
        flipped[blob.length - 1] ^= 1;
        refused(flipped, "its checksum is not that of its bytes");
        refused(Arrays.copyOf(blob, blob.length - 2), "its checksum is not that of its bytes");
        refused(Arrays.copyOf(blob, 10), "it does not begin as a vocabulary does");
        byte[] count = blob.clone();
        count[8] = 1;
        refused(count, "5 bytes stand behind its last value");
        count[8] = 3;
        refused(count, "value 2 ends behind its end");
        count[15] = 1;
        refused(count, "values in");
        assertThatThrownBy(() -> Vocabulary.of(List.of("a", "a"))).hasMessageContaining("it holds a value twice");
    }

    @Test
    void sort_randomInts_isThatOfTheJdk() {
        Random random = new Random(1);
        for (int size : new int[] {0, 1, 15, 16, 17, 1000, 4097}) {
            int[] values = random.ints(size, 0, 500).toArray();
            int[] expected = values.clone();
            Arrays.sort(expected);
            assertThat(IntSort.sort(values, Integer::compare)).isEqualTo(expected);
        }
    }

    private static void refused(byte[] blob, String why) {
        assertThatThrownBy(() -> Vocabulary.read(blob, "vocabulary.0 of table ads"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the vocabulary vocabulary.0 of table ads is damaged: ")
                .hasMessageContaining(why);
    }

    private static void look(Vocabulary vocabulary, byte[] text) {
        for (int i = 0; i < 100_000; i++) {
            vocabulary.id(text, i % 7, 7);
        }
    }

    private static void number(byte[] text, int value) {
        for (int at = text.length - 1, rest = value; at > 4; at--, rest /= 10) {
            text[at] = (byte) ('0' + rest % 10);
        }
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(10), 'a', 'e')
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private static int id(IdTable table, String value) {
        return table.id(bytes(value), 0, bytes(value).length);
    }

    private static void add(ValueCounter counter, String value) {
        counter.id(bytes(value), 0, bytes(value).length);
    }

    private static byte[] bytes(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
