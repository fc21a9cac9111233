package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {
    @TempDir
    Path folder;

    @Test
    void simulate_csv_writesAHeaderAndARowForEachImpression() throws IOException {
        Path file = folder.resolve("log.csv");
        Cli cli = Cli.run("simulate", "--rows", 50, "--output", file, "--users", 20, "--ads", 30);
        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).contains("wrote " + file + ": simulated impressions 1 to 50 of 50 (20 users, 30 ads");
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(51);
        assertThat(lines.get(0)).startsWith("impression_id,time,user_id,").endsWith(",true_conversion_probability");
        assertThat(lines.get(1)).contains("|");
        onlyFileIs(file);
    }

    @Test
    void simulate_parquetTwice_writesTheSameRowsWithLists() throws IOException, SQLException {
        Path file = folder.resolve("it's a log.parquet");
        String query = "SELECT count(*), sum(hash(data)), max(len(history_ads)), avg(true_click_probability) FROM '"
                + file.toString().replace("'", "''") + "' data";
        String[] first = {};
        for (int i = 0; i < 2; i++) {
            Cli cli = Cli.run("simulate", "--rows", 300, "--output", file, "--users", 20, "--ads", 30, "--seed", 4);
            assertThat(cli.code()).as(cli.err()).isZero();
            String[] found = row(query);
            assertThat(found[0]).isEqualTo("300");
            assertThat(Integer.parseInt(found[2])).isBetween(10, 50);
            assertThat(Double.parseDouble(found[3])).isBetween(0.01, 0.2);
            first = i == 0 ? found : first;
            assertThat(found).isEqualTo(first);
        }
        onlyFileIs(file);
    }

    @Test
    void simulate_wrongOptions_saysWhatIsAllowed() {
        Cli rows = Cli.run("simulate", "--rows", 0, "--output", folder.resolve("log.csv"));
        assertThat(rows.code()).isEqualTo(2);
        assertThat(rows.err()).contains("a simulated log needs at least 1 row, not 0");
        Cli users = Cli.run("simulate", "--rows", 5, "--users", 0, "--output", folder.resolve("log.csv"));
        assertThat(users.code()).isEqualTo(2);
        assertThat(users.err()).contains("a simulated stream needs 1 to 5000000 users, not 0");
        Cli ending = Cli.run("simulate", "--rows", 5, "--output", folder.resolve("log.xlsx"));
        assertThat(ending.code()).isNotZero();
        assertThat(ending.err()).contains(".csv").contains(".parquet").contains("log.xlsx");
        Cli missing = Cli.run("simulate", "--rows", 5, "--output", folder.resolve("none/log.csv"));
        assertThat(missing.code()).isNotZero();
        assertThat(missing.err()).contains("log.csv");
        assertThat(folder).isEmptyDirectory();
    }

    private void onlyFileIs(Path file) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.toList()).containsExactly(file);
        }
    }

    private static String[] row(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertThat(result.next()).isTrue();
            return new String[] {result.getString(1), result.getString(2), result.getString(3), result.getString(4)};
        }
    }
}
