package dev.marquee.train;

import java.io.PrintStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a training tells the one who waits for it. Every method has a default that does nothing. */
public interface Progress {
    /**
     * Something worth knowing, in a line: what the data are, where the run lies.
     *
     * @param topic one word: {@code data}
     * @param message a line of text
     */
    default void notice(String topic, String message) {}

    /**
     * Something that may need attention.
     *
     * @param message a line of text
     */
    default void warning(String message) {}

    /**
     * An epoch begins.
     *
     * @param epoch its number, from 1
     * @param done how many of its samples were seen before, in a resumed run
     * @param samples how many samples it has
     */
    default void epochStarted(int epoch, long done, long samples) {}

    /**
     * A step was made.
     *
     * @param samples how many samples it saw
     * @param meanLoss the mean loss of the epoch so far
     * @param waitingShare the share of the epoch's time spent waiting for data, from 0 to 1
     */
    default void step(int samples, double meanLoss, double waitingShare) {}

    /**
     * An epoch ended.
     *
     * @param result what was measured
     */
    default void epochEnded(EpochResult result) {}

    /**
     * Whether training should stop after the current step and save.
     *
     * @return true to stop
     */
    default boolean stopRequested() {
        return false;
    }

    /**
     * What an epoch gave.
     *
     * @param epoch its number, from 1
     * @param trainingLoss the mean over all samples, each weighing the same
     * @param validation metrics of the validation samples by name, such as {@code loss} and {@code accuracy}
     * @param heldOut whether these samples were held out from training; otherwise they are the test data, by which
     *     nothing is chosen
     * @param best whether these are the best so far
     * @param samplesPerSecond training speed, validation left out
     */
    record EpochResult(
            int epoch,
            double trainingLoss,
            Map<String, Double> validation,
            boolean heldOut,
            boolean best,
            double samplesPerSecond) {
        /** Copies the map. */
        public EpochResult {
            validation = Collections.unmodifiableMap(new LinkedHashMap<>(validation));
        }

        /**
         * The epoch's line, such as {@code Epoch:  1  \tTraining Loss: 0.943218}.
         *
         * @return a line without its end
         */
        public String line() {
            return String.format(Locale.ROOT, "Epoch:  %d  \tTraining Loss: %.6f", epoch, trainingLoss);
        }
    }

    /**
     * Tells nothing.
     *
     * @return a progress that ignores everything
     */
    static Progress silent() {
        return new Progress() {};
    }

    /**
     * Prints the line of each epoch, and warnings.
     *
     * @param out where to
     * @return a progress for programs without a terminal
     */
    static Progress lines(PrintStream out) {
        return new Progress() {
            @Override
            public void warning(String message) {
                out.println("warning: " + message);
            }

            @Override
            public void epochEnded(EpochResult result) {
                out.println(result.line());
            }
        };
    }
}
