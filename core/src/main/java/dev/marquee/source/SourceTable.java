package dev.marquee.source;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a source, open for questions in DuckDB's SQL. One thread. */
public final class SourceTable implements AutoCloseable {
    private final Duck duck;
    private final String relation;
    private final String source;
    private final List<Duck.Column> columns;

    SourceTable(Duck duck, String relation, String source, List<Duck.Column> columns) {
        this.duck = duck;
        this.relation = relation;
        this.source = source;
        this.columns = columns;
    }

    /**
     * What a query writes after FROM.
     *
     * @return a table function, or a query in brackets
     */
    public String relation() {
        return relation;
    }

    /**
     * The types of the columns, as DuckDB writes them; VARCHAR for all columns of CSV files.
     *
     * @return by name, in order
     */
    public Map<String, String> types() {
        Map<String, String> types = new LinkedHashMap<>();
        columns.forEach(column ->
                types.put(column.name(), column.type().equals(Cells.WRITTEN_TIME) ? "VARCHAR" : column.type()));
        return types;
    }

    /**
     * Asks a question with a small answer.
     *
     * @param sql a query
     * @return its rows, all values as texts
     * @throws SourceException when it fails
     */
    public List<List<@Nullable String>> rows(String sql) {
        try {
            return duck.rows(sql);
        } catch (SQLException e) {
            throw DuckFaults.of(source, e);
        }
    }

    /**
     * Keeps the result of a query as a table.
     *
     * @param name the table's, without need of quotation marks
     * @param sql the query
     */
    public void keep(String name, String sql) {
        try {
            duck.execute("CREATE TEMP TABLE " + name + " AS " + sql);
        } catch (SQLException e) {
            throw DuckFaults.of(source, e);
        }
    }

    @Override
    public void close() {
        duck.close();
    }
}
