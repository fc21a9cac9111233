package dev.marquee.source;

import dev.marquee.config.About;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.List;
import java.util.Optional;

/**
 * How files are read: the section {@code data.format}.
 *
 * @param kind which format the files have
 * @param delimiter what separates the fields of a line
 * @param header whether the first line names the columns
 * @param columns the names of the columns where no line gives them
 * @param nulls texts that stand for no value, besides the empty one
 * @param sql a query over the files, which it calls {@code data}, or over anything that DuckDB can read
 */
public record SourceConfig(
        @About("which format the files have; auto: by their names")
        Kind kind,

        @About("csv: what separates the fields of a line; absent: found out")
        Optional<String> delimiter,

        @About("csv: whether the first line names the columns; absent: found out")
        Optional<Boolean> header,

        @About("csv: the names of the columns where no line gives them")
        List<String> columns,

        @About("csv: texts that stand for no value, besides the empty one")
        List<String> nulls,

        @About("a query over the files, which it calls data, in DuckDB's SQL")
        Optional<String> sql)
        implements Section {
    /** The values of absent keys. */
    public static final SourceConfig DEFAULT =
            new SourceConfig(Kind.AUTO, Optional.empty(), Optional.empty(), List.of(), List.of(), Optional.empty());

    /** The formats. */
    public enum Kind {
        /** By the names of the files. */
        AUTO,
        /** Lines of separated fields, plain, gzipped or zstandard-compressed. */
        CSV,
        /** Apache Parquet. */
        PARQUET,
        /** One JSON object a line. */
        JSON
    }

    /** Checks the values. */
    public SourceConfig {
        columns = List.copyOf(columns);
        nulls = List.copyOf(nulls);
        Sections.validate(SourceConfig.class, kind, delimiter, header, columns, nulls, sql);
    }
}
