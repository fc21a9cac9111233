package dev.marquee.spark;

import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Makes columns of rows whose values {@link Columns} has converted. */
final class RowChunks {
    private RowChunks() {}

    /**
     * Some rows by columns.
     *
     * @param source what the rows are called in messages
     * @param first the number of the first row, from 1
     * @param rows each of the type
     */
    static RawChunk of(String source, long first, List<Row> rows, StructType type) {
        Map<String, RawColumn> columns = new LinkedHashMap<>();
        StructField[] fields = type.fields();
        for (int i = 0; i < fields.length; i++) {
            int field = i;
            List<@Nullable Object> values = new ArrayList<>(rows.size());
            rows.forEach(row -> values.add(row.get(field)));
            columns.put(fields[i].name(), column(values, fields[i].dataType()));
        }
        return new RawChunk(source, first, rows.size(), columns);
    }

    private static RawColumn column(List<@Nullable Object> values, DataType type) {
        if (type instanceof ArrayType array) {
            return lists(values, array.elementType());
        }
        if (type.equals(DataTypes.LongType)) {
            long[] numbers = new long[values.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = values.get(i) instanceof Number number ? number.longValue() : 0;
            }
            return new RawColumn.Longs(numbers, nulls(values));
        }
        if (type.equals(DataTypes.DoubleType)) {
            double[] numbers = new double[values.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = values.get(i) instanceof Number number ? number.doubleValue() : 0;
            }
            return new RawColumn.Doubles(numbers, nulls(values));
        }
        return RawColumn.Texts.of(values.stream()
                .map(value -> value == null ? null : value.toString())
                .toArray(String[]::new));
    }

    private static RawColumn lists(List<@Nullable Object> values, DataType element) {
        int[] offsets = new int[values.size() + 1];
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) instanceof scala.collection.Seq<?> list) {
                for (int at = 0; at < list.length(); at++) {
                    elements.add(list.apply(at));
                }
            }
            offsets[i + 1] = elements.size();
        }
        return new RawColumn.Lists(offsets, nulls(values), column(elements, element));
    }

    private static boolean @Nullable [] nulls(List<@Nullable Object> values) {
        boolean[] nulls = null;
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) == null) {
                nulls = nulls == null ? new boolean[values.size()] : nulls;
                nulls[i] = true;
            }
        }
        return nulls;
    }
}
