package dev.marquee.recipe;

import dev.marquee.config.About;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;

/**
 * What several processes that train together exchange. One process alone exchanges nothing.
 *
 * @param gradientCompression in how many bits dense gradients travel; those of embedding rows are never compressed
 * @param overlap whether gradients travel while the backward pass still computes others, where they are not compressed
 */
public record DistributedConfig(
        @About("none, or bfloat16: dense gradients travel in half of the bits, what is lost is added in the next step")
        Compression gradientCompression,

        @About("send gradients while the backward pass still computes others; the result is the same")
        boolean overlap)
        implements Section {
    /** The values of absent keys. */
    public static final DistributedConfig DEFAULT = new DistributedConfig(Compression.NONE, true);

    /** In how many bits gradients travel. */
    public enum Compression {
        /** As they are. */
        NONE,
        /** Rounded to bfloat16; each process adds what it has lost by rounding to its next gradients. */
        BFLOAT16
    }

    /** Checks the values. */
    public DistributedConfig {
        Sections.validate(DistributedConfig.class, gradientCompression, overlap);
    }
}
