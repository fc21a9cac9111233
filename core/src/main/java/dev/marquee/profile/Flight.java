package dev.marquee.profile;

import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;

/** Whether JDK Flight Recorder wants our events; costs next to nothing where it was never started. */
final class Flight {
    private Flight() {}

    /** Looked up only once the recorder runs. */
    private static final class Types {
        static final EventType PHASE = EventType.getEventType(PhaseEvent.class);
        static final EventType STEP = EventType.getEventType(StepEvent.class);
    }

    static boolean wantsPhases() {
        return FlightRecorder.isInitialized() && Types.PHASE.isEnabled();
    }

    static boolean wantsSteps() {
        return FlightRecorder.isInitialized() && Types.STEP.isEnabled();
    }
}
