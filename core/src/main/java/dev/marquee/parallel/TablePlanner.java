package dev.marquee.parallel;

import dev.marquee.parallel.TablePlan.Placed;
import dev.marquee.parallel.TablePlan.Placement;
import dev.marquee.parallel.TablePlan.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides where the rows of embedding tables are. The same input gives the same plan.
 *
 * <p>Which tables are shared out: those that are named; else, with a budget, the largest ones, one after the other, until
 * each process has what it can hold; without one, all that are above a size below which it does not pay. How: a table that
 * is more than a process's fair share of all that is shared out, of memory or of rows that a step moves, goes row by row,
 * which is even whatever the table. The others stay whole and go, the largest first, to the process that has the least then,
 * where memory and rows count as shares of all.
 */
public final class TablePlanner {
    /** Tables of fewer bytes are replicated unless named: their rows would take longer to send than to keep. */
    static final long SMALL = 1 << 20;

    private final int world;
    private final long budget;
    private final boolean shareAll;
    private final Map<String, Placement> named;

    /**
     * What to plan for.
     *
     * @param world how many processes there are, at least 1
     * @param budget the bytes that each can hold of tables; {@link Long#MAX_VALUE} for no limit
     * @param shareAll whether all but small tables are shared out, rather than what the budget demands
     * @param named tables whose placement is given, by name
     */
    public TablePlanner(int world, long budget, boolean shareAll, Map<String, Placement> named) {
        this.world = world;
        this.budget = budget;
        this.shareAll = shareAll;
        this.named = new LinkedHashMap<>(named);
    }

    /**
     * Plans.
     *
     * @param tables in the network's order
     * @return where each is
     * @throws IllegalArgumentException when a named table does not exist, or the tables do not fit
     */
    public TablePlan plan(List<Table> tables) {
        named.keySet().forEach(name -> {
            if (tables.stream().noneMatch(table -> table.name().equals(name))) {
                throw new IllegalArgumentException("distributed names the table \"" + name + "\", but there are "
                        + tables.stream().map(Table::name).toList());
            }
        });
        Map<String, Placement> shared = new LinkedHashMap<>(named);
        List<Table> open = tables.stream()
                .filter(table -> !named.containsKey(table.name()))
                .sorted(Comparator.comparingLong(Table::bytes).reversed())
                .toList();
        TablePlan plan = place(tables, shared);
        for (Table table : open) {
            if (shareAll ? table.bytes() >= SMALL : largest(plan) > budget) {
                shared.put(table.name(), Placement.TABLE_WISE);
                plan = place(tables, shared);
            }
        }
        return fitted(tables, shared, plan);
    }

    /** Lets whole tables go row by row where that is what it takes. */
    private TablePlan fitted(List<Table> tables, Map<String, Placement> shared, TablePlan plan) {
        TablePlan fitted = plan;
        while (largest(fitted) > budget) {
            Placed whole = fitted.tables().stream()
                    .filter(placed -> placed.placement() == Placement.TABLE_WISE
                            && !named.containsKey(placed.table().name()))
                    .max(Comparator.comparingLong(placed -> placed.table().bytes()))
                    .orElse(null);
            if (whole == null) {
                throw new IllegalArgumentException("the tables do not fit: one of " + world + " processes would keep "
                        + TablePlan.mib(largest(fitted)) + " MiB of them, above distributed.table_memory_mib="
                        + TablePlan.mib(budget) + "; take more processes, raise it, or take an optimizer.sparse.name"
                        + " that remembers less\n" + fitted.describe());
            }
            shared.put(whole.table().name(), Placement.ROW_WISE);
            fitted = place(tables, shared);
        }
        return fitted;
    }

    private long largest(TablePlan plan) {
        long most = 0;
        for (int rank = 0; rank < world; rank++) {
            most = Math.max(most, plan.bytes(rank));
        }
        return most;
    }

    private TablePlan place(List<Table> tables, Map<String, Placement> shared) {
        List<Table> moved = tables.stream()
                .filter(table -> shared.getOrDefault(table.name(), Placement.REPLICATED) != Placement.REPLICATED)
                .toList();
        double bytes = Math.max(1, moved.stream().mapToLong(Table::bytes).sum());
        double load = Math.max(1, moved.stream().mapToLong(Table::load).sum());
        Map<String, Placed> placed = new LinkedHashMap<>();
        double[] costs = new double[world];
        List<Table> whole = new ArrayList<>();
        for (Table table : moved) {
            boolean isLarge = table.bytes() * (double) world > bytes || table.load() * (double) world > load;
            boolean fixed = named.containsKey(table.name());
            if (shared.get(table.name()) == Placement.ROW_WISE || (isLarge && !fixed)) {
                placed.put(table.name(), new Placed(table, Placement.ROW_WISE, 0));
            } else {
                whole.add(table);
            }
        }
        whole.sort(Comparator.comparingDouble((Table table) -> cost(table, bytes, load))
                .reversed());
        for (Table table : whole) {
            int least = 0;
            for (int rank = 1; rank < world; rank++) {
                least = costs[rank] < costs[least] ? rank : least;
            }
            costs[least] += cost(table, bytes, load);
            placed.put(table.name(), new Placed(table, Placement.TABLE_WISE, least));
        }
        return new TablePlan(
                world,
                tables.stream()
                        .map(table -> placed.getOrDefault(table.name(), new Placed(table, Placement.REPLICATED, 0)))
                        .toList());
    }

    private static double cost(Table table, double bytes, double load) {
        return table.bytes() / bytes + table.load() / load;
    }
}
