package dev.marquee.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A training step, for JDK Flight Recorder. */
@Name("dev.marquee.Step")
@Label("Training Step")
@Category("Marquee")
@Description("Forward, backward, exchange and update of one batch")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Step")
    long step;

    @Label("Epoch")
    int epoch;

    @Label("Samples")
    int samples;

    @Label("Loss")
    double loss;
}
