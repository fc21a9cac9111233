package dev.marquee.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceFaultsTest {
    @TempDir
    Path folder;

    @Test
    void open_nothingThere_saysWhatIsMissing() throws IOException {
        fails(folder.resolve("no.csv")).hasMessageContaining("there is no file").hasMessageContaining("no.csv");
        fails(folder.resolve("*.csv")).hasMessageContaining("no file matches");
        fails(folder).hasMessageContaining("holds no files named as CSV, Parquet or JSON");
        fails(Rows.write(folder.resolve("e.csv"), "")).hasMessageEndingWith("e.csv is empty");
        assertThatThrownBy(() -> FileSource.open(SourceConfig.DEFAULT, Optional.empty()))
                .hasMessage("there is nothing to read: give data.path, or a query in data.format.sql");
    }

    @Test
    void open_mixedFormats_namesOneOfEach() throws IOException {
        Rows.write(folder.resolve("a.csv"), "a,b\n1,2\n");
        Rows.write(folder.resolve("b.jsonl"), "{\"a\": 1}\n");
        fails(folder).hasMessageContaining("several formats together: {CSV=a.csv, JSON=b.jsonl}");
    }

    @Test
    void open_parquetCutInHalf_saysThatItIsNotWhole() throws IOException, SQLException {
        Path file = Rows.copy(folder.resolve("a.parquet"), "SELECT i FROM range(1000) t(i)");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        fails(file).hasMessageContaining("a.parquet is not a whole Parquet file");
    }

    @Test
    void read_unequalRows_namesFileAndLine() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "a,b\n" + "1,2\n".repeat(400) + "1,2,3\n1,2\n");
        assertThatThrownBy(() -> Rows.all(Rows.open(file)))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("a.csv, line 402: has 3 fields where 2 are expected");
    }

    @Test
    void read_faultFarBeyondTheFirstRows_isNotTakenForTheEnd() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "a,b\n" + "12345678,x\n".repeat(400_000) + "1\n");
        assertThatThrownBy(() -> Rows.all(Rows.open(file)))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("a.csv, line 400002: has 1 fields where 2 are expected");
    }

    @Test
    void read_quotationMarkWithoutEnd_namesTheLine() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "a,b\n1,x\n2,\"y\n3,z\n");
        assertThatThrownBy(() -> Rows.all(Rows.open(file)))
                .hasMessageContaining("a.csv, line 3: a field begins with a quotation mark and does not end");
        Path zipped = Rows.gzip(folder.resolve("z.csv.gz"), "a,b\n" + "1,x\n".repeat(300_000) + "2,\"y\n3,z\n");
        assertThatThrownBy(() -> Rows.all(Rows.open(zipped)))
                .hasMessageContaining("z.csv.gz, line 300002: a field begins with a quotation mark and does not end");
    }

    @Test
    void read_otherEncodings_saysHowToConvert() throws IOException {
        Path latin = folder.resolve("latin.csv");
        Files.write(latin, "a,b\n1,café\n".getBytes(StandardCharsets.ISO_8859_1));
        fails(latin).hasMessageContaining("latin.csv, line 2: is not in UTF-8").hasMessageContaining("iconv");
        Path wide = folder.resolve("wide.csv");
        Files.write(wide, "\uFEFFa,b\n1,2\n".getBytes(StandardCharsets.UTF_16LE));
        fails(wide).hasMessageContaining("is in UTF-16");
    }

    @Test
    void open_wrongDelimiter_saysThatThereIsOneColumn() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "a:b\n1:2\n");
        fails(file).hasMessageContaining("one column was found").hasMessageContaining("data.format.delimiter");
        Path comma = Rows.write(folder.resolve("b.csv"), "a,b\n1,2\n");
        SourceConfig semicolon = new SourceConfig(
                SourceConfig.Kind.AUTO, Optional.of(";"), Optional.empty(), List.of(), List.of(), Optional.empty());
        assertThatThrownBy(() -> FileSource.open(semicolon, Optional.of(comma.toString())))
                .hasMessageContaining("\";\" gives one column; the lines seem to be separated by \",\"");
    }

    @Test
    void open_headerFaults_sayWhatToSet() throws IOException {
        fails(Rows.write(folder.resolve("a.csv"), "a,b,a\n1,2,3\n")).hasMessageContaining("two columns are named a");
        fails(Rows.write(folder.resolve("b.csv"), "39,x\n40,y\n"))
                .hasMessageContaining("does not look like names of columns: 39, x; give the 2 names");
        fails(Rows.write(folder.resolve("c.csv"), "|a comment\n1,2,3\n4,5,6\n"))
                .hasMessageContaining("line 1: has 1 fields, the lines below 3");
        Path three = Rows.write(folder.resolve("d.csv"), "1,2,3\n");
        assertThatThrownBy(() -> FileSource.open(Rows.named("a", "b"), Optional.of(three.toString())))
                .hasMessageContaining("has 3 columns, data.format.columns names 2");
    }

    @Test
    void open_columnMissingInOneFile_namesTheFile() throws IOException {
        Rows.write(folder.resolve("a.csv"), "x,y\n1,2\n");
        Rows.write(folder.resolve("b.csv"), "x,z\n1,2\n");
        FileSource source = Rows.open(folder);
        assertThatThrownBy(() -> source.open(Set.of("x", "y")))
                .isInstanceOf(SourceException.class)
                .hasMessage(folder.resolve("b.csv") + " has no column y; it has x, z");
        assertThat(Rows.all(source, Set.of("x"))).hasSize(2);
    }

    @Test
    void open_structs_saysHowToTakeThemApart() throws SQLException {
        Path file = Rows.copy(folder.resolve("a.parquet"), "SELECT 1 AS a, {'b': 2} AS s");
        FileSource source = Rows.open(file);
        assertThat(Rows.all(source, Set.of("a"))).containsExactly(List.of(1L));
        assertThatThrownBy(() -> Rows.all(source, Set.of("s")))
                .hasMessageContaining("column s is of the type STRUCT(b INTEGER)")
                .hasMessageContaining("data.format.sql");
    }

    @Test
    void open_faultyQuery_givesTheFirstLineOfTheReport() {
        assertThatThrownBy(() -> Rows.query(null, "SELECT nosuch FROM range(3) t(i)"))
                .hasMessage("data.format.sql: Referenced column \"nosuch\" not found in FROM clause!");
        assertThatThrownBy(() -> Rows.query(null, "SELECT * FROM data")).hasMessageContaining("data");
        assertThatThrownBy(() -> Rows.query(null, "SELECT * FROM 'https://localhost/a.parquet'"))
                .hasMessageContaining("needs an extension of DuckDB, and none is fetched");
    }

    @Test
    void read_fileThatChanges_saysSo() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "a,b\n1,2\n");
        FileSource source = Rows.open(file);
        Rows.write(file, "a,b\n1,2\n3,4\n");
        assertThatThrownBy(() -> Rows.all(source)).hasMessageContaining("a.csv has changed since it was opened");
        Files.delete(file);
        assertThatThrownBy(() -> Rows.all(source)).hasMessageContaining("a.csv has vanished");
    }

    @Test
    void read_jsonThatIsNone_namesTheLine() throws IOException {
        Path file = Rows.write(folder.resolve("a.jsonl"), "{\"a\": 1}\n{\"a\": x}\n{\"a\": 1}\n");
        fails(file).hasMessageContaining("a.jsonl, near line 3: is not a JSON object");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> fails(Path path) {
        return assertThatThrownBy(() -> Rows.open(path)).isInstanceOf(SourceException.class);
    }
}
