package dev.marquee.metric;

/** Counts rows and refuses those that no metric can use. */
final class RowCheck {
    private final Scale scale;
    private long rows;

    RowCheck(Scale scale) {
        this.scale = scale;
    }

    Scale scale() {
        return scale;
    }

    long rows() {
        return rows;
    }

    void next(double score, double label, double weight) {
        if (!scale.allows(score)) {
            throw new IllegalArgumentException(at("score", score) + scale.allowed());
        }
        if (label != 0 && label != 1) {
            throw new IllegalArgumentException(at("label", label) + "a label must be 0 or 1");
        }
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(at("weight", weight) + "a weight must be a finite number of at least 0");
        }
        rows++;
    }

    void merge(RowCheck other) {
        requireScale(scale, other.scale);
        rows += other.rows;
    }

    static void requireScale(Scale ours, Scale theirs) {
        if (ours != theirs) {
            throw new IllegalArgumentException("a metric over " + ours + " cannot be merged with one over " + theirs
                    + ": make both with the same scale");
        }
    }

    private String at(String what, double value) {
        return "row " + (rows + 1) + ": the " + what + " is " + value + "; ";
    }
}
