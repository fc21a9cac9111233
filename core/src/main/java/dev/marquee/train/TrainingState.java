package dev.marquee.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;

/**
 * Where a training stands, besides its tensors: what a checkpoint needs so that a resumed run goes on exactly.
 *
 * @param step the number of updates made
 * @param epoch the epoch that the next step belongs to, from 1
 * @param batch how many batches of that epoch are done
 * @param lossSum the sum over those batches of loss × batch size
 * @param samples the number of samples in those batches
 * @param bestStep the step of the best checkpoint by the validation samples, 0 if there is none yet
 * @param bestEpoch its epoch, 0 if there is none yet
 * @param bestCost what it was chosen by, the smaller the better; infinite if there is none yet
 * @param schedule the state of the learning-rate schedule
 * @param seconds how long the run has trained, over all its sittings
 * @param dataFingerprint identifies the training samples
 */
record TrainingState(
        long step,
        int epoch,
        int batch,
        double lossSum,
        long samples,
        long bestStep,
        int bestEpoch,
        double bestCost,
        Map<String, Double> schedule,
        double seconds,
        String dataFingerprint) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    TrainingState {
        schedule = Map.copyOf(schedule);
    }

    static TrainingState start(String dataFingerprint) {
        return new TrainingState(0, 1, 0, 0, 0, 0, 0, Double.POSITIVE_INFINITY, Map.of(), 0, dataFingerprint);
    }

    static TrainingState parse(String json) {
        try {
            return JSON.readValue(json, TrainingState.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the training state is not readable: " + e.getOriginalMessage(), e);
        }
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    TrainingState afterBatch(double loss, int size) {
        return new TrainingState(
                step + 1,
                epoch,
                batch + 1,
                lossSum + loss * size,
                samples + size,
                bestStep,
                bestEpoch,
                bestCost,
                schedule,
                seconds,
                dataFingerprint);
    }

    /** With another sum of losses, as others tell it. */
    TrainingState corrected(double difference) {
        return new TrainingState(
                step,
                epoch,
                batch,
                lossSum + difference,
                samples,
                bestStep,
                bestEpoch,
                bestCost,
                schedule,
                seconds,
                dataFingerprint);
    }

    TrainingState afterEpoch() {
        return new TrainingState(
                step, epoch + 1, 0, 0, 0, bestStep, bestEpoch, bestCost, schedule, seconds, dataFingerprint);
    }

    TrainingState withBest(long newBestStep, int newBestEpoch, double newBestCost) {
        return new TrainingState(
                step,
                epoch,
                batch,
                lossSum,
                samples,
                newBestStep,
                newBestEpoch,
                newBestCost,
                schedule,
                seconds,
                dataFingerprint);
    }

    TrainingState with(Map<String, Double> newSchedule, double newSeconds) {
        return new TrainingState(
                step,
                epoch,
                batch,
                lossSum,
                samples,
                bestStep,
                bestEpoch,
                bestCost,
                newSchedule,
                newSeconds,
                dataFingerprint);
    }

    double meanLoss() {
        return samples == 0 ? Double.NaN : lossSum / samples;
    }
}
