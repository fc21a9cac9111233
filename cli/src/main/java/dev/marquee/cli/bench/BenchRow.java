package dev.marquee.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * What one benchmark gave.
 *
 * @param name the workload
 * @param unit the unit of {@code value} and {@code peer}
 * @param value the median here
 * @param peer the median of the other side, in the faster of its ways; null without one
 * @param ratio {@code value / peer}, above 1 where this side is faster; null without a peer
 * @param rooflinePercent GFLOP/s as per cent of the measured roof with the same number of threads
 * @param gflops the median rate in GFLOP/s
 * @param spreadPercent how far this side's turns lie apart, in per cent of the median
 * @param ratioLow the lowest ratio of a turn; null without a peer
 * @param ratioHigh the highest ratio of a turn; null without a peer
 * @param peerEager the median of the other side as it is; null without a peer
 * @param peerCompiled the median of its compiled network; null where none was measured
 * @param peerFault why it could not be compiled; null where it was, or nobody asked
 * @param replicas of the network here
 */
@JsonPropertyOrder({"name", "unit", "value", "peer", "ratio", "roofline_percent"})
public record BenchRow(
        String name,
        String unit,
        double value,
        @Nullable Double peer,
        @Nullable Double ratio,
        @JsonProperty("roofline_percent") double rooflinePercent,
        double gflops,
        @JsonProperty("spread_percent") double spreadPercent,
        @JsonProperty("ratio_low") @Nullable Double ratioLow,
        @JsonProperty("ratio_high") @Nullable Double ratioHigh,
        @JsonProperty("peer_eager") @Nullable Double peerEager,
        @JsonProperty("peer_compiled") @Nullable Double peerCompiled,
        @JsonProperty("peer_fault") @Nullable String peerFault,
        int replicas) {}
