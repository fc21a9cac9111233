package dev.marquee.tensor;

/** Lets a thread of a test draw for itself, as a process of its own would. */
public final class OwnDraws {
    private OwnDraws() {}

    /** Until it is closed, this thread's random numbers are its own. */
    public static Draws open() {
        Engine.load();
        return Draws.ofThisThread();
    }
}
