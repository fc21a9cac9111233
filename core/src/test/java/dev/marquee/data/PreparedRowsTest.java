package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.data.ClickLogConfig.Prepared;
import dev.marquee.tensor.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the folders of prepared rows. */
@Timeout(120)
class PreparedRowsTest {
    private static final SplitConfig SPLIT = RowDatasetTest.split(SplitConfig.By.RANDOM, 0.2, 0.1);

    private final List<String> notices = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    Path cache;

    @Test
    void open_again_needsNeitherSourceNorFit() {
        open(Prepared.AUTO, FakeRows.of(0, 100), Disk.REAL);
        FakeRows source = FakeRows.of(0, 100);
        notices.clear();

        RowDataset again = open(Prepared.AUTO, source, Disk.REAL);

        assertThat(source.opened).hasValue(0);
        assertThat(notices).hasSize(1).allMatch(notice -> notice.startsWith("warning: the split is random"));
        assertThat(FakeBatches.rows(again.training(1, 0))).hasSize((int) again.trainingSamples());
        assertThat(again.description()).startsWith("rows.csv (prepared in " + cache.resolve("prepared"));
    }

    @Test
    void prepare_new_tellsWhatWasWritten() throws IOException {
        PreparedReport report = prepare(FakeRows.of(0, 100), Disk.REAL);

        assertThat(report.written()).isTrue();
        assertThat(report.training() + report.validation() + report.test()).isEqualTo(100);
        assertThat(report.validation()).isPositive();
        assertThat(report.test()).isPositive();
        assertThat(report.seconds()).isPositive();
        assertThat(report.folder()).hasParent(cache.resolve("prepared"));
        assertThat(report.bytes() + Files.size(report.folder().resolve("manifest.json")))
                .isEqualTo(files(report.folder()).stream()
                        .mapToLong(file -> file.toFile().length())
                        .sum());
        assertThat(prepare(FakeRows.of(0, 100), Disk.REAL).written()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"training.rows", "training.list.0", "schema.json", "schema.0", "manifest.json"})
    void open_truncatedFile_preparesAnew(String name) throws IOException {
        Path folder = prepare(FakeRows.of(0, 100), Disk.REAL).folder();
        try (FileChannel file = FileChannel.open(folder.resolve(name), StandardOpenOption.WRITE)) {
            file.truncate(file.size() - 1);
        }
        notices.clear();

        RowDataset data = open(Prepared.ALWAYS, FakeRows.of(0, 100), Disk.REAL);

        assertThat(notices)
                .anyMatch(notice ->
                        notice.contains(name + " is damaged") && notice.endsWith(": preparing the rows anew"));
        assertThat(FakeBatches.rows(data.training(1, 0))).hasSize((int) data.trainingSamples());
    }

    @ParameterizedTest
    @ValueSource(strings = {"training.rows", "training.list.0", "schema.json", "schema.0", "manifest.json"})
    void open_deletedFile_preparesAnew(String name) throws IOException {
        Path folder = prepare(FakeRows.of(0, 100), Disk.REAL).folder();
        Files.delete(folder.resolve(name));

        assertThat(prepare(FakeRows.of(0, 100), Disk.REAL).written()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"training.rows", "test.list.1", "schema.json", "schema.0"})
    void prepare_flippedBit_preparesAnew(String name) throws IOException {
        Path file = prepare(FakeRows.of(0, 100), Disk.REAL).folder().resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
        notices.clear();

        assertThat(prepare(FakeRows.of(0, 100), Disk.REAL).written()).isTrue();
        assertThat(notices)
                .contains(
                        file + " is damaged: its checksum is not the one it was written with: preparing the rows anew");
    }

