package dev.marquee.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class GroupedAucTest {
    @Test
    void value_groupsOfDifferentSize_isWeightedByImpressions() {
        GroupedAuc grouped = GroupedAuc.exact();
        // Right in group 1 of two rows, wrong in group −5 of four, one label only in group 3.
        grouped.add(2, 1, 1, 1);
        grouped.add(1, 0, 1, 1);
        grouped.add(1, 1, 1, -5);
        grouped.add(2, 0, 1, -5);
        grouped.add(3, 0, 1, -5);
        grouped.add(4, 0, 1, -5);
        grouped.add(9, 0, 1, 3);
        assertThat(grouped.value()).isCloseTo(2.0 / 6, within(1e-15));
        assertThat(grouped.summary()).isEqualTo(new GroupedAuc.Summary(2, 1, 6, 1, 1));
        assertThat(grouped.rows()).isEqualTo(7);
    }

    @Test
    void value_everyRowInOneGroup_isTheAuc() {
        GroupedAuc grouped = GroupedAuc.exact();
        Auc auc = Auc.exact();
        for (int i = 0; i < 5000; i++) {
            double score = Math.floor(100 * GeneratedRows.uniform(1, i));
            double label = GeneratedRows.uniform(2, i) < 0.3 ? 1 : 0;
            grouped.add(score, label, 1, 42);
            auc.add(score, label);
        }
        assertThat(grouped.value()).isCloseTo(auc.value(), within(1e-12));
    }

    @Test
    void sampled_moreRowsThanRoom_isTheValueOfTheGroupsThatItKeeps() {
        GroupedAuc all = GroupedAuc.exact();
        GroupedAuc sampled = GroupedAuc.sampled(20_000);
        addUsers(all, 0, 100_000);
        addUsers(sampled, 0, 100_000);
        GroupedAuc.Summary summary = sampled.summary();
        assertThat(summary.sampledShare()).isEqualTo(0.125);
        assertThat(summary.rows() + summary.rowsLeftOut()).isBetween(10_000L, 20_000L);
        assertThat(sampled.rows()).isEqualTo(100_000);
        // 1,250 of 10,000 groups: far within three standard errors of the mean, 0.3 / √1250.
        assertThat(sampled.value()).isCloseTo(all.value(), within(0.025));
    }

    @Test
    void sampled_partsMerged_equalsAddingAll() {
        GroupedAuc all = GroupedAuc.sampled(5_000);
        addUsers(all, 0, 40_000);
        GroupedAuc few = GroupedAuc.sampled(5_000);
        addUsers(few, 0, 3_000);
        GroupedAuc many = GroupedAuc.sampled(5_000);
        addUsers(many, 3_000, 40_000);
        few.merge(many);
        assertThat(few.summary()).isEqualTo(all.summary());
        assertThat(few.value()).isCloseTo(all.value(), within(1e-12));
        assertThat(few.rows()).isEqualTo(40_000);
    }

    @Test
    void sampled_oneGroupLargerThanTheRoom_hasNoValueAndSaysWhy() {
        GroupedAuc grouped = GroupedAuc.sampled(10);
        for (int i = 0; i < 30; i++) {
            grouped.add(i, i % 2, 1, 77);
        }
        String reason = "group 77 alone has more than the 10 rows that a grouped AUC may hold here:"
                + " check that the field is a group, or allow more";
        assertThat(grouped.undefined()).contains(reason);
        assertThatThrownBy(grouped::value)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(reason);
        GroupedAuc other = GroupedAuc.sampled(10);
        other.merge(grouped);
        assertThat(other.undefined()).contains(reason);
        assertThat(other.rows()).isEqualTo(30);
    }

    @Test
    void sampled_noRoom_isRefused() {
        assertThatThrownBy(() -> GroupedAuc.sampled(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows to hold must be from 1 to 2147483639, not 0");
    }

    private static void addUsers(GroupedAuc grouped, int from, int to) {
        for (int i = from; i < to; i++) {
            double score = GeneratedRows.uniform(3, i);
            double label = GeneratedRows.uniform(4, i) < score ? 1 : 0;
            grouped.add(score, label, 1, i % 10_000);
        }
    }
}
