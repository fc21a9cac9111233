package dev.marquee.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.schema.RawColumn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableWriterTest {
    @TempDir
    Path folder;

    @Test
    void commit_parquet_givesBackTheSameRows() {
        Path file = folder.resolve("a.parquet");
        try (TableWriter writer = TableWriter.open(file)) {
            writer.write(2, columns());
            writer.write(2, columns());
            writer.commit();
        }
        List<Object> first = List.of("k, \"1\"", 7L, 0.25, Arrays.asList(1L, null, 3L));
        List<Object> second = Arrays.asList(null, null, null, null);
        assertThat(Rows.open(file).columns()).containsExactly("key", "count", "score", "seen");
        assertThat(Rows.all(Rows.open(file))).containsExactly(first, second, first, second);
    }

    @Test
    void commit_csv_quotesWhatNeedsIt() throws IOException {
        Path file = folder.resolve("a.csv");
        Map<String, RawColumn> columns = columns();
        columns.remove("seen");
        try (TableWriter writer = TableWriter.open(file)) {
            writer.write(2, columns);
            writer.commit();
        }
        assertThat(Files.readString(file)).isEqualTo("key,count,score\n\"k, \"\"1\"\"\",7,0.25\n,,\n");
    }

    @Test
    void commit_compressedCsv_canBeReadAgain() {
        for (String name : List.of("a.csv.gz", "a.csv.zst", "a.tsv")) {
            try (TableWriter writer = TableWriter.open(folder.resolve(name))) {
                writer.write(1, Map.of("s", RawColumn.Texts.of("x"), "t", RawColumn.Texts.of("y")));
                writer.commit();
            }
            assertThat(Rows.all(Rows.open(folder.resolve(name)))).hasSize(1);
        }
    }

    @Test
    void close_withoutCommit_leavesTheFileAsItWas() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "old\n");
        try (TableWriter writer = TableWriter.open(file)) {
            writer.write(2, columns());
        }
        assertThat(Files.readString(file)).isEqualTo("old\n");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void write_otherColumnsThanAtFirst_areRefused() {
        try (TableWriter writer = TableWriter.open(folder.resolve("a.csv"))) {
            writer.write(1, Map.of("a", RawColumn.Texts.of("x")));
            assertThatThrownBy(() -> writer.write(1, Map.of("b", RawColumn.Texts.of("x"))))
                    .hasMessage("columns [b] where the first rows had [a]: write the same in each call");
            assertThatThrownBy(() -> writer.write(1, Map.of("a", new RawColumn.Longs(new long[1], null))))
                    .hasMessageContaining("column a has another type than in the first rows, VARCHAR");
            assertThatThrownBy(() -> writer.write(2, Map.of("a", RawColumn.Texts.of("x"))))
                    .hasMessage("column a has 1 rows, 2 are expected");
        }
    }

    @Test
    void open_unknownEndingOrFolder_saysWhatIsAllowed() {
        assertThatThrownBy(() -> TableWriter.open(folder.resolve("a.xlsx")))
                .hasMessageContaining("use .parquet, .csv, .csv.gz, .csv.zst or .tsv");
        assertThatThrownBy(() -> TableWriter.open(folder.resolve("no/a.csv"))).hasMessageContaining("make it first");
        try (TableWriter writer = TableWriter.open(folder.resolve("a.csv"))) {
            assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
        }
    }

    private static Map<String, RawColumn> columns() {
        Map<String, RawColumn> columns = new LinkedHashMap<>();
        boolean[] second = {false, true};
        columns.put("key", RawColumn.Texts.of("k, \"1\"", null));
        columns.put("count", new RawColumn.Longs(new long[] {7, 0}, second));
        columns.put("score", new RawColumn.Doubles(new double[] {0.25, 0}, second));
        columns.put(
                "seen",
                new RawColumn.Lists(
                        new int[] {0, 3, 3},
                        second,
                        new RawColumn.Longs(new long[] {1, 0, 3}, new boolean[] {false, true, false})));
        return columns;
    }
}
