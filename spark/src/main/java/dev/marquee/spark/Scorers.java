package dev.marquee.spark;

import dev.marquee.train.RowScorer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The models that this executor has open: one for all tasks that score with it. One stays open when nobody uses it any
 * more, for the tasks that follow.
 */
final class Scorers {
    private static final Map<String, Open> MODELS = new LinkedHashMap<>();
    private static long opened;

    private Scorers() {}

    /** Opens a model, or takes the one that is open. Others wait while it opens. */
    static synchronized Borrowed borrow(RunLocation run) {
        Open open = MODELS.remove(run.id());
        if (open == null) {
            RunLocation.Local local = run.local();
            try {
                open = new Open(RowScorer.open(local.path()));
                opened++;
            } finally {
                if (local.temporary()) {
                    RunPlace.delete(local.path());
                }
            }
        }
        MODELS.put(run.id(), open); // the last one is the one used last
        open.users++;
        return new Borrowed(open);
    }

    /** How many models this process has opened so far. */
    static synchronized long opened() {
        return opened;
    }

    private static synchronized void giveBack(Open open) {
        open.users--;
        Iterator<Open> models = MODELS.values().iterator();
        int left = MODELS.size();
        while (models.hasNext()) {
            Open model = models.next();
            if (model.users == 0 && left > 1) {
                models.remove();
                model.scorer.close();
                left--;
            }
        }
    }

    private static final class Open {
        private final RowScorer scorer;
        private int users;

        Open(RowScorer scorer) {
            this.scorer = scorer;
        }
    }

    /** A model in use by one task. */
    static final class Borrowed {
        private final Open open;

        private Borrowed(Open open) {
            this.open = open;
        }

        RowScorer scorer() {
            return open.scorer;
        }

        /** Once, when the task has ended. */
        void giveBack() {
            Scorers.giveBack(open);
        }
    }
}
