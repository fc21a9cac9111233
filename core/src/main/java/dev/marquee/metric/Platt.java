package dev.marquee.metric;

import java.util.Optional;

/**
 * Platt scaling: a line through log-odds,
 *
 * <pre>z' = slope · z + intercept</pre>
 *
 * that makes the weighted log loss of the rows least. So that it stays finite where the scores tell the labels apart
 * without error, the labels are pulled in as by one more row of each: with N₁ and N₀ the weights of the two labels,
 *
 * <pre>
 * label 1 becomes (N₁ + 1) / (N₁ + 2)
 * label 0 becomes 1 / (N₀ + 2)
 * </pre>
 *
 * (Platt, Probabilistic outputs for support vector machines, 1999). The minimum is found by Newton's method with
 * backtracking (Lin, Lin and Weng, A note on Platt's probabilistic outputs, 2007), on scores of mean 0 and variance 1,
 * in double precision. Their A is −slope, their B −intercept. Agrees with scikit-learn's
 * {@code CalibratedClassifierCV(method="sigmoid")} where weights have a mean of 1; weights are scaled to that, so that
 * their unit does not matter.
 *
 * <p>Two numbers learn little by heart: it suits a few hundred rows as well as millions. It keeps the order of the rows
 * where the slope is positive, as it is for any model better than chance.
 *
 * @param slope finite
 * @param intercept finite
 */
public record Platt(double slope, double intercept) implements Recalibration {
    /** Changes nothing. */
    public static final Platt IDENTITY = new Platt(1, 0);

    private static final int MOST_STEPS = 100;
    private static final double SMALLEST_STEP = 1e-10;
    private static final double SUFFICIENT = 1e-4;
    private static final double RIDGE = 1e-12;
    private static final double CONVERGED = 1e-14;
    private static final double HIDDEN_BY_ROUNDING = 1e-11;

    /** Checks. */
    public Platt {
        if (!Double.isFinite(slope) || !Double.isFinite(intercept)) {
            throw new IllegalArgumentException(
                    "slope and intercept must be finite, not " + slope + " and " + intercept);
        }
    }

    /**
     * Fits to rows. Where all have one score, the slope stays 1.
     *
     * @param rows of both labels
     * @return the line
     * @throws IllegalStateException when there are not rows of both labels
     */
    public static Platt fit(LabelledScores rows) {
        LabelledScores.Pooled pooled = rows.pooled();
        Problem problem = new Problem(pooled);
        double base = Scale.PROBABILITY.logit(problem.meanTarget);
        if (pooled.logits().length == 1) {
            return new Platt(1, base - problem.mean);
        }
        // The best line of slope 0 is where the search begins.
        Point at = problem.at(0, base);
        for (int i = 0; i < MOST_STEPS && at.steepness() > CONVERGED * problem.total; i++) {
            Optional<Point> next = problem.step(at);
            if (next.isEmpty()) {
                break;
            }
            at = next.get();
        }
        double slope = at.slope / problem.deviation;
        return new Platt(slope, at.intercept - slope * problem.mean);
    }

    @Override
    public double apply(double logit) {
        return slope * logit + intercept;
    }

    /** The loss at a line, and how it changes with slope and intercept. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Point(
            double slope, double intercept, double loss, double bySlope, double byIntercept, double[] curvature) {
        double steepness() {
            return Math.max(Math.abs(bySlope), Math.abs(byIntercept));
        }

        Point to(Problem problem, double dSlope, double dIntercept, double size) {
            return problem.at(slope + size * dSlope, intercept + size * dIntercept);
        }
    }

    /** Scores of mean 0 and variance 1 with their targets. */
    private static final class Problem {
        final double[] scores;
        final double[] weights;
        final double[] targets;
        final double mean;
        final double deviation;
        final double total;
        final double meanTarget;

        Problem(LabelledScores.Pooled pooled) {
            int count = pooled.logits().length;
            double one = (pooled.positives() + 1) / (pooled.positives() + 2);
            double zero = 1 / (pooled.negatives() + 2);
            scores = new double[count];
            weights = new double[count];
            targets = new double[count];
            total = pooled.positives() + pooled.negatives();
            Sum sum = new Sum();
            Sum target = new Sum();
            for (int i = 0; i < count; i++) {
                weights[i] = pooled.positive()[i] + pooled.negative()[i];
                targets[i] = pooled.positive()[i] * one + pooled.negative()[i] * zero;
                sum.add(weights[i] * pooled.logits()[i]);
                target.add(targets[i]);
            }
            mean = sum.value() / total;
            meanTarget = target.value() / total;
            Sum squares = new Sum();
            for (int i = 0; i < count; i++) {
                scores[i] = pooled.logits()[i] - mean;
                squares.add(weights[i] * scores[i] * scores[i]);
            }
            deviation = Math.sqrt(squares.value() / total);
            for (int i = 0; i < count; i++) {
                scores[i] /= deviation;
            }
        }

        /** −Σ (t log σ(s) + (w − t) log(1 − σ(s))) = Σ (w log(1 + e^s) − t s), with s = slope · x + intercept. */
        Point at(double slope, double intercept) {
            Sum loss = new Sum();
            Sum bySlope = new Sum();
            Sum byIntercept = new Sum();
            double[] curvature = new double[3];
            for (int i = 0; i < scores.length; i++) {
                double x = scores[i];
                double score = slope * x + intercept;
                double p = Scale.LOGIT.probability(score);
                loss.add(weights[i] * Losses.of(Scale.LOGIT, score, false) - targets[i] * score);
                double error = weights[i] * p - targets[i];
                bySlope.add(error * x);
                byIntercept.add(error);
                double curve = weights[i] * p * Scale.LOGIT.probability(-score);
                curvature[0] += curve * x * x;
                curvature[1] += curve * x;
                curvature[2] += curve;
            }
            return new Point(slope, intercept, loss.value(), bySlope.value(), byIntercept.value(), curvature);
        }

        /** One step of Newton's method; empty where none leads closer to the minimum. */
        Optional<Point> step(Point at) {
            double a = at.curvature[0] + RIDGE;
            double b = at.curvature[1];
            double c = at.curvature[2] + RIDGE;
            double determinant = a * c - b * b;
            double dSlope = -(c * at.bySlope - b * at.byIntercept) / determinant;
            double dIntercept = -(a * at.byIntercept - b * at.bySlope) / determinant;
            double expected = at.bySlope * dSlope + at.byIntercept * dIntercept;
            if (-expected < HIDDEN_BY_ROUNDING * Math.abs(at.loss)) {
                // So near to the minimum the loss does not show who is nearer; the slopes do.
                Point next = at.to(this, dSlope, dIntercept, 1);
                return Optional.of(next).filter(point -> point.steepness() < at.steepness());
            }
            for (double size = 1; size >= SMALLEST_STEP; size /= 2) {
                Point next = at.to(this, dSlope, dIntercept, size);
                if (next.loss < at.loss + SUFFICIENT * size * expected) {
                    return Optional.of(next);
                }
            }
            return Optional.empty();
        }
    }
}
