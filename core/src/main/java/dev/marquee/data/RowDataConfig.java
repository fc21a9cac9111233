package dev.marquee.data;

import dev.marquee.source.RowSource;
import java.nio.file.Path;
import java.util.List;

/** Data that are the rows of a log. */
public sealed interface RowDataConfig extends DataConfig permits ClickLogConfig, SimulatedConfig {
    /**
     * Other rows in the same format.
     *
     * @param path a file, a folder or a glob
     * @return the rows
     * @throws DataException when there are none, or they are damaged
     */
    RowSource rows(Path path);

    /**
     * Columns that identify a row, which predictions repeat.
     *
     * @return their names
     */
    List<String> keys();
}
