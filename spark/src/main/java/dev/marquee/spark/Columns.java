package dev.marquee.spark;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a DataFrame Marquee reads, and as what: whole numbers, numbers, texts, and lists of these. Training and
 * scoring use the same expressions, so that a value is the same in both.
 */
final class Columns {
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final List<DataType> WHOLE = List.of(
            DataTypes.BooleanType, DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);
    private static final List<DataType> FLOATING = List.of(DataTypes.FloatType, DataTypes.DoubleType);

    private Columns() {}

    /**
     * Refuses a DataFrame that lacks a column, or has one of another type.
     *
     * @param renamed the DataFrame's names for some columns
     * @throws IllegalArgumentException naming all such columns
     */
    static void require(StructType schema, Collection<String> wanted, Map<String, String> renamed) {
        List<String> faults = new ArrayList<>();
        for (String name : wanted) {
            String own = renamed.getOrDefault(name, name);
            StructField field = field(schema, own);
            if (field == null) {
                faults.add(own + ": there is no such column");
            } else if (target(field.dataType()) == null) {
                faults.add(own + ": " + field.dataType().simpleString() + " is no feature; cast it, or take it apart");
            }
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("the DataFrame does not have what the recipe reads:\n  "
                    + String.join("\n  ", faults) + "\nIts columns are " + String.join(", ", schema.fieldNames()));
        }
    }

    /** Whether a DataFrame has a column that can be read. */
    static boolean readable(StructType schema, String name) {
        StructField field = field(schema, name);
        return field != null && target(field.dataType()) != null;
    }

    /** The columns as Marquee reads them, under the recipe's names. */
    static Column[] of(StructType schema, Collection<String> wanted, Map<String, String> renamed) {
        require(schema, wanted, renamed);
        return wanted.stream()
                .map(name -> {
                    String own = renamed.getOrDefault(name, name);
                    StructField field = schema.apply(own);
                    return converted(column(own), field.dataType()).as(name);
                })
                .toArray(Column[]::new);
    }

    private static Column converted(Column column, DataType type) {
        DataType target = target(type);
        if (type instanceof TimestampType) {
            return functions.unix_micros(column);
        }
        if (type instanceof DateType) {
            return functions.unix_date(column).cast(target).multiply(functions.lit(DAY_MICROS));
        }
        return column.cast(target);
    }

    /** What a type is read as; null where it is not. */
    private static @Nullable DataType target(DataType type) {
        if (type instanceof ArrayType array) {
            DataType element = array.elementType();
            DataType target = element instanceof ArrayType || pointInTime(element) ? null : target(element);
            return target == null ? null : DataTypes.createArrayType(target);
        }
        if (WHOLE.contains(type) || pointInTime(type)) {
            return DataTypes.LongType;
        }
        if (FLOATING.contains(type) || type instanceof DecimalType) {
            return DataTypes.DoubleType;
        }
        return type instanceof StringType ? DataTypes.StringType : null;
    }

    private static boolean pointInTime(DataType type) {
        return type instanceof TimestampType || type instanceof DateType;
    }

    static @Nullable StructField field(StructType schema, String name) {
        for (StructField field : schema.fields()) {
            if (field.name().equals(name)) {
                return field;
            }
        }
        return null;
    }

    /** A column of exactly that name, whatever characters it has. */
    private static Column column(String name) {
        return functions.col("`" + name.replace("`", "``") + "`");
    }
}
