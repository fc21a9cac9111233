package dev.marquee.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.schema.RawChunk;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
    private static final String TWO = "id,name\n007,ann\n8,\n";

    @TempDir
    Path folder;

    @Test
    void open_plainCsv_givesTextsWithNullsForEmptyFields() throws IOException {
        FileSource source = Rows.open(Rows.write(folder.resolve("a.csv"), TWO));
        assertThat(source.columns()).containsExactly("id", "name");
        assertThat(source.types()).containsEntry("id", "text");
        assertThat(Rows.all(source)).containsExactly(List.of("007", "ann"), Arrays.asList("8", null));
    }

    @Test
    void open_compressedCsv_readsTheSameRows() throws IOException, SQLException {
        Path gz = Rows.gzip(folder.resolve("a.csv.gz"), TWO);
        Path zst = Rows.copy(
                folder.resolve("a.csv.zst"), "SELECT * FROM (VALUES ('007', 'ann'), ('8', NULL)) t(id, name)");
        assertThat(Rows.all(Rows.open(gz))).isEqualTo(Rows.all(Rows.open(zst))).hasSize(2);
    }

    @Test
    void open_quotesNewlinesByteOrderMarkAndWindowsLineEnds_areUnderstood() throws IOException {
        Path file = Rows.write(
                folder.resolve("a.csv"),
                "\uFEFFid,say\r\n1,\"two\r\nlines, one field\"\r\n2,\"say \"\"hi\"\"\"\r\n\r\n");
        assertThat(Rows.open(file).columns()).containsExactly("id", "say");
        assertThat(Rows.all(Rows.open(file)))
                .containsExactly(List.of("1", "two\r\nlines, one field"), List.of("2", "say \"hi\""));
    }

    @Test
    void open_otherDelimiters_areFoundOut() throws IOException {
        assertThat(Rows.all(Rows.open(Rows.write(folder.resolve("a.csv"), "a;b\n1,5;x\n2,5;y\n"))))
                .containsExactly(List.of("1,5", "x"), List.of("2,5", "y"));
        assertThat(Rows.all(Rows.open(Rows.write(folder.resolve("b.tsv"), "a\tb\n1,5\tx\n"))))
                .containsExactly(List.of("1,5", "x"));
        assertThat(Rows.all(Rows.open(Rows.write(folder.resolve("c.csv"), "a, b\n1, x\n2, y\n"))))
                .containsExactly(List.of("1", "x"), List.of("2", "y"));
    }

    @Test
    void open_linesWithoutHeader_takesTheNamesOfTheConfig() throws IOException {
        Path file = Rows.write(folder.resolve("adult.data"), "39, State-gov\n50, Private\n\n");
        FileSource source = FileSource.open(Rows.named("age", "work"), Optional.of(file.toString()));
        assertThat(source.columns()).containsExactly("age", "work");
        assertThat(Rows.all(source)).containsExactly(List.of("39", "State-gov"), List.of("50", "Private"));
    }

    @Test
    void open_textsOfNull_areNull() throws IOException {
        SourceConfig config = new SourceConfig(
                SourceConfig.Kind.AUTO,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of("NA", "?"),
                Optional.empty());
        Path file = Rows.write(folder.resolve("a.csv"), "a,b\nNA,?\nNAN,\n");
        assertThat(Rows.all(FileSource.open(config, Optional.of(file.toString()))))
                .containsExactly(Arrays.asList(null, null), Arrays.asList("NAN", null));
    }

    @Test
    void open_wordAmongNumbersInALateRow_isOneTextAmongOthers() throws IOException {
        StringBuilder text = new StringBuilder("n,x\n");
        for (int i = 0; i < 30_000; i++) {
            text.append(i).append(",1\n");
        }
        List<List<Object>> rows = Rows.all(Rows.open(Rows.write(folder.resolve("a.csv"), text + "n/a,1\n")));
        assertThat(rows).hasSize(30_001);
        assertThat(rows.get(29_999).get(0)).isEqualTo("29999");
        assertThat(rows.get(30_000).get(0)).isEqualTo("n/a");
    }

    @Test
    void open_writtenTimes_areMicrosecondsInUtc() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "t,x\n1970-01-02 00:00:00,1\n1970-01-01T02:00:01+02:00,2\n");
        assertThat(Rows.open(file).types()).containsEntry("t", "point in time");
        assertThat(Rows.all(Rows.open(file))).containsExactly(List.of(86_400_000_000L, "1"), List.of(1_000_000L, "2"));
    }

    @Test
    void open_timeThatCannotBeRead_isKeptAsItIs() throws IOException {
        StringBuilder text = new StringBuilder("t,x\n");
        text.append("1970-01-02,1\n".repeat(300)).append("soon,1\n");
        List<List<Object>> rows = Rows.all(Rows.open(Rows.write(folder.resolve("a.csv"), text.toString())));
        assertThat(rows.get(0).get(0)).isEqualTo("86400000000");
        assertThat(rows.get(300).get(0)).isEqualTo("soon");
    }

    @Test
    void open_parquet_keepsTypes() throws SQLException {
        Path file = Rows.copy(
                folder.resolve("a.parquet"),
                "SELECT true AS b, 7::TINYINT AS i, 1.5::FLOAT AS f, 2.25::DECIMAL(9, 2) AS d, DATE '1970-01-02' AS day,"
                        + " TIMESTAMP '1970-01-01 00:00:01' AS ts, TIMESTAMPTZ '1970-01-01 00:00:02+00' AS tz,"
                        + " 'é' AS s, 18446744073709551615::UBIGINT AS u, [1, NULL, -9223372036854775808] AS l,"
                        + " ['a b', NULL, '', 'ü'] AS t, [0.5, 'nan'::DOUBLE, '-inf'::DOUBLE] AS x, [DATE '1970-01-02'] AS"
                        + " days");
        FileSource source = Rows.open(file);
        assertThat(source.types())
                .containsEntry("day", "date")
                .containsEntry("l", "list of whole number")
                .containsEntry("d", "number");
        assertThat(Rows.all(source))
                .containsExactly(List.of(
                        1L,
                        7L,
                        1.5,
                        2.25,
                        86_400_000_000L,
                        1_000_000L,
                        2_000_000L,
                        "é",
                        "18446744073709551615",
                        Arrays.asList(1L, null, Long.MIN_VALUE),
                        Arrays.asList("a b", null, "", "ü"),
                        List.of(0.5, Double.NaN, Double.NEGATIVE_INFINITY),
                        List.of(86_400_000_000L)));
    }

    @Test
    void open_nullsOfEachType_areNull() throws SQLException {
        Path file = Rows.copy(
                folder.resolve("a.parquet"),
                "SELECT CASE WHEN i = 1 THEN 1.5 END AS d, CASE WHEN i = 1 THEN i END AS l, CASE WHEN i = 1 THEN 'x' END AS"
                        + " t, CASE WHEN i = 1 THEN [i] END AS s FROM range(3) r(i)");
        assertThat(Rows.all(Rows.open(file)))
                .containsExactly(
                        Arrays.asList(null, null, null, null),
                        List.of(1.5, 1L, "x", List.of(1L)),
                        Arrays.asList(null, null, null, null));
    }

    @Test
    void open_jsonLines_keepsListsAndFindsTypesInLateRows() throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("{\"n\": 1, \"l\": [\"a\", \"b\"]}\n".repeat(25_000)).append("{\"n\": \"odd\"}\n");
        List<List<Object>> rows = Rows.all(Rows.open(Rows.write(folder.resolve("a.jsonl"), text.toString())));
        assertThat(rows).hasSize(25_001);
        assertThat(rows.get(0).get(1)).isEqualTo(List.of("a", "b"));
        assertThat(rows.get(25_000)).startsWith("odd");
    }

    @Test
    void open_folder_readsFilesInTheOrderOfTheirNamesEachAsAChunkOfItsOwn() throws IOException {
        Rows.write(folder.resolve("b.csv"), "x,y\n3,c\n");
        Rows.write(folder.resolve("a/z.csv"), "y,x\na,1\nb,2\n");
        Rows.write(folder.resolve(".hidden.csv"), "x,y\n0,0\n");
        Rows.write(folder.resolve("_SUCCESS"), "x");
        FileSource source = Rows.open(folder);
        List<RawChunk> chunks = Rows.chunks(source, Set.of("x"));
        assertThat(chunks).extracting(RawChunk::rows).containsExactly(2, 1);
        assertThat(chunks).extracting(RawChunk::firstRow).containsExactly(1L, 1L);
        assertThat(chunks.get(1).place(0)).isEqualTo(folder.resolve("b.csv") + ", row 1");
        assertThat(Rows.all(source, Set.of("x"))).containsExactly(List.of("1"), List.of("2"), List.of("3"));
    }

    @Test
    void open_glob_readsTheFilesThatMatch() throws IOException {
        Rows.write(folder.resolve("day1/x.csv"), "a,b\n1,2\n");
        Rows.write(folder.resolve("day2/x.csv"), "a,b\n3,4\n");
        Rows.write(folder.resolve("other/x.csv"), "a,b\n5,6\n");
        FileSource source = Rows.open(folder.resolve("day*/x.csv"));
        assertThat(Rows.all(source)).containsExactly(List.of("1", "2"), List.of("3", "4"));
    }

    @Test
    void open_query_seesNumbersInCsvAndKeepsIdsWithLeadingZeros() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "n,id,t\n1,007,x\n2.5,8,y\n");
        FileSource source = Rows.query(file, "SELECT n * 2 AS twice, id, upper(t) AS t FROM data -- as texts\n;");
        assertThat(source.columns()).containsExactly("twice", "id", "t");
        assertThat(Rows.all(source)).containsExactly(List.of(2.0, "007", "X"), List.of(5.0, "8", "Y"));
    }

    @Test
    void open_queryWithoutFiles_readsWhatItNames() {
        FileSource source = Rows.query(null, "SELECT i FROM range(5000) t(i)");
        List<RawChunk> chunks = Rows.chunks(source, Set.of("i"));
        assertThat(chunks.stream().mapToInt(RawChunk::rows).sum()).isEqualTo(5000);
        assertThat(chunks.get(1).firstRow()).isEqualTo(2049);
        assertThat(Rows.all(source).get(4999)).containsExactly(4999L);
    }

    @Test
    void open_several_threadsOrReaders_giveTheSameOrder() throws SQLException {
        Path file = Rows.copy(folder.resolve("a.parquet"), "SELECT i, 'v' || i AS v FROM range(300000) t(i)");
        FileSource one = Rows.open(file);
        FileSource four = FileSource.open(SourceConfig.DEFAULT, Optional.of(file.toString()), 4);
        assertThat(Rows.all(four)).isEqualTo(Rows.all(one)).hasSize(300_000);
    }

    @Test
    void fingerprint_changesWithFilesAndConfig() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), TWO);
        String before = Rows.open(file).fingerprint();
        assertThat(Rows.open(file).fingerprint()).isEqualTo(before);
        assertThat(FileSource.open(Rows.named("id", "name"), Optional.of(file.toString()))
                        .fingerprint())
                .isNotEqualTo(before);
        Rows.write(file, TWO + "9,z\n");
        assertThat(Rows.open(file).fingerprint()).isNotEqualTo(before);
    }
}
