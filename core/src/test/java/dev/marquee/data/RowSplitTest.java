package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowSplitTest {
    @Test
    void parts_random_dependOnSeedAndRowNumberAlone() {
        RowSplit split = split(SplitConfig.By.RANDOM, 7);
        Part[] all = split.parts(chunk(new RawColumn.Longs(new long[1000], null)), 0);
        Part[] tail = split.parts(chunk(new RawColumn.Longs(new long[900], null)), 100);

        assertThat(tail).isEqualTo(Arrays.copyOfRange(all, 100, 1000));
        assertThat(share(all, Part.VALIDATION)).isBetween(0.17, 0.23);
        assertThat(share(all, Part.TEST)).isBetween(0.07, 0.13);
        assertThat(split(SplitConfig.By.RANDOM, 8).parts(chunk(new RawColumn.Longs(new long[1000], null)), 0))
                .isNotEqualTo(all);
    }

    @Test
    void parts_random_stayWhatTheyAre() {
        Part[] parts = split(SplitConfig.By.RANDOM, 1).parts(chunk(new RawColumn.Longs(new long[24], null)), 0);

        // Worked out with another language's integers from the definition in the class.
        assertThat(letters(parts)).isEqualTo("vtevttettttvtttvtvtttttt");
    }

    @Test
    void parts_hash_treatNumbersAndTheirTextsAlike() {
        long[] longs = new SplittableRandom(1).longs(500, -100, 100).toArray();
        double[] doubles = Arrays.stream(longs).asDoubleStream().toArray();
        String[] texts = Arrays.stream(longs).mapToObj(Long::toString).toArray(String[]::new);
        RowSplit split = split(SplitConfig.By.HASH, 7);

        Part[] parts = split.parts(chunk(new RawColumn.Longs(longs, null)), 0);

        assertThat(split.parts(chunk(new RawColumn.Doubles(doubles, null)), 3)).isEqualTo(parts);
        assertThat(split.parts(chunk(RawColumn.Texts.of(texts)), 5)).isEqualTo(parts);
        for (int i = 0; i < longs.length; i++) {
            for (int j = 0; j < i; j++) {
                assertThat(longs[i] != longs[j] || parts[i] == parts[j]).isTrue();
            }
        }
    }

    @Test
    void parts_hash_stayWhatTheyAre() {
        String[] users = IntStream.range(0, 24).mapToObj(i -> "u" + i).toArray(String[]::new);

        Part[] parts = split(SplitConfig.By.HASH, 7).parts(chunk(RawColumn.Texts.of(users)), 0);

        assertThat(letters(parts)).isEqualTo("vtttttvteetttttvtvtvtttv");
    }

    @Test
    void parts_hashWithoutValues_areDividedLikeARandomSplit() {
        boolean[] nulls = new boolean[1000];
        Arrays.fill(nulls, true);

        Part[] parts = split(SplitConfig.By.HASH, 7).parts(chunk(new RawColumn.Longs(new long[1000], nulls)), 0);

        assertThat(share(parts, Part.TRAINING)).isBetween(0.65, 0.75);
    }

    @Test
    void parts_time_putTiesAndRowsWithoutTimeOnTheEarlierSide() {
        RowSplit split = split(SplitConfig.By.TIME, 7);
        RawColumn.Longs times = new RawColumn.Longs(
                new long[] {9, 5, 5, 5, 1, 2, 3, 4, 8, 0},
                new boolean[] {false, false, false, false, false, false, false, false, false, true});
        RawChunk chunk = chunk(times);
        TimeReader reader = new TimeReader("k", false);
        TimeCuts cuts = new TimeCuts();
        for (int i = 0; i < 10; i++) {
            cuts.add(reader.read(chunk, times, i));
        }
        split.cut(cuts, reader);

        // In order: none 1 2 3 4 5 5 | 5 8 | 9; the ties move the first cut behind the last 5.
        assertThat(letters(split.parts(chunk, 0))).isEqualTo("etttttttvt");
    }

    @Test
    void latest_anyShares_agreesWithSorting() {
        SplittableRandom random = new SplittableRandom(3);
        for (int size : new int[] {1, 2, 10, 1000, 70_000}) {
            TimeCuts cuts = new TimeCuts();
            long[] times = new long[size];
            for (int i = 0; i < size; i++) {
                times[i] = switch (i % 3) {
                    case 0 -> random.nextLong();
                    case 1 -> random.nextInt(5);
                    default -> TimeReader.NONE;
                };
                cuts.add(times[i]);
            }
            Arrays.sort(times);
            for (int percent : new int[] {1, 33, 50, 80, 90, 100}) {
                int rank = (size * percent + 99) / 100;
                assertThat(cuts.latest(percent / 100.0)).isEqualTo(times[rank - 1]);
            }
            assertThat(cuts.latest(1 - 0.1 - 0.1)).isEqualTo(times[(size * 8 + 9) / 10 - 1]);
        }
    }

    @Test
    void read_textsAndNumbers_areInTheOrderOfTime() {
        RawColumn texts = RawColumn.Texts.of(
                null,
                "later",
                "",
                "-3",
                "0.5",
                "7",
                "1969-12-31",
                "1970-01-01T00:00:01Z",
                "1970-01-01 00:00:02",
                "1970-01-01T02:00:03.5+02:00",
                "2026-11-24",
                "2026-11-24T10:00:00");
        RawColumn doubles = new RawColumn.Doubles(
                new double[] {Double.NaN, Double.NEGATIVE_INFINITY, -1e300, -0.5, 0, 1e-9, 3}, null);

        assertThat(read(texts, 0, 1, 2)).containsOnly(TimeReader.NONE);
        assertThat(read(texts, 1, 3, 4, 5)).isSorted().doesNotHaveDuplicates();
        assertThat(read(texts, 6, 7, 8, 9, 10, 11)).isSorted().doesNotHaveDuplicates();
        assertThat(read(doubles, 0, 1, 2, 3, 4, 5, 6)).isSorted().doesNotHaveDuplicates();
        assertThat(read(new RawColumn.Longs(new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}, null), 0, 1, 2, 3))
                .isSorted()
                .doesNotHaveDuplicates()
                .doesNotContain(TimeReader.NONE);
    }

    @Test
    void read_strict_refusesWhatIsNoTime() {
        RawColumn texts = RawColumn.Texts.of("1970-01-01", "yesterday");

        assertThatThrownBy(() -> new TimeReader("k", true).read(chunk(texts), texts, 1))
                .isInstanceOf(DataException.class)
                .hasMessage("log.csv, row 2: column k holds \"yesterday\", which is neither a number nor a date nor a"
                        + " point in time such as 2026-11-24T10:00:00Z");
    }

    private static List<Long> read(RawColumn column, int... rows) {
        TimeReader reader = new TimeReader("k", false);
        return Arrays.stream(rows)
                .mapToObj(row -> reader.read(chunk(column), column, row))
                .toList();
    }

    private static RowSplit split(SplitConfig.By by, long seed) {
        return new RowSplit(new SplitConfig(by, Optional.empty(), 0.2, 0.1, seed), "k", 0.2, 0.1, seed);
    }

    private static RawChunk chunk(RawColumn column) {
        return new RawChunk("log.csv", 1, column.rows(), Map.of("k", column));
    }

    private static double share(Part[] parts, Part part) {
        return Arrays.stream(parts).filter(part::equals).count() / (double) parts.length;
    }

    private static String letters(Part[] parts) {
        StringBuilder letters = new StringBuilder();
        for (Part part : parts) {
            letters.append(part == Part.TEST ? 'e' : part.text().charAt(0));
        }
        return letters.toString();
    }
}
