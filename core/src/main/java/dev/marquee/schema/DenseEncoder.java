package dev.marquee.schema;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Encodes a number by what was learnt of it. */
final class DenseEncoder {
    /** Of small counts plus one: most values of such columns are, and a logarithm takes longer than all else. */
    private static final double[] LOGARITHMS =
            IntStream.range(0, 1024).mapToDouble(Math::log1p).toArray();

    private final DenseEncoding encoding;
    private final DenseFit fit;
    private final double scale;
    private final float[] missing;

    DenseEncoder(DenseEncoding encoding, DenseFit fit) {
        this.encoding = encoding;
        this.fit = fit;
        scale = fit.deviation() == 0 ? Double.POSITIVE_INFINITY : fit.deviation(); // a constant becomes 0
        missing = new float[width()];
        if (encoding == DenseEncoding.RAW) {
            missing[0] = (float) fit.mean();
        } else if (encoding == DenseEncoding.QUANTILE) {
            missing[0] = 0.5f;
        } else if (encoding == DenseEncoding.PIECEWISE_LINEAR) {
            bins(median(), missing, 0);
        }
    }

    /** What is learnt. */
    DenseFit fit() {
        return fit;
    }

    /** How many values it makes of a number, with the one that tells that there was none. */
    int size() {
        return width() + (fit.indicator() ? 1 : 0);
    }

    /** Encodes numbers, NaN where there is none, into the zeros of {@code [rows, stride]} from a column on. */
    void encode(double[] values, int rows, float[] out, int offset, int stride) {
        int width = width();
        for (int row = 0, at = offset; row < rows; row++, at += stride) {
            double value = values[row];
            if (Double.isNaN(value)) {
                System.arraycopy(missing, 0, out, at, width);
                if (fit.indicator()) {
                    out[at + width] = 1;
                }
                continue;
            }
            double x = Math.max(fit.minimum(), Math.min(fit.maximum(), value));
            switch (encoding) {
                case RAW -> out[at] = (float) x;
                case STANDARD -> out[at] = (float) ((x - fit.mean()) / scale);
                case SIGNED_LOG -> out[at] = (float) ((signedLog(x) - fit.mean()) / scale);
                case QUANTILE -> out[at] = (float) share(x);
                case PIECEWISE_LINEAR -> bins(x, out, at);
            }
        }
    }

    /** {@code sign(x) · log(1 + |x|)}. */
    static double signedLog(double x) {
        int whole = (int) x;
        // Bits are compared, so that a negative zero stays one.
        if (whole >= 0
                && whole < LOGARITHMS.length
                && Double.doubleToRawLongBits(x) == Double.doubleToRawLongBits((double) whole)) {
            return LOGARITHMS[whole];
        }
        return Math.copySign(Math.log1p(Math.abs(x)), x);
    }

    private int width() {
        return encoding == DenseEncoding.PIECEWISE_LINEAR ? Math.max(1, fit.edges().length - 1) : 1;
    }

    /** The bin whose lower edge is the last that is not above the number. */
    private static int bin(double x, double[] edges) {
        int found = Arrays.binarySearch(edges, x);
        return Math.min(edges.length - 2, found >= 0 ? found : -found - 2);
    }

    private double share(double x) {
        double[] edges = fit.edges();
        double[] shares = fit.shares();
        if (edges.length == 1) {
            return shares[0];
        }
        int bin = bin(x, edges);
        double part = (x - edges[bin]) / (edges[bin + 1] - edges[bin]);
        return shares[bin] + part * (shares[bin + 1] - shares[bin]);
    }

    private void bins(double x, float[] out, int at) {
        double[] edges = fit.edges();
        if (edges.length == 1) {
            return;
        }
        int bin = bin(x, edges);
        Arrays.fill(out, at, at + bin, 1);
        out[at + bin] = (float) ((x - edges[bin]) / (edges[bin + 1] - edges[bin]));
    }

    /** The number with half of the training values below it, by the bins. */
    private double median() {
        double[] edges = fit.edges();
        double[] shares = fit.shares();
        if (edges.length == 1 || shares[0] >= 0.5) {
            return edges[0];
        }
        if (shares[shares.length - 1] <= 0.5) {
            return edges[edges.length - 1];
        }
        int bin = bin(0.5, shares);
        double width = shares[bin + 1] - shares[bin];
        double part = width == 0 ? 0 : (0.5 - shares[bin]) / width; // 0: edges too close to tell apart
        return edges[bin] + part * (edges[bin + 1] - edges[bin]);
    }
}
