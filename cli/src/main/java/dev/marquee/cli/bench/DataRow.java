package dev.marquee.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * How fast rows came.
 *
 * @param name the way
 * @param unit of {@code value} and {@code target}
 * @param value the median
 * @param target what it should be at least, null where nothing is asked for
 * @param ratio {@code value / target}, null without a target
 * @param rooflinePercent the bytes of these rows, read and written once, as per cent of the measured copy bandwidth; null
 *     where no file takes part
 * @param bytes bytes a second of the file that is read or written; null where none is
 * @param spreadPercent how far the turns lie apart, in per cent of the median
 */
@JsonPropertyOrder({"name", "unit", "value", "target", "ratio", "roofline_percent"})
public record DataRow(
        String name,
        String unit,
        double value,
        @Nullable Double target,
        @Nullable Double ratio,
        @JsonProperty("roofline_percent") @Nullable Double rooflinePercent,
        @JsonProperty("bytes_per_second") @Nullable Double bytes,
        @JsonProperty("spread_percent") double spreadPercent) {}
