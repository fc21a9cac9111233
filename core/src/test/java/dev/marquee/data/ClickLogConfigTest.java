package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
        assertThatThrownBy(() -> config(Optional.of(missing.toString())).prepare(notice -> {}))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(missing.toString());
    }

    @Test
    void open_csvFile_givesTheSameRowsPreparedPreparedBeforeAndStreamed() throws IOException {
        Path file = folder.resolve("clicks.csv");
        StringBuilder lines = new StringBuilder("x,c,tags,seq,y\n");
        for (int i = 0; i < 500; i++) {
            lines.append(i)
                    .append(",c")
                    .append(i % 7)
                    .append(",a|b,")
                    .append(i % 9)
                    .append('|')
                    .append(i % 5);
            lines.append(',').append(i % 3 == 0 ? 1 : 0).append('\n');
        }
        Files.writeString(file, lines);
        ClickLogConfig config = config(Optional.of(file.toString()));
        List<String> notices = new ArrayList<>();

        List<String> first = rows(config, ClickLogConfig.Prepared.ALWAYS, notices);
        assertThat(first).hasSizeBetween(350, 450).doesNotHaveDuplicates();
        assertThat(notices).hasSize(1);
        assertThat(with(config, ClickLogConfig.Prepared.ALWAYS)
                        .prepare(notices::add)
                        .written())
                .isFalse();
        assertThat(rows(config, ClickLogConfig.Prepared.ALWAYS, notices)).isEqualTo(first);
        assertThat(notices).hasSize(1);
        assertThat(rows(config, ClickLogConfig.Prepared.NEVER, notices)).containsExactlyInAnyOrderElementsOf(first);
    }

    @Test
    void open_noPath_saysWhatToName() {
        assertThatThrownBy(() -> config(Optional.empty()).open(1, notice -> {}))
                .isInstanceOf(DataException.class)
                .hasMessage("there is nothing to read: give data.path, or a query in data.format.sql");
    }

    private List<String> rows(ClickLogConfig config, ClickLogConfig.Prepared prepared, List<String> notices) {
        List<String> rows = new ArrayList<>();
        try (Dataset data = with(config, prepared).open(1, notices::add);
                BatchStream stream = data.training(1, 0)) {
            for (Batch batch = stream.next(); batch != null; batch = stream.next()) {
                float[] dense = Tensors.toFloats(batch.input(Batch.DENSE));
                long[] ids = Tensors.toLongs(batch.input(Batch.IDS));
                float[] labels = Tensors.toFloats(batch.target());
                for (int i = 0; i < batch.size(); i++) {
                    rows.add(dense[i * dense.length / batch.size()] + " " + ids[i] + " " + labels[i]);
                }
            }
            assertThat(rows).hasSize((int) data.trainingSamples());
        }
        return rows;
    }

    private ClickLogConfig with(ClickLogConfig given, ClickLogConfig.Prepared prepared) {
        return new ClickLogConfig(
                given.path(),
                given.validationPath(),
                given.testPath(),
                given.format(),
                given.split(),
                given.features(),
                given.labels(),
                given.growing(),
                given.weight(),
                given.group(),
                given.time(),
                given.keys(),
                given.strict(),
                given.batchSize(),
                given.shuffle(),
                given.shuffleBlocks(),
                prepared,
                Optional.of(folder.resolve("prepared").toString()),
                given.shuffleBuffer(),
                given.prefetch());
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
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                given.strict(),
                given.batchSize(),
                given.shuffle(),
                given.shuffleBlocks(),
                given.prepared(),
                given.preparedPath(),
                given.shuffleBuffer(),
                given.prefetch());
    }
}
