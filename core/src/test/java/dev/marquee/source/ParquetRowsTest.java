package dev.marquee.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows made up of everything that is hard on texts come back as they were. */
class ParquetRowsTest {
    private static final int ROWS = 7_001;
    private static final List<@Nullable String> TEXTS = new ArrayList<>(List.of(
            "",
            "a",
            "b\0c",
            "\0",
            "line\nbreak",
            "a,b;c|d\te",
            "\"quoted\"",
            "ä",
            "中文字",
            "🙂",
            "seven77",
            "eight888",
            "nine99999",
            "sixteen sixteen!",
            "-1",
            "nan",
            " ",
            "é".repeat(1_024)));

    static {
        TEXTS.add(null);
    }

    @TempDir
    private Path folder;

    @Test
    void open_parquetOfManyRowGroups_givesEveryValueOfEveryType() throws SQLException {
        List<List<@Nullable Object>> rows = rows();
        Path written = folder.resolve("written.parquet");
        write(written, rows);
        Path grouped = folder.resolve("grouped.parquet");
        try (Duck duck = Duck.open(1)) {
            duck.execute("COPY (FROM " + Sql.text(written.toString()) + ") TO " + Sql.text(grouped.toString())
                    + " (FORMAT parquet, ROW_GROUP_SIZE 2048)");
            assertThat(duck.rows("SELECT count(DISTINCT row_group_id) FROM parquet_metadata("
                            + Sql.text(grouped.toString()) + ")"))
                    .containsExactly(List.of("4"));
        }

        assertThat(Rows.all(Rows.open(written))).isEqualTo(rows);
        assertThat(Rows.all(Rows.open(grouped))).isEqualTo(rows);
        assertThat(Rows.all(Rows.query(grouped, "FROM data"))).isEqualTo(rows);
    }

    @Test
    void open_parquet_numbersRowsThroughItsChunks() {
        Path file = folder.resolve("rows.parquet");
        write(file, rows());

        long next = 1;
        for (RawChunk chunk : Rows.chunks(Rows.open(file), Set.of("t1"))) {
            assertThat(chunk.firstRow()).isEqualTo(next);
            next += chunk.rows();
        }
        assertThat(next).isEqualTo(ROWS + 1);
    }

    private static List<List<@Nullable Object>> rows() {
        Random random = new Random(4);
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(text(random));
            row.add(random.nextInt(3) == 0 ? null : (Object) random.nextLong());
            row.add(i < 3_000 ? null : text(random)); // a first chunk without any
            row.add(number(random));
            row.add("id" + i);
            row.add(list(random, () -> text(random)));
            row.add(list(random, () -> random.nextInt(4) == 0 ? null : (Object) random.nextLong()));
            row.add(text(random));
            rows.add(row);
        }
        return rows;
    }

    private static @Nullable Double number(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> Double.NaN;
            case 1 -> null;
            default -> random.nextGaussian();
        };
    }

    private static @Nullable String text(Random random) {
        return TEXTS.get(random.nextInt(TEXTS.size()));
    }

    private static @Nullable List<@Nullable Object> list(Random random, Supplier<@Nullable Object> value) {
        if (random.nextInt(6) == 0) {
            return null;
        }
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            list.add(value.get());
        }
        return list;
    }

    private static void write(Path file, List<List<@Nullable Object>> rows) {
        try (TableWriter writer = TableWriter.open(file)) {
            Map<String, RawColumn> columns = new LinkedHashMap<>();
            columns.put("t1", texts(column(rows, 0)));
            columns.put("n1", longs(column(rows, 1)));
            columns.put("t2", texts(column(rows, 2)));
            columns.put("n2", doubles(column(rows, 3)));
            columns.put("t3", texts(column(rows, 4)));
            columns.put("l1", lists(column(rows, 5), true));
            columns.put("l2", lists(column(rows, 6), false));
            columns.put("t4", texts(column(rows, 7)));
            writer.write(rows.size(), columns);
            writer.commit();
        }
    }

    private static List<@Nullable Object> column(List<List<@Nullable Object>> rows, int index) {
        List<@Nullable Object> column = new ArrayList<>();
        rows.forEach(row -> column.add(row.get(index)));
        return column;
    }

    private static RawColumn texts(List<@Nullable Object> values) {
        return RawColumn.Texts.of(values.toArray(String[]::new));
    }

    private static RawColumn longs(List<@Nullable Object> values) {
        long[] numbers = new long[values.size()];
        boolean[] nulls = new boolean[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            nulls[i] = !(values.get(i) instanceof Long);
            numbers[i] = values.get(i) instanceof Long number ? number : 0;
        }
        return new RawColumn.Longs(numbers, nulls);
    }

    private static RawColumn doubles(List<@Nullable Object> values) {
        double[] numbers = new double[values.size()];
        boolean[] nulls = new boolean[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            nulls[i] = !(values.get(i) instanceof Double);
            numbers[i] = values.get(i) instanceof Double number ? number : 0;
        }
        return new RawColumn.Doubles(numbers, nulls);
    }

    private static RawColumn lists(List<@Nullable Object> values, boolean ofTexts) {
        int[] offsets = new int[values.size() + 1];
        boolean[] nulls = new boolean[values.size()];
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < nulls.length; i++) {
            nulls[i] = !(values.get(i) instanceof List<?>);
            if (values.get(i) instanceof List<?> list) {
                elements.addAll(list);
            }
            offsets[i + 1] = elements.size();
        }
        return new RawColumn.Lists(offsets, nulls, ofTexts ? texts(elements) : longs(elements));
    }
}
