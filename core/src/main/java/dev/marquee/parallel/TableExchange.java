package dev.marquee.parallel;

/** Brings the gradients of embedding rows to the members that update them. */
interface TableExchange {
    /**
     * Exchanges; the result is kept by the open scope.
     *
     * @return how many bytes this member had for the others
     */
    long run();
}
