package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickLogConfigTest {
    @TempDir
    Path folder;

    @Test
    void open_missingFile_namesIt() {
        Path missing = folder.resolve("none.csv");

        assertThatThrownBy(() -> config(Optional.of(missing.toString())).open(1, notice -> {}))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(missing.toString());
        assertThatThrownBy(() -> config(Optional.of(missing.toString())).prepare(1, notice -> {}))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(missing.toString());
    }

    @Test
    void open_noPath_saysWhatToName() {
        assertThatThrownBy(() -> config(Optional.empty()).open(1, notice -> {}))
                .isInstanceOf(DataException.class)
                .hasMessage("there is nothing to read: give data.path, or a query in data.format.sql");
    }

    private static ClickLogConfig config(Optional<String> path) {
        ClickLogConfig given = ClickLogConfig.DEFAULT;
        return new ClickLogConfig(
                path,
                Optional.empty(),
                Optional.empty(),
                given.format(),
                given.split(),
                FakeRows.schema().features(),
                FakeRows.schema().labels(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                given.strict(),
                given.batchSize(),
                given.shuffle(),
                given.prepared(),
                given.preparedPath(),
                given.shuffleBuffer(),
                given.prefetch());
    }
}
