package dev.marquee.parallel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the rows of embedding tables are when several processes train together.
 *
 * @param world how many processes there are
 * @param tables all tables, in the network's order
 */
public record TablePlan(int world, List<Placed> tables) {
    private static final double MIB = 1 << 20;

    /** Copies the list. */
    public TablePlan {
        tables = List.copyOf(tables);
    }

    /**
     * A table to be placed.
     *
     * @param name its name
     * @param rows how many it has
     * @param rowBytes what a row takes, with what the optimiser remembers of it, in all widths
     * @param lookups how many of its ids a batch has at most, over all processes
     */
    public record Table(String name, long rows, long rowBytes, long lookups) {
        /** What all rows take. */
        long bytes() {
            return rows * rowBytes;
        }

        /** How many distinct rows a step moves at most. */
        long load() {
            return Math.min(rows, lookups);
        }
    }

    /** How the rows of a table are placed. */
    public enum Placement {
        /** Every process has all rows. */
        REPLICATED,
        /** One process has all rows. */
        TABLE_WISE,
        /** The row of an id is with process {@code id mod world}. */
        ROW_WISE
    }

    /**
     * A table at its place.
     *
     * @param table which
     * @param placement how
     * @param owner the process that has all rows, where one has; 0 otherwise
     */
    public record Placed(Table table, Placement placement, int owner) {
        /** What a process keeps of it, in bytes. */
        long bytes(int rank, int world) {
            return switch (placement) {
                case REPLICATED -> table.bytes();
                case TABLE_WISE -> rank == owner ? table.bytes() : 0;
                case ROW_WISE -> (table.rows() - Math.min(rank, table.rows()) + world - 1) / world * table.rowBytes();
            };
        }

        /** How many of its rows a process hands out in a step at most. */
        long load(int rank, int world) {
            return switch (placement) {
                case REPLICATED -> 0;
                case TABLE_WISE -> rank == owner ? table.load() : 0;
                case ROW_WISE -> (table.load() + world - 1) / world;
            };
        }

        private String where() {
            return switch (placement) {
                case REPLICATED -> "replicated";
                case TABLE_WISE -> "table-wise, on rank " + owner;
                case ROW_WISE -> "row-wise";
            };
        }
    }

    /**
     * Whether processes keep different rows.
     *
     * @return false where every table is replicated
     */
    public boolean isSharded() {
        return tables.stream().anyMatch(placed -> placed.placement() != Placement.REPLICATED);
    }

    /**
     * Who has the rows of the tables that are not replicated.
     *
     * @return by name, a rank, or -1 for row-wise
     */
    public Map<String, Integer> owners() {
        Map<String, Integer> owners = new LinkedHashMap<>();
        for (Placed placed : tables) {
            if (placed.placement() != Placement.REPLICATED) {
                owners.put(placed.table().name(), placed.placement() == Placement.ROW_WISE ? -1 : placed.owner());
            }
        }
        return owners;
    }

    /**
     * What a process keeps.
     *
     * @param rank which
     * @return bytes of rows, and of what the optimiser remembers of them
     */
    public long bytes(int rank) {
        return tables.stream().mapToLong(placed -> placed.bytes(rank, world)).sum();
    }

    /** How many rows a process hands out in a step at most. */
    long load(int rank) {
        return tables.stream().mapToLong(placed -> placed.load(rank, world)).sum();
    }

    /**
     * The plan as a table for people.
     *
     * @return a line for each table, and one for each process
     */
    public String describe() {
        List<String> lines = new ArrayList<>();
        int width = tables.stream()
                .mapToInt(placed -> placed.table().name().length())
                .max()
                .orElse(0);
        width = Math.max(width, "table".length());
        String format = "%-" + width + "s  %15s  %12s  %12s  %s";
        lines.add(String.format(Locale.ROOT, format, "table", "rows", "MiB", "rows a step", "placed"));
        for (Placed placed : tables) {
            lines.add(String.format(
                    Locale.ROOT,
                    format,
                    placed.table().name(),
                    String.format(Locale.ROOT, "%,d", placed.table().rows()),
                    mib(placed.table().bytes()),
                    String.format(Locale.ROOT, "%,d", placed.table().load()),
                    placed.where()));
        }
        for (int rank = 0; rank < world; rank++) {
            lines.add(String.format(
                    Locale.ROOT,
                    "rank %d keeps %s MiB and hands out at most %,d rows a step",
                    rank,
                    mib(bytes(rank)),
                    load(rank)));
        }
        return String.join("\n", lines);
    }

    static String mib(long bytes) {
        return String.format(Locale.ROOT, "%,.1f", bytes / MIB);
    }
}
