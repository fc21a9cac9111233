package dev.marquee.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import dev.marquee.source.RowSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DataBenchTest {
    private static final List<String> WAYS = List.of(
            "CSV, rows read",
            "CSV to batches",
            "Parquet, rows read",
            "Parquet to batches",
            "encoding, all columns texts",
            "encoding, numbers as numbers",
            "learning a schema",
            "learning, encoding, writing prepared",
            "prepared, shuffled, batch 1024",
            "prepared, shuffled, batch 4096");

    @Test
    void run_smallLog_givesARowForEachWayAndLeavesNothingBehind() throws Exception {
        List<String> notices = new ArrayList<>();

        DataReport report = DataBench.run(new DataBench.Options(3000, 0.01), notices::add);

        List<String> expected = new ArrayList<>(WAYS);
        WAYS.forEach(way -> expected.add(way + ", history"));
        assertThat(report.rows()).extracting(DataRow::name).containsExactlyElementsOf(expected);
        assertThat(report.rows())
                .allSatisfy(row -> assertThat(row.value()).isPositive())
                .allSatisfy(row -> assertThat(row.unit()).isEqualTo("rows/s"));
        List<String> made =
                notices.stream().filter(notice -> notice.startsWith("making")).toList();
        assertThat(made).hasSize(2).allSatisfy(notice -> {
            Path folder = Path.of(notice.substring(notice.lastIndexOf(" in ") + " in ".length()));
            assertThat(folder.isAbsolute()).isTrue();
            assertThat(folder).doesNotExist();
        });
    }

    @Test
    void run_failureHalfway_leavesNothingBehind() {
        List<String> notices = new ArrayList<>();

        assertThatThrownBy(() -> DataBench.run(new DataBench.Options(1000, 0.01), notice -> {
                    notices.add(notice);
                    if (notice.equals("measuring")) {
                        throw new IllegalStateException("stopped");
                    }
                }))
                .hasMessage("stopped");

        String making = notices.get(0);
        assertThat(Path.of(making.substring(making.lastIndexOf(" in ") + " in ".length())))
                .doesNotExist();
    }

    @Test
    void folder_endOfTheProcess_isRemovedWithAllInIt() throws Exception {
        try (BenchFolder folder = BenchFolder.create()) {
            Files.writeString(
                    Files.createDirectory(folder.path().resolve("deep")).resolve("file"), "text");

            folder.removeAtTheEnd();

            assertThat(folder.path()).doesNotExist();
        }
    }

    @Test
    void options_outOfRange_sayWhatIsAllowed() {
        assertThatThrownBy(() -> new DataBench.Options(999, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows must be from 1,000 to 1,000,000,000, not 999");
        assertThatThrownBy(() -> new DataBench.Options(1000, Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("seconds must be above 0 and at most 3600, not NaN");
    }

    @Test
    void table_rowsWithAndWithoutTarget_alignsColumns() {
        DataRow with = new DataRow("CSV to batches", "rows/s", 150_000, 100_000.0, 1.5, 0.45, 45e6, 4);
        DataRow without = new DataRow("encoding", "rows/s", 400_000, null, null, null, null, 10);

        assertThat(new DataReport(1_000_000, 20, List.of(with, without)).table())
                .isEqualTo("""
                        1,000,000 rows of 40 features; one thread; copies in memory: 20.0 GB/s

                        way              rows/s  spread   target  ratio  MB/s  % of copy
                        CSV to batches  150,000      4%  100,000   1.50    45       0.5%
                        encoding        400,000     10%        -      -     -          -""");
    }

    @Test
    void log_withHistory_hasFortyFeaturesAndIsTheSameEachTime() {
        MadeLog log = new MadeLog(5000, true);

        assertThat(log.schema().features()).hasSize(MadeLog.FEATURES);
        assertThat(log.columns()).hasSize(MadeLog.FEATURES + 2);
        assertThat(texts(log, "c7")).isEqualTo(texts(log, "c7")).hasSize(5000);
    }

    private static List<String> texts(MadeLog log, String column) {
        List<String> values = new ArrayList<>();
        try (RowSource.Reader reader = log.open(new LinkedHashSet<>(Set.of(column)))) {
            for (RawChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                Map<String, RawColumn> columns = chunk.columns();
                RawColumn.Texts texts = (RawColumn.Texts) columns.get(column);
                for (int row = 0; row < chunk.rows(); row++) {
                    values.add(texts.isNull(row) ? "(none)" : texts.value(row));
                }
            }
        }
        return values;
    }
}
