package dev.marquee.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A ROC curve for drawing, with at most 500 points. A point is left out where the straight line past it encloses the
 * same area to within a tolerance, the smallest that leaves few enough; the area under the points is that under the
 * whole curve to within 1e-3, and for usual curves far closer.
 *
 * @param points from (0, 0) to (1, 1); neither rate ever falls
 */
public record RocCurve(List<RocPoint> points) {
    static final int MOST = 500;
    private static final int HALVINGS = 24;
    private static final double ALL = -1;

    /** Copies the list. */
    public RocCurve {
        points = List.copyOf(points);
    }

    /**
     * The area under the points, by trapezoids.
     *
     * @return from 0 to 1
     */
    public double area() {
        double area = 0;
        for (int i = 1; i < points.size(); i++) {
            RocPoint a = points.get(i - 1);
            RocPoint b = points.get(i);
            area += (b.falsePositiveRate() - a.falsePositiveRate()) * (a.truePositiveRate() + b.truePositiveRate()) / 2;
        }
        return area;
    }

    static RocCurve of(ScoreStore store) {
        Ranking ranking = Ranking.of(store);
        Classes.require(ranking.aucUndefined());
        Path path = new Path(ranking.positives(), ranking.negatives());
        store.sweep(false, path);
        return new RocCurve(path.thin());
    }

    /** All points of a curve, and the area under it up to each. */
    private static final class Path implements ScoreStore.Cells {
        private final double positives;
        private final double negatives;
        private double positive;
        private double negative;
        private double[] x = new double[16];
        private double[] y = new double[16];
        private double[] area = new double[16];
        private int size = 1;

        Path(double positives, double negatives) {
            this.positives = positives;
            this.negatives = negatives;
        }

        @Override
        public void cell(double positive, double negative, double predicted, long rows) {
            if (size == x.length) {
                x = Arrays.copyOf(x, 2 * size);
                y = Arrays.copyOf(y, 2 * size);
                area = Arrays.copyOf(area, 2 * size);
            }
            this.positive += positive;
            this.negative += negative;
            x[size] = this.negative / negatives;
            y[size] = this.positive / positives;
            area[size] = area[size - 1] + (x[size] - x[size - 1]) * (y[size] + y[size - 1]) / 2;
            size++;
        }

        List<RocPoint> thin() {
            if (size <= MOST) {
                return points(ALL);
            }
            double tooSmall = 1e-12;
            double enough = 1;
            for (int i = 0; i < HALVINGS; i++) {
                double middle = Math.sqrt(tooSmall * enough);
                if (points(middle).size() > MOST) {
                    tooSmall = middle;
                } else {
                    enough = middle;
                }
            }
            return points(enough);
        }

        /** Goes from each kept point as far as the line encloses the same area to within the tolerance. */
        private List<RocPoint> points(double tolerance) {
            List<RocPoint> points = new ArrayList<>();
            points.add(new RocPoint(0, 0));
            int kept = 0;
            for (int i = 1; i < size; i++) {
                boolean last = i == size - 1;
                if (last || enclosed(kept, i + 1) > tolerance) {
                    points.add(new RocPoint(x[i], y[i]));
                    kept = i;
                }
            }
            return points;
        }

        private double enclosed(int from, int to) {
            return Math.abs(area[to] - area[from] - (x[to] - x[from]) * (y[to] + y[from]) / 2);
        }
    }
}
