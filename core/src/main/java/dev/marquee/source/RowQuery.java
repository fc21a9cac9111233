package dev.marquee.source;

import dev.marquee.schema.RawChunk;
import java.sql.SQLException;
import java.util.List;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/** The rows of one relation, as they come: nothing is held but the chunk at hand. One thread. */
final class RowQuery implements AutoCloseable {
    private final Duck duck;
    private final String relation;
    private final String source;
    private final RowPlan plan;
    private @Nullable DuckDBPreparedStatement statement;
    private @Nullable DuckDBChunkedResult result;
    private long row = 1;

    /**
     * Begins.
     *
     * @param relation what stands after FROM
     * @param columns those wanted
     * @param source where the rows come from, for messages
     */
    RowQuery(Duck duck, String relation, List<Duck.Column> columns, String source) {
        this.duck = duck;
        this.relation = relation;
        this.source = source;
        this.plan = new RowPlan(columns);
        try {
            statement = (DuckDBPreparedStatement) duck.connection().prepareStatement(plan.query(relation));
            result = statement.query();
        } catch (SQLException e) {
            close();
            throw DuckFaults.of(source, e);
        }
    }

    /** The next rows; null at the end. */
    @Nullable
    RawChunk next() {
        while (result != null) {
            if (!result.nextChunk()) {
                close();
                throw fault();
            }
            DuckDBDataChunkReader chunk = result.chunk();
            int rows = Math.toIntExact(chunk.rowCount());
            DuckDBReadableVector alive = chunk.vector(0);
            boolean ended = rows > 0 && alive.getLong(rows - 1) == 0;
            int own = ended ? rows - 1 : rows;
            RawChunk decoded = own == 0 ? null : new RawChunk(source, row, own, ChunkDecoder.decode(plan, chunk, own));
            row += own;
            if (ended) {
                close();
            }
            if (decoded != null) {
                return decoded;
            }
        }
        return null;
    }

    /** Why the result ended early. The chunk interface does not tell: the cells are computed once more. */
    private SourceException fault() {
        try {
            duck.rows(plan.check(relation));
        } catch (SQLException e) {
            return DuckFaults.of(source, e);
        }
        return new SourceException(source + ": reading ended early, after row " + (row - 1)
                + ", and a second attempt did not: has it changed meanwhile, or did memory run short?");
    }

    @Override
    public void close() {
        DuckDBChunkedResult open = result;
        DuckDBPreparedStatement prepared = statement;
        result = null;
        statement = null;
        try (prepared;
                open) {
            // closed in turn
        } catch (SQLException e) {
            throw DuckFaults.of(source, e);
        }
    }
}
