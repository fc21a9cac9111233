package dev.marquee.train;

/** Asks to stop after a number of steps. */
final class StopAfter implements Progress {
    private final int steps;
    private int made;

    StopAfter(int steps) {
        this.steps = steps;
    }

    @Override
    public void step(int samples, double meanLoss, double waitingShare) {
        made++;
    }

    @Override
    public boolean stopRequested() {
        return made >= steps;
    }
}
