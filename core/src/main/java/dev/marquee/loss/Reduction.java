package dev.marquee.loss;

/** How the losses of single elements become the loss of a batch. */
public enum Reduction {
    /** They stay as they are. */
    NONE(0),
    /** Their mean, weighted by the class weights where there are any. */
    MEAN(1),
    /** Their sum. */
    SUM(2);

    private final int code;

    Reduction(int code) {
        this.code = code;
    }

    /** The engine's number for it. */
    int code() {
        return code;
    }
}
