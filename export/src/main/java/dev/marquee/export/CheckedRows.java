package dev.marquee.export;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.Dataset;
import dev.marquee.tensor.Scope;
import java.util.function.Consumer;

/** The rows that an export is checked with: recorded ones of the run's data, or made-up ones where there are none. */
final class CheckedRows {
    private CheckedRows() {}

    /**
     * Hands over batches until there were so many rows.
     *
     * @param most rows
     * @param notices told what the data's preparation says, and why rows are made up
     * @param check called with each batch in an open scope
     * @return where the rows are from
     */
    static String each(OpenRun run, int most, Consumer<String> notices, Consumer<Batch> check) {
        Dataset opened;
        try {
            opened = run.recipe().data().open(run.recipe().seed(), notices);
        } catch (RuntimeException e) {
            notices.accept(
                    "the run's data cannot be read (" + e.getMessage() + "): the check is by rows that are made up");
            try (Scope scope = Scope.open()) {
                check.accept(RowInputs.made(run, most, 1));
            }
            return "rows made up from the schema";
        }
        try (Dataset data = opened;
                BatchStream batches = data.validation()) {
            int left = most;
            while (left > 0) {
                try (Scope scope = Scope.open()) {
                    Batch batch = batches.next();
                    if (batch == null) {
                        break;
                    }
                    int rows = Math.min(left, batch.size());
                    check.accept(batch.part(0, rows));
                    left -= rows;
                }
            }
            return "validation rows of " + data.description();
        }
    }
}