    @Test
    void training_damagedOffsets_saysWhatToDelete() throws IOException {
        Path folder = prepare(FakeRows.of(0, 100), Disk.REAL).folder();
        byte[] bytes = Files.readAllBytes(folder.resolve("training.rows"));
        Arrays.fill(bytes, (byte) 0x7f);
        Files.write(folder.resolve("training.rows"), bytes);
        RowDataset data = open(Prepared.ALWAYS, FakeRows.of(0, 100), Disk.REAL);

        assertThatThrownBy(() -> FakeBatches.read(data.training(1, 0)))
                .isInstanceOf(DataException.class)
                .hasMessage("the prepared rows are damaged: delete " + folder);
    }

    @Test
    void open_changedSource_preparesAnewAndSaysWhy() {
        open(Prepared.AUTO, FakeRows.of(0, 100), Disk.REAL);
        FakeRows changed = FakeRows.of(50, 100);
        notices.clear();

        RowDataset data = open(Prepared.AUTO, changed, Disk.REAL);

        assertThat(notices)
                .anyMatch(notice -> notice.startsWith("rows.csv changed since it was prepared: preparing the rows of"));
        assertThat(FakeBatches.rows(data.training(1, 0))).allMatch(x -> x >= 50);
    }

    @Test
    void open_sourceThatChangesMeanwhile_keepsNothing() throws IOException {
        FakeRows source = FakeRows.of(0, 100);
        Disk changing = disk(Long.MAX_VALUE, Long.MAX_VALUE, () -> source.fingerprint = "other");

        assertThatThrownBy(() -> open(Prepared.ALWAYS, source, changing))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("rows.csv changed since the run began");
        assertThat(folders()).isEmpty();
    }

    @Test
    void open_diskFullWhileWriting_leavesNothingBehind() throws IOException {
        assertThatThrownBy(() -> open(Prepared.ALWAYS, FakeRows.of(0, 100), disk(Long.MAX_VALUE, 2000, () -> {})))
                .isInstanceOf(DataException.class)
                .hasMessage("the encoded rows could not be kept in " + cache.resolve("prepared")
                        + ": No space left on device; make room there, name another folder in data.prepared_path, or do"
                        + " without by data.prepared=never");
        assertThat(folders()).isEmpty();

        RowDataset data = open(Prepared.AUTO, FakeRows.of(0, 100), disk(Long.MAX_VALUE, 2000, () -> {}));

        assertThat(folders()).isEmpty();
        assertThat(notices)
                .contains("the encoded rows cannot be kept in " + cache.resolve("prepared")
                        + " (No space left on device), so the source is read and encoded anew in every epoch;"
                        + " data.prepared_path names another folder");
        assertThat(FakeBatches.rows(data.training(1, 0))).hasSize((int) data.trainingSamples());
    }

    @Test
    void open_tooLittleRoom_isSeenBeforeWriting() throws IOException {
        Disk small = disk(1000, Long.MAX_VALUE, () -> {
            throw new AssertionError("written");
        });

        assertThatThrownBy(() -> open(Prepared.ALWAYS, FakeRows.of(0, 100), small))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("about 1 MB are needed, but only 1 MB are free");
        assertThat(open(Prepared.AUTO, FakeRows.of(0, 100), small).trainingSamples())
                .isPositive();
        assertThat(folders()).isEmpty();
    }

