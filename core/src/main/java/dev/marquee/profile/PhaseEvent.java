package dev.marquee.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A phase of a training step, for JDK Flight Recorder. */
@Name("dev.marquee.Phase")
@Label("Phase")
@Category("Marquee")
@Description("What a training thread was busy with")
@StackTrace(false)
final class PhaseEvent extends Event {
    @Label("Phase")
    @Nullable
    String phase;

    @Label("Replica")
    int replica;
}
