package dev.marquee.collective;

/** What carries exchanges from process to process. */
public enum Transport {
    /** Shared memory where all processes are on one machine, else Gloo. */
    AUTO,
    /** Memory that all processes have mapped: those of one machine only. */
    SHARED_MEMORY,
    /** Gloo, over TCP. */
    GLOO
}
