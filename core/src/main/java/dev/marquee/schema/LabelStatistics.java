package dev.marquee.schema;

/** What the training rows say about one label. */
final class LabelStatistics {
    private final LabelConfig label;
    private long zeros;
    private long ones;
    private double weightOfZeros;
    private double weightOfOnes;

    LabelStatistics(LabelConfig label) {
        this.label = label;
    }

    void add(float value, float weight) {
        if (value == 1) {
            ones++;
            weightOfOnes += weight;
        } else if (value == 0) {
            zeros++;
            weightOfZeros += weight;
        }
    }

    /** The share of ones by weight; refused where there is nothing to learn. */
    double baseRate() {
        String name = label.name();
        if (zeros + ones == 0) {
            throw new RowException(
                    "no training row has a label " + name + ": column " + label.source() + " is empty; name another");
        }
        if (zeros == 0 || ones == 0) {
            throw new RowException("every row has " + name + " = " + (ones == 0 ? 0 : 1) + ": nothing to learn ("
                    + (zeros + ones) + " training rows"
                    + (label.positive().isEmpty() ? ")" : "; positive: " + String.join(", ", label.positive()) + ")")
                    + "; name another label, or give more rows");
        }
        if (weightOfZeros == 0 || weightOfOnes == 0) {
            throw new RowException(
                    weightOfZeros + weightOfOnes == 0
                            ? "every row with a label " + name + " has the weight 0: nothing to learn"
                            : "every row with a weight above 0 has " + name + " = " + (weightOfOnes == 0 ? 0 : 1)
                                    + ": nothing to learn");
        }
        return weightOfOnes / (weightOfZeros + weightOfOnes);
    }
}
