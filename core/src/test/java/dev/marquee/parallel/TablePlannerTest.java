package dev.marquee.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.parallel.TablePlan.Placement;
import dev.marquee.parallel.TablePlan.Table;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TablePlannerTest {
    private static final long MIB = 1 << 20;
    private static final Table USER = new Table("user", 1_000_000, 64, 1_000);
    private static final Table AD = new Table("ad", 200_000, 64, 1_000);
    private static final Table SITE = new Table("site", 200_000, 64, 1_000);
    private static final Table DAY = new Table("day", 8, 64, 1_000);
    private static final List<Table> ALL = List.of(USER, AD, SITE, DAY);

    @Test
    void plan_tablesWithinTheBudget_areReplicated() {
        TablePlan plan = planner(4, 100, false, Map.of()).plan(ALL);
        assertThat(plan.isSharded()).isFalse();
        assertThat(plan.owners()).isEmpty();
    }

    @Test
    void plan_budget_sharesTheLargestTableRowByRowAndNoMore() {
        TablePlan plan = planner(4, 45, false, Map.of()).plan(ALL);
        assertThat(plan.owners()).containsExactly(Map.entry("user", -1));
        long replicated = 400_008L * 64;
        assertThat(plan.bytes(0)).isEqualTo(replicated + 250_000L * 64);
        assertThat(plan.load(3)).isEqualTo(250);
    }

    @Test
    void plan_tablesOfOneSize_stayWholeOnAProcessEach() {
        TablePlan plan = planner(2, 14, false, Map.of()).plan(List.of(AD, SITE, DAY));
        assertThat(plan.owners()).containsExactly(Map.entry("ad", 0), Map.entry("site", 1));
        assertThat(plan.bytes(0)).isEqualTo(plan.bytes(1)).isEqualTo(200_008L * 64);
    }

    /** Two tables of one process each would leave one with more rows to hand out. */
    @Test
    void plan_tableThatMostLookupsAreOf_goesRowByRow() {
        Table busy = new Table("busy", 100_000, 64, 100_000);
        TablePlan plan = planner(2, 0, true, Map.of()).plan(List.of(AD, SITE, busy));
        assertThat(plan.owners()).containsEntry("busy", -1);
        assertThat(plan.load(0)).isEqualTo(plan.load(1));
    }

    @Test
    void plan_everythingShared_leavesSmallTablesWhereTheyAre() {
        TablePlan plan = planner(3, 0, true, Map.of()).plan(ALL);
        assertThat(plan.owners().keySet()).containsExactly("user", "ad", "site");
        assertThat(plan.tables().get(3).placement()).isEqualTo(Placement.REPLICATED);
    }

    @Test
    void plan_namedTables_areWhereTheirNamesSay() {
        Map<String, Placement> named =
                Map.of("user", Placement.TABLE_WISE, "day", Placement.ROW_WISE, "ad", Placement.REPLICATED);
        TablePlan plan = planner(2, 0, true, named).plan(ALL);
        assertThat(plan.owners()).containsExactly(Map.entry("user", 0), Map.entry("site", 1), Map.entry("day", -1));
        assertThat(planner(2, 0, true, named).plan(ALL)).isEqualTo(plan);
        assertThat(plan.describe())
                .contains("user", "1,000,000", "61.0", "table-wise, on rank 0")
                .contains("rank 1 keeps");
    }

    /** Three tables of one size on two processes: whole, one would have two of them. */
    @Test
    void plan_wholeTablesThatDoNotFit_goRowByRow() {
        Table third = new Table("third", 200_000, 64, 1_000);
        TablePlan plan = planner(2, 20, false, Map.of()).plan(List.of(AD, SITE, third));
        assertThat(plan.owners()).containsValue(-1);
        assertThat(plan.bytes(0)).isLessThanOrEqualTo(20 * MIB);
        assertThat(plan.bytes(1)).isLessThanOrEqualTo(20 * MIB);
    }

    @Test
    void plan_tablesAboveTheMemoryOfAll_areRefusedSayingWhatItTakes() {
        assertThatThrownBy(() -> planner(2, 10, false, Map.of()).plan(ALL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one of 2 processes would keep 42.7 MiB")
                .hasMessageContaining("table_memory_mib=10.0")
                .hasMessageContaining("take more processes");
    }

    @Test
    void plan_nameOfNoTable_isRefusedNamingThose() {
        assertThatThrownBy(() ->
                        planner(2, 0, true, Map.of("usr", Placement.ROW_WISE)).plan(ALL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"usr\"")
                .hasMessageContaining("[user, ad, site, day]");
    }

    private static TablePlanner planner(int world, long mib, boolean shareAll, Map<String, Placement> named) {
        return new TablePlanner(world, mib == 0 ? Long.MAX_VALUE : mib * MIB, shareAll, named);
    }
}
