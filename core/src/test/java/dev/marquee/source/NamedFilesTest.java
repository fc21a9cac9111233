package dev.marquee.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedFilesTest {
    @TempDir
    Path folder;

    @Test
    void open_queryOverIdsBeyond64Bits_keepsThemWhole() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "id,x\n10000169349117863715,1\n1000009418151094273,2.5\n");
        assertThat(Rows.all(Rows.query(file, "SELECT id, x + 1 AS x FROM data")))
                .containsExactly(List.of("10000169349117863715", 2.0), List.of("1000009418151094273", 3.5));
    }

    @Test
    void open_queryNamesFiles_findsThemInTheFolderOfThePath() throws IOException {
        Path file = Rows.write(folder.resolve("log/a.csv"), "id,x\n1,0\n2,0\n");
        Rows.write(folder.resolve("log/names.csv"), "id,name\n1,ann\n2,bob\n");
        String sql = "SELECT name FROM data JOIN read_csv('names.csv') USING (id) ORDER BY id -- data's";
        List<List<String>> names = List.of(List.of("ann"), List.of("bob"));
        assertThat(Rows.all(Rows.query(file, sql))).isEqualTo(names);
        assertThat(Rows.all(Rows.query(folder.resolve("log/a*.csv"), sql))).isEqualTo(names);
        assertThat(Rows.all(Rows.query(file, "SELECT name FROM 'names.csv' ORDER BY id")))
                .isEqualTo(names);
    }

    @Test
    void fingerprint_ofAQuery_coversTheFilesItNames() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "id,x\n1,0\n2,0\n");
        Path names = Rows.write(folder.resolve("names.csv"), "id,name\n1,ann\n2,bob\n");
        String sql = "SELECT name FROM data JOIN 'names.csv' USING (id) ORDER BY id";
        FileSource before = Rows.query(file, sql);
        assertThat(Rows.query(file, sql).fingerprint()).isEqualTo(before.fingerprint());
        Rows.write(names, "id,name\n1,anna\n2,bob\n");
        assertThat(Rows.query(file, sql).fingerprint()).isNotEqualTo(before.fingerprint());
        assertThatThrownBy(() -> Rows.all(before)).hasMessageContaining("names.csv has changed since it was opened");
    }

    @Test
    void open_queryNamesAFileOfTwoFolders_isRefused() throws IOException {
        Path file = Rows.write(folder.resolve("a.csv"), "id,x\n1,0\n");
        Path twin = Rows.write(folder.resolve("pom.xml"), "id,y\n1,0\n");
        assertThatThrownBy(() -> Rows.query(file, "SELECT id FROM data JOIN read_csv('pom.xml') USING (id)"))
                .isInstanceOf(SourceException.class)
                .hasMessage("data.format.sql names pom.xml, which may be " + twin + " or "
                        + Path.of("pom.xml").toAbsolutePath() + ": write the whole path in the query");
    }

    @Test
    void open_queryNamesAFileBesideACommaInTheFoldersName_isRefused() throws IOException {
        Path file = Rows.write(folder.resolve("a, b/a.csv"), "id,x\n1,0\n");
        Rows.write(folder.resolve("a, b/names.csv"), "id,y\n1,0\n");
        assertThatThrownBy(() -> Rows.query(file, "SELECT * FROM 'names.csv'"))
                .isInstanceOf(SourceException.class)
                .hasMessage("names.csv, which data.format.sql names, is not found in " + folder.resolve("a, b")
                        + ", whose name has a comma: write the whole path in the query");
        assertThat(Rows.all(Rows.query(file, "SELECT * FROM data"))).hasSize(1);
    }
}