    @Test
    void open_twoThreadsAtOnce_oneWritesAndBothRead() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        FakeRows source = FakeRows.of(0, 100);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<List<Integer>>> results = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                results.add(threads.submit(() -> {
                    together.await();
                    return FakeBatches.rows(
                            open(Prepared.ALWAYS, source, Disk.REAL).training(1, 0));
                }));
            }

            assertThat(results.get(0).get()).isEqualTo(results.get(1).get());
            assertThat(notices.stream().filter(notice -> notice.startsWith("preparing")))
                    .hasSize(1);
            assertThat(folders()).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void open_leftoversOfKilledRuns_areRemovedButNotThoseOfRunningOnes() throws IOException {
        Path root = Files.createDirectories(cache.resolve("prepared"));
        Path killed = Files.createDirectory(root.resolve("0123.aaaa.tmp"));
        Files.writeString(killed.resolve("training.rows"), "half");
        Path running = Files.createDirectory(root.resolve("4567.bbbb.tmp"));
        try (FolderLock lock = FolderLock.acquire(root.resolve("4567.lock"), () -> {})) {
            open(Prepared.ALWAYS, FakeRows.of(0, 100), Disk.REAL);
        }

        assertThat(killed).doesNotExist();
        assertThat(running).exists();
    }

    @Test
    void open_preparedPath_isUsed() {
        Path own = cache.resolve("own");
        RowDataset.Settings usual = RowDatasetTest.settings(Prepared.ALWAYS, SPLIT, true);
        RowDataset.Settings settings = new RowDataset.Settings(
                usual.schema(),
                usual.split(),
                usual.batchSize(),
                usual.shuffle(),
                usual.shuffleBlocks(),
                usual.prepared(),
                Optional.of(own.toString()),
                usual.shuffleBuffer(),
                usual.prefetch(),
                List.of("id"));

        RowDataset data = RowDataset.open(
                settings,
                new RowSources(settings, FakeRows.of(0, 100), Optional.empty(), Optional.empty()),
                3,
                notices::add,
                environment(Disk.REAL));

        assertThat(data.description()).contains(own.toString());
        assertThat(notices).contains("warning: data.keys names \"id\", which is no column of rows.csv");
    }

    @Test
    void training_aWholeEpoch_usesTheSameMemoryOverAndOver() {
        RowDataset data = open(Prepared.ALWAYS, FakeRows.of(0, 400), Disk.REAL);
        Set<Long> addresses = new HashSet<>();
        try (BatchStream stream = data.training(1, 0)) {
            for (Batch batch = stream.next(); batch != null; batch = stream.next()) {
                try (Scope scope = Scope.open()) {
                    addresses.add(batch.input(Batch.DENSE).data_ptr().address());
                }
            }
        }

        assertThat(addresses).hasSizeBetween(1, 3);
    }

    private RowDataset open(Prepared prepared, FakeRows rows, Disk disk) {
        RowDataset.Settings settings = RowDatasetTest.settings(prepared, SPLIT, true);
        return RowDataset.open(settings, sources(settings, rows), 3, notices::add, environment(disk));
    }

    private PreparedReport prepare(FakeRows rows, Disk disk) {
        RowDataset.Settings settings = RowDatasetTest.settings(Prepared.NEVER, SPLIT, true);
        return RowDataset.prepare(settings, sources(settings, rows), notices::add, environment(disk));
    }

    private static RowSources sources(RowDataset.Settings settings, FakeRows rows) {
        return new RowSources(settings, rows, Optional.empty(), Optional.empty());
    }

    private RowDataset.Environment environment(Disk disk) {
        return new RowDataset.Environment(new FakeSchemas(), disk, cache, MappedRows.SEGMENT, Long.MAX_VALUE);
    }

    private List<Path> folders() throws IOException {
        return files(cache.resolve("prepared")).stream()
                .filter(Files::isDirectory)
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** A disk that holds so many bytes. */
    private static Disk disk(long usable, long room, Runnable onCreate) {
        long[] left = {room};
        return new Disk() {
            @Override
            public WritableByteChannel create(Path file) throws IOException {
                onCreate.run();
                WritableByteChannel real = Disk.REAL.create(file);
                return new WritableByteChannel() {
                    @Override
                    public int write(ByteBuffer source) throws IOException {
                        left[0] -= source.remaining();
                        if (left[0] < 0) {
                            throw new IOException("No space left on device");
                        }
                        return real.write(source);
                    }

                    @Override
                    public boolean isOpen() {
                        return real.isOpen();
                    }

                    @Override
                    public void close() throws IOException {
                        real.close();
                    }
                };
            }

            @Override
            public long usable(Path folder) {
                return usable;
            }
        };
    }
}
