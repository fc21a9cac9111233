package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ClickEvaluationTest {
    @Test
    void metrics_oneLabel_haveTheirPlainNames() {
        ClickEvaluation evaluation = new ClickEvaluation(List.of("click"), List.of(), 0);
        evaluation.add(new float[] {2, -1, 0, 1}, new float[] {1, 0, 0, 1}, null, null);
        assertThat(evaluation.metrics()).containsEntry("auc", 1.0).containsKey("log_loss");
        assertThat(evaluation.metrics()).doesNotContainKey("gauc");
    }

    @Test
    void metrics_severalLabels_areNamedAfterThemAndLeaveUnknownLabelsOut() {
        ClickEvaluation evaluation = new ClickEvaluation(List.of("click", "sale"), List.of(), 0);
        evaluation.add(
                new float[] {2, 5, -1, -3, 0, 9}, new float[] {1, 1, 0, 0, 1, Float.NaN}, null, new long[] {7, 7, 7});
        Map<String, Double> metrics = evaluation.metrics();
        assertThat(metrics).containsEntry("click.auc", 1.0).containsEntry("sale.auc", 1.0);
        double sale = (Math.log1p(Math.exp(-5)) + Math.log1p(Math.exp(-3))) / 2;
        assertThat(metrics.get("sale.log_loss")).isCloseTo(sale, Offset.offset(1e-6));
    }

    @Test
    void metrics_moreRowsThanAreHeld_stayWithinTheErrorOfTheirBins() {
        ClickEvaluation held = new ClickEvaluation(List.of("click"), List.of(), 0);
        ClickEvaluation binned = new ClickEvaluation(List.of("click"), List.of(), 0, 100);
        for (int i = 0; i < 1000; i++) {
            float logit = (float) Math.sin(i * 0.37) * 3;
            float label = Math.sin(i * 1.7) + logit / 3 > 0 ? 1 : 0;
            held.add(new float[] {logit}, new float[] {label}, null, null);
            binned.add(new float[] {logit}, new float[] {label}, null, null);
        }
        assertThat(binned.metrics().get("auc")).isCloseTo(held.metrics().get("auc"), Offset.offset(1e-3));
        assertThat(binned.metrics().get("log_loss")).isCloseTo(held.metrics().get("log_loss"), Offset.offset(1e-9));
    }

    @Test
    void measured_resamplesAskedFor_givesIntervalsAroundTheMetrics() {
        ClickEvaluation evaluation = new ClickEvaluation(List.of("click"), List.of(), 50);
        for (int i = 0; i < 400; i++) {
            float logit = (float) Math.sin(i * 0.37) * 3;
            evaluation.add(new float[] {logit}, new float[] {Math.sin(i * 1.7) + logit / 3 > 0 ? 1 : 0}, null, null);
        }
        Measured measured = evaluation.measured(evaluation.metrics());
        assertThat(measured.rows()).isEqualTo(400);
        assertThat(measured.intervals().get("auc").low())
                .isLessThan(measured.metrics().get("auc"));
        assertThat(measured.intervals().get("auc").high())
                .isGreaterThan(measured.metrics().get("auc"));
        assertThat(measured.labels().get(0).scores().stream()
                        .mapToLong(bin -> bin.negatives() + bin.positives())
                        .sum())
                .isEqualTo(400);
    }

    @Test
    void rowsHash_otherLabels_differs() {
        ClickEvaluation one = new ClickEvaluation(List.of("click"), List.of(), 0);
        ClickEvaluation other = new ClickEvaluation(List.of("click"), List.of(), 0);
        one.add(new float[] {1, 2}, new float[] {1, 0}, null, null);
        other.add(new float[] {1, 2}, new float[] {0, 1}, null, null);
        assertThat(one.rowsHash()).isNotEqualTo(other.rowsHash());
    }
}
