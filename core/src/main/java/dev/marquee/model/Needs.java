package dev.marquee.model;

import dev.marquee.schema.FeatureLayout;
import java.util.stream.Collectors;

/** What networks need of a schema; the messages name the network and what is missing. */
final class Needs {
    private Needs() {}

    /** At least one feature of whatever kind. */
    static void features(FeatureLayout layout, String network) {
        if (layout.denseSize() == 0 && layout.tables().isEmpty()) {
            throw new IllegalArgumentException(network + " needs at least one feature, and the schema has none");
        }
    }

    /** At least one feature of ids. */
    static void ids(FeatureLayout layout, String network) {
        if (layout.tables().isEmpty()) {
            throw new IllegalArgumentException(
                    network + " needs at least one feature of kind categorical, bag or sequence,"
                            + " and the schema has only numbers: choose another model, such as dnn or dcn_v2");
        }
    }

    /** Exactly one label. */
    static void oneLabel(FeatureLayout layout, String network) {
        if (layout.labels().size() > 1) {
            throw new IllegalArgumentException(network
                    + " has one factorization machine, which predicts one label, and the"
                    + " schema has " + layout.labels().size() + ": "
                    + layout.labels().stream().map(FeatureLayout.Label::name).collect(Collectors.joining(", "))
                    + ": keep one of them, or choose a model for several, such as dnn or mmoe");
        }
    }
}
