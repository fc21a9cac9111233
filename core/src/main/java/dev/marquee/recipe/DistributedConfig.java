package dev.marquee.recipe;

import dev.marquee.collective.Transport;
import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import dev.marquee.parallel.TablePlan;
import dev.marquee.parallel.TablePlanner;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What several processes that train together exchange. One process alone exchanges nothing.
 *
 * @param gradientCompression in how many bits dense gradients travel; those of embedding rows are never compressed
 * @param overlap whether gradients travel while the backward pass still computes others, where they are not compressed
 * @param transport what carries exchanges
 * @param localSteps how many steps each process makes by itself before all take the mean of their weights; 1 where gradients
 *     are shared in every step
 * @param tables whether embedding tables are in every process, or shared out
 * @param tableMemoryMib what a process can hold of tables, and of what the optimiser remembers of their rows
 * @param rowWise tables that are shared out row by row
 * @param tableWise tables that are each in one process
 * @param replicated tables that are in every process
 */
public record DistributedConfig(
        @About("none, or bfloat16: dense gradients travel in half of the bits, what is lost is added in the next step")
        Compression gradientCompression,

        @About("send gradients while the backward pass still computes others; the result is the same")
        boolean overlap,

        @About("auto: shared memory where all processes are on one machine, else gloo; shared_memory: refused where"
                + " they are on several; gloo: TCP")
        Transport transport,

        @About("steps that each process makes by itself, from its share of each batch, before all take the mean of"
                + " their weights and moments; 1: gradients are shared in every step")
        @Range(atLeast = 1)
        int localSteps,

        @About("replicated: every process has all embedding rows; sharded: each keeps a part of the tables of 1 MiB and"
                + " more; auto: only of as many as table_memory_mib demands, the largest first")
        Tables tables,

        @About("what a process can hold of tables, and of what the optimiser remembers of their rows, in MiB; 0 for no"
                + " limit")
        @Range(atLeast = 0)
        int tableMemoryMib,

        @About("tables to be shared out row by row, whatever the plan")
        List<String> rowWise,

        @About("tables to be in one process each, whatever the plan")
        List<String> tableWise,

        @About("tables to be in every process, whatever the plan")
        List<String> replicated)
        implements Section {
    /** The values of absent keys. */
    public static final DistributedConfig DEFAULT = new DistributedConfig(
            Compression.NONE, true, Transport.AUTO, 1, Tables.REPLICATED, 0, List.of(), List.of(), List.of());

    private static final long MIB = 1 << 20;

    /** In how many bits gradients travel. */
    public enum Compression {
        /** As they are. */
        NONE,
        /** Rounded to bfloat16; each process adds what it has lost by rounding to its next gradients. */
        BFLOAT16
    }

    /** Where the rows of embedding tables are. */
    public enum Tables {
        /** In every process. */
        REPLICATED,
        /** Shared out as far as the memory of a process demands. */
        AUTO,
        /** Shared out, small tables left aside. */
        SHARDED
    }

    /** Checks the values. */
    public DistributedConfig {
        Sections.validate(
                DistributedConfig.class,
                gradientCompression,
                overlap,
                transport,
                localSteps,
                tables,
                tableMemoryMib,
                rowWise,
                tableWise,
                replicated);
        rowWise = List.copyOf(rowWise);
        tableWise = List.copyOf(tableWise);
        replicated = List.copyOf(replicated);
    }

    @Override
    public void check(Faults faults) {
        if (tables == Tables.AUTO && tableMemoryMib == 0) {
            faults.add("table_memory_mib", "must be above 0 with tables=auto: it decides what is shared out");
        }
        if (localSteps > 1 && tables != Tables.REPLICATED) {
            faults.add(
                    "local_steps",
                    "must be 1 with tables=" + tables.name().toLowerCase(Locale.ROOT)
                            + ": each process would change rows that others look up");
        }
        if (localSteps > 1 && gradientCompression != Compression.NONE) {
            faults.add("local_steps", "must be 1 with gradient_compression: no gradients travel otherwise");
        }
        if (tables == Tables.REPLICATED) {
            refuse(faults, "row_wise", rowWise);
            refuse(faults, "table_wise", tableWise);
            refuse(faults, "replicated", replicated);
        }
        List<String> all =
                Stream.of(rowWise, tableWise, replicated).flatMap(List::stream).toList();
        all.stream()
                .filter(name -> Collections.frequency(all, name) > 1)
                .findFirst()
                .ifPresent(name -> faults.add(
                        "tables", "the table " + name + " is named twice in row_wise, table_wise and replicated"));
    }

    /**
     * What decides where tables are.
     *
     * @param world how many processes there are
     * @return the planner
     */
    public TablePlanner planner(int world) {
        Map<String, TablePlan.Placement> named = new LinkedHashMap<>();
        rowWise.forEach(name -> named.put(name, TablePlan.Placement.ROW_WISE));
        tableWise.forEach(name -> named.put(name, TablePlan.Placement.TABLE_WISE));
        replicated.forEach(name -> named.put(name, TablePlan.Placement.REPLICATED));
        long budget = tableMemoryMib == 0 ? Long.MAX_VALUE : tableMemoryMib * MIB;
        return new TablePlanner(world, budget, tables == Tables.SHARDED, named);
    }

    private static void refuse(Faults faults, String key, List<String> names) {
        if (!names.isEmpty()) {
            faults.add(
                    key, "needs tables=sharded or tables=auto: with tables=replicated all processes have all tables");
        }
    }
}
