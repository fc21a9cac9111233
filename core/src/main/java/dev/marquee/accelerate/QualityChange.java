package dev.marquee.accelerate;

import dev.marquee.train.RowLosses;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a technique does to what is learnt from the same number of samples: the relative change of the validation loss,
 * with an interval at 95 %. It comes from a bootstrap over the validation samples (whole groups where there are groups) in
 * which both trainings keep their samples together; with several seeds it is widened to that of the mean over seeds, if
 * that is wider.
 *
 * @param loss of the baseline
 * @param candidateLoss of the technique
 * @param change the relative change, above 0 where the technique is worse
 * @param low where its interval begins
 * @param high where it ends
 * @param samples that each training saw
 * @param seeds how many trainings of each there were
 * @param rows validation samples
 * @param metrics of the baseline by name, means over seeds: accuracy, or the AUC of each label
 * @param candidateMetrics of the technique
 */
public record QualityChange(
        double loss,
        double candidateLoss,
        double change,
        double low,
        double high,
        long samples,
        int seeds,
        int rows,
        Map<String, Double> metrics,
        Map<String, Double> candidateMetrics) {
    private static final int RESAMPLES = 400;
    private static final double TAIL = 0.025;
    /** Quantiles of Student's t at 0.975 by degrees of freedom, from 1. */
    private static final double[] STUDENT = {12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262};

    /** Copies the maps. */
    public QualityChange {
        metrics = Map.copyOf(metrics);
        candidateMetrics = Map.copyOf(candidateMetrics);
    }

    /** What is said about a change and a tolerance. */
    public enum Answer {
        /** The whole interval is. */
        WITHIN,
        /** The whole interval is not. */
        BEYOND,
        /** The interval holds the tolerance. */
        UNDECIDED
    }

    /**
     * Whether the change is within a tolerance.
     *
     * @param tolerance the largest relative change for the worse that is fine
     * @return the answer
     */
    public Answer within(double tolerance) {
        return high <= tolerance ? Answer.WITHIN : low > tolerance ? Answer.BEYOND : Answer.UNDECIDED;
    }

    /**
     * Compares trainings, seed by seed.
     *
     * @param baseline what each seed's training loses on the validation samples
     * @param candidate likewise, with the same seeds on the same samples
     * @param samples that each training saw
     */
    static QualityChange of(List<RowLosses> baseline, List<RowLosses> candidate, long samples) {
        double[][] sums = unitSums(baseline, candidate);
        double weight = Arrays.stream(baseline.get(0).weights()).sum();
        double before = Arrays.stream(sums[0]).sum();
        double after = Arrays.stream(sums[1]).sum();
        double[] drawn = resample(sums);
        double low = quantile(drawn, TAIL);
        double high = quantile(drawn, 1 - TAIL);
        int seeds = baseline.size();
        if (seeds > 1) {
            double[] changes = new double[seeds];
            for (int i = 0; i < seeds; i++) {
                changes[i] = total(candidate.get(i)) / total(baseline.get(i)) - 1;
            }
            double mean = Arrays.stream(changes).average().orElse(0);
            double variance =
                    Arrays.stream(changes).map(c -> (c - mean) * (c - mean)).sum() / (seeds - 1);
            double half = STUDENT[Math.min(seeds - 1, STUDENT.length) - 1] * Math.sqrt(variance / seeds);
            low = Math.min(low, mean - half);
            high = Math.max(high, mean + half);
        }
        return new QualityChange(
                before / weight,
                after / weight,
                after / before - 1,
                low,
                high,
                samples,
                seeds,
                baseline.get(0).losses().length,
                means(baseline),
                means(candidate));
    }

    private static double total(RowLosses losses) {
        return Arrays.stream(losses.losses()).sum();
    }

    /** The losses of each unit that is drawn, a row or a group, means over seeds: [2, units]. */
    private static double[][] unitSums(List<RowLosses> baseline, List<RowLosses> candidate) {
        RowLosses first = baseline.get(0);
        int rows = first.losses().length;
        int[] unit = new int[rows];
        Arrays.setAll(unit, i -> i);
        int units = rows;
        if (first.groups().length > 0) {
            Map<Long, Integer> known = new HashMap<>();
            for (int i = 0; i < rows; i++) {
                int next = known.size();
                unit[i] = known.computeIfAbsent(first.groups()[i], group -> next);
            }
            units = known.size();
        }
        double[][] sums = new double[2][units];
        for (int seed = 0; seed < baseline.size(); seed++) {
            for (int i = 0; i < rows; i++) {
                sums[0][unit[i]] += baseline.get(seed).losses()[i] / baseline.size();
                sums[1][unit[i]] += candidate.get(seed).losses()[i] / baseline.size();
            }
        }
        return sums;
    }

    /** Relative changes of resamples in which each unit counts as often as a Poisson distribution of mean 1 says. */
    private static double[] resample(double[][] sums) {
        SplittableRandom random = new SplittableRandom(1);
        double[] changes = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double before = 0;
            double after = 0;
            for (int i = 0; i < sums[0].length; i++) {
                int count = poisson(random);
                before += count * sums[0][i];
                after += count * sums[1][i];
            }
            changes[r] = before == 0 ? 0 : after / before - 1;
        }
        Arrays.sort(changes);
        return changes;
    }

    private static int poisson(SplittableRandom random) {
        double product = random.nextDouble();
        int count = 0;
        while (product > Math.exp(-1)) {
            product *= random.nextDouble();
            count++;
        }
        return count;
    }

    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    private static Map<String, Double> means(List<RowLosses> all) {
        Map<String, Double> means = new LinkedHashMap<>();
        for (RowLosses one : all) {
            one.metrics().forEach((name, value) -> {
                if (name.equals("accuracy") || name.equals("auc") || name.endsWith(".auc")) {
                    means.merge(name, value / all.size(), Double::sum);
                }
            });
        }
        return means;
    }
}
