package dev.marquee.nn;

import dev.marquee.tensor.RowSubset;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Which rows of which tables one of several processes keeps.
 *
 * @param rank which process this is, from 0
 * @param world how many there are
 * @param owners by name of the table, which process has all its rows, or {@link #BY_ROW}; tables that are not named are
 *     replicated, every process has them whole
 * @param sum adds up a number over all processes, which all call it; the same bits everywhere
 */
public record Sharding(int rank, int world, Map<String, Integer> owners, DoubleUnaryOperator sum) {
    /** Row-wise: the row of an id is with the process {@code id mod world}. */
    public static final int BY_ROW = -1;

    /** One process, which has all. */
    public static final Sharding NONE = new Sharding(0, 1, Map.of(), value -> value);

    /** Checks the values. */
    public Sharding {
        owners = Map.copyOf(owners);
        if (rank < 0 || rank >= world) {
            throw new IllegalArgumentException("rank " + rank + " of " + world + " processes");
        }
        owners.forEach((table, owner) -> {
            if (owner < BY_ROW || owner >= world) {
                throw new IllegalArgumentException("table " + table + " is with process " + owner + " of " + world);
            }
        });
    }

    /**
     * Whether every process has all rows of a table.
     *
     * @param table its name
     * @return false where rows are with one process each
     */
    public boolean isReplicated(String table) {
        return !owners.containsKey(table);
    }

    /** The rows of a table that a process keeps. */
    RowSubset rows(EmbeddingTable.Slice table, int process) {
        Integer owner = owners.get(table.name());
        if (owner == null) {
            return RowSubset.all(table.rows());
        }
        if (owner == BY_ROW) {
            return new RowSubset(Math.min(process, table.rows()), world, table.rows());
        }
        return owner == process ? RowSubset.all(table.rows()) : RowSubset.none(table.rows());
    }
}
