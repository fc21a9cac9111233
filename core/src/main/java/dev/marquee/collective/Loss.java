package dev.marquee.collective;

/**
 * A member that was lost.
 *
 * @param rank which
 * @param how what was seen of it: {@code its process ended}
 */
public record Loss(int rank, String how) {}
