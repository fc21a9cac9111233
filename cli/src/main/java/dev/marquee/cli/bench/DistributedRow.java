package dev.marquee.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * A workload by some number of workers, each with a batch of its own.
 *
 * @param name the workload
 * @param workers how many processes
 * @param samplesPerSecond the median, over all workers
 * @param spreadPercent how far the turns lie apart, in per cent of the median
 * @param times how many times the samples per second of one worker
 * @param timesLow the lowest of a turn
 * @param timesHigh the highest of a turn
 * @param exchanged bytes of a step that each worker has for the others
 * @param early the share of them, from 0 to 1, whose sums were there when the backward pass ended
 * @param peer samples per second of as many processes of PyTorch; null where they were not measured
 * @param ratio to them, above 1 where this side is faster; null without them
 * @param ratioLow the lowest of a turn; null without them
 * @param ratioHigh the highest of a turn; null without them
 */
public record DistributedRow(
        String name,
        int workers,
        @JsonProperty("samples_per_second") double samplesPerSecond,
        @JsonProperty("spread_percent") double spreadPercent,
        double times,
        @JsonProperty("times_low") double timesLow,
        @JsonProperty("times_high") double timesHigh,
        @JsonProperty("bytes_a_step") double exchanged,
        @JsonProperty("early_share") double early,
        @Nullable Double peer,
        @Nullable Double ratio,
        @JsonProperty("ratio_low") @Nullable Double ratioLow,
        @JsonProperty("ratio_high") @Nullable Double ratioHigh) {}
