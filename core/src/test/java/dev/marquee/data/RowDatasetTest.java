package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.data.ClickLogConfig.Prepared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class RowDatasetTest {
    private static final SplitConfig RANDOM = split(SplitConfig.By.RANDOM, 0.2, 0.1);
    private static final SplitConfig WHOLE = split(SplitConfig.By.RANDOM, 0, 0);

    private final List<String> notices = new ArrayList<>();
    private final FakeSchemas schemas = new FakeSchemas();

    @TempDir
    Path cache;

    @ParameterizedTest
    @EnumSource(Prepared.class)
    void training_anyForm_givesEveryRowOnceInAnOrderOfSeedAndEpoch(Prepared prepared) {
        RowDataset data = open(prepared, WHOLE, 3, FakeRows.of(0, 250));

        List<List<Integer>> first = FakeBatches.read(data.training(1, 0));
        List<Integer> rows = first.stream().flatMap(List::stream).toList();

        assertThat(first).hasSize(16).allSatisfy(batch -> assertThat(batch).hasSizeLessThanOrEqualTo(16));
        assertThat(rows).containsExactlyInAnyOrderElementsOf(range(0, 250)).isNotEqualTo(range(0, 250));
        assertThat(data.trainingSamples()).isEqualTo(250);
        assertThat(FakeBatches.read(data.training(1, 0))).isEqualTo(first);
        assertThat(FakeBatches.read(data.training(2, 0))).isNotEqualTo(first);
        assertThat(FakeBatches.read(
                        open(prepared, WHOLE, 4, FakeRows.of(0, 250)).training(1, 0)))
                .isNotEqualTo(first);
        assertThat(FakeBatches.read(
                        open(prepared, WHOLE, 3, FakeRows.of(0, 250)).training(1, 0)))
                .isEqualTo(first);
    }

    @ParameterizedTest
    @EnumSource(Prepared.class)
    void training_resumed_givesWhatAnUninterruptedEpochGives(Prepared prepared) {
        RowDataset data = open(prepared, RANDOM, 3, FakeRows.of(0, 250));
        List<List<Integer>> all = FakeBatches.read(data.training(2, 0));

        for (int firstBatch : new int[] {1, 7, all.size() - 1, all.size()}) {
            assertThat(FakeBatches.read(data.training(2, firstBatch))).isEqualTo(all.subList(firstBatch, all.size()));
        }
        assertThatThrownBy(() -> data.training(2, all.size() + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the first batch must be 0 to " + all.size());
    }

    @ParameterizedTest
    @EnumSource(Prepared.class)
    void training_withoutShuffle_keepsTheOrderOfTheSource(Prepared prepared) {
        RowDataset data = open(settings(prepared, WHOLE, false), 3, FakeRows.of(5, 100), null, null);

        assertThat(FakeBatches.rows(data.training(1, 0))).isEqualTo(range(5, 105));
    }

    @ParameterizedTest
    @EnumSource(Prepared.class)
    void training_shares_areEachBatchDividedInOrder(Prepared prepared) {
        RowDataset data = open(prepared, WHOLE, 3, FakeRows.of(0, 243)); // 15 batches of 16, the last of 3
        List<List<Integer>> whole = FakeBatches.read(data.training(2, 0));

        for (int firstBatch : new int[] {0, 6}) {
            List<List<Integer>> together = new ArrayList<>();
            whole.subList(firstBatch, whole.size()).forEach(batch -> together.add(new ArrayList<>()));
            for (int rank = 0; rank < 5; rank++) {
                List<List<Integer>> share = FakeBatches.read(data.training(2, firstBatch, new Share(rank, 5)));
                assertThat(share).hasSameSizeAs(together);
                for (int i = 0; i < share.size(); i++) {
                    together.get(i).addAll(share.get(i));
                }
                if (rank == 0) {
                    assertThat(share.get(0)).hasSize(3);
                    assertThat(share.get(share.size() - 1)).isEmpty();
                }
            }
            assertThat(together).isEqualTo(whole.subList(firstBatch, whole.size()));
        }
    }

    @Test
    void training_preparedInSmallMappings_givesEveryRow() {
        RowDataset.Environment environment = new RowDataset.Environment(schemas, Disk.REAL, cache, 200, Long.MAX_VALUE);
        RowDataset data = open(settings(Prepared.ALWAYS, WHOLE, true), 3, FakeRows.of(0, 250), null, null, environment);

        assertThat(FakeBatches.rows(data.training(1, 0))).containsExactlyInAnyOrderElementsOf(range(0, 250));
    }

    @Test
    void training_blocksShuffled_givesEveryRowInAnOrderThatCanBeTakenUpAnywhere() {
        RowDataset.Environment environment = new RowDataset.Environment(schemas, Disk.REAL, cache, 200, Long.MAX_VALUE);
        RowDataset data = open(blocks(true), 3, FakeRows.of(0, 250), null, null, environment);
        List<List<Integer>> all = FakeBatches.read(data.training(2, 0));

        assertThat(FakeBatches.rows(data.training(2, 0)))
                .containsExactlyInAnyOrderElementsOf(range(0, 250))
                .isNotEqualTo(range(0, 250));
        assertThat(FakeBatches.read(data.training(1, 0))).isNotEqualTo(all);
        for (int firstBatch : new int[] {1, 7, all.size() - 1, all.size()}) {
            assertThat(FakeBatches.read(data.training(2, firstBatch))).isEqualTo(all.subList(firstBatch, all.size()));
        }
    }

    @ParameterizedTest
    @CsvSource({"1000, false, true", "1000, true, false", "1000000000, false, false"})
    void open_preparedRowsLargerThanMemory_saysThatBlocksCanBeShuffled(long memory, boolean blocks, boolean warned) {
        RowDataset.Environment environment =
                new RowDataset.Environment(schemas, Disk.REAL, cache, MappedRows.SEGMENT, memory);

        open(blocks(blocks), 3, FakeRows.of(0, 250), null, null, environment);

        assertThat(notices.stream().anyMatch(notice -> notice.contains("data.shuffle_blocks=true")))
                .isEqualTo(warned);
    }

    @ParameterizedTest
    @EnumSource(SplitConfig.By.class)
    void open_anySplit_dividesIntoDisjointPartsThatBothFormsShare(SplitConfig.By by) {
        SplitConfig split = split(by, 0.2, 0.1);
        RowDataset prepared = open(Prepared.ALWAYS, split, 3, FakeRows.of(0, 400));
        RowDataset streamed = open(Prepared.NEVER, split, 3, FakeRows.of(0, 400));

        List<Integer> training = FakeBatches.rows(prepared.training(1, 0));
        List<Integer> validation = FakeBatches.rows(prepared.validation());
        List<Integer> test = FakeBatches.rows(prepared.test());

        assertThat(Stream.of(training, validation, test).flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(range(0, 400));
        assertThat(training).hasSizeBetween(250, 310);
        assertThat(validation).hasSizeBetween(50, 110).isSorted();
        assertThat(test).hasSizeBetween(15, 65).isSorted();
        assertThat(FakeBatches.rows(streamed.training(1, 0))).containsExactlyInAnyOrderElementsOf(training);
        assertThat(FakeBatches.rows(streamed.validation())).isEqualTo(validation);
        assertThat(FakeBatches.rows(streamed.test())).isEqualTo(test);
        assertThat(prepared.validationIsHeldOut()).isTrue();
    }

    @Test
    void open_anyForm_learnsFromTheTrainingRowsOnly() {
        RowDataset data = open(Prepared.ALWAYS, RANDOM, 3, FakeRows.of(0, 250));

        assertThat(schemas.learnt.stream().map(Long::intValue))
                .containsExactlyInAnyOrderElementsOf(FakeBatches.rows(data.training(1, 0)));
        assertThat(data.schema()).get().extracting("json").isEqualTo("{\"rows\": " + schemas.learnt.size() + "}");
    }

    @Test
    void open_timeSplit_hasNoOverlap() {
        RowDataset data = open(Prepared.ALWAYS, split(SplitConfig.By.TIME, 0.2, 0.1), 3, FakeRows.of(0, 400));

        long newestTraining = FakeBatches.rows(data.training(1, 0)).stream()
                .mapToLong(FakeRows::time)
                .max()
                .orElseThrow();
        List<Integer> validation = FakeBatches.rows(data.validation());
        long oldestTest = FakeBatches.rows(data.test()).stream()
                .mapToLong(FakeRows::time)
                .min()
                .orElseThrow();

        assertThat(validation)
                .allSatisfy(x -> assertThat(FakeRows.time(x))
                        .isGreaterThan(newestTraining)
                        .isLessThan(oldestTest));
        assertThat(notices).noneMatch(notice -> notice.startsWith("warning"));
    }

    @Test
    void open_hashSplit_keepsGroupsTogether() {
        RowDataset data = open(Prepared.NEVER, split(SplitConfig.By.HASH, 0.2, 0.1), 3, FakeRows.of(0, 400));

        Set<Integer> training = groups(data.training(1, 0));
        Set<Integer> validation = groups(data.validation());
        Set<Integer> test = groups(data.test());

        assertThat(training).doesNotContainAnyElementsOf(validation).doesNotContainAnyElementsOf(test);
        assertThat(validation).doesNotContainAnyElementsOf(test);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ALWAYS", "NEVER"})
    void open_ownValidationAndTest_takeNoTrainingRows(String form) {
        RowDataset data = open(
                settings(Prepared.valueOf(form), RANDOM, true),
                3,
                FakeRows.of(0, 100),
                FakeRows.of(1000, 30),
                FakeRows.of(2000, 20));

        assertThat(FakeBatches.rows(data.training(1, 0))).containsExactlyInAnyOrderElementsOf(range(0, 100));
        assertThat(FakeBatches.rows(data.validation())).isEqualTo(range(1000, 1030));
        assertThat(FakeBatches.rows(data.test())).isEqualTo(range(2000, 2020));
        assertThat(data.validationIsHeldOut()).isTrue();
    }

    @Test
    void validation_noneHeldOut_isTheTest() {
        RowDataset data =
                open(settings(Prepared.NEVER, WHOLE, true), 3, FakeRows.of(0, 100), null, FakeRows.of(2000, 20));
        RowDataset neither = open(settings(Prepared.NEVER, WHOLE, true), 3, FakeRows.of(0, 100), null, null);

        assertThat(FakeBatches.rows(data.validation())).isEqualTo(range(2000, 2020));
        assertThat(data.validationIsHeldOut()).isFalse();
        assertThat(FakeBatches.rows(neither.test())).isEmpty();
    }

    @Test
    void open_randomSplitWithTime_warns() {
        open(Prepared.NEVER, RANDOM, 3, FakeRows.of(0, 100));

        assertThat(notices)
                .containsExactly("warning: the split is random although data.time is declared, so the model learns from"
                        + " rows that are later than those it is tested on, and its figures may be better than it is;"
                        + " data.split.by=time holds out the latest rows");
    }

    @Test
    void fingerprint_sameRows_isTheSame() {
        String first = open(Prepared.ALWAYS, RANDOM, 3, FakeRows.of(0, 100)).fingerprint();

        assertThat(open(Prepared.ALWAYS, RANDOM, 3, FakeRows.of(0, 100)).fingerprint())
                .isEqualTo(first);
        assertThat(open(Prepared.ALWAYS, RANDOM, 3, FakeRows.of(0, 101)).fingerprint())
                .isNotEqualTo(first);
    }

    @Test
    void fingerprint_anotherSeed_isThatOfAnotherOrderOfTheSameTrainingRows() {
        assertThat(open(Prepared.ALWAYS, RANDOM, 4, FakeRows.of(0, 100)).fingerprint())
                .isEqualTo(open(Prepared.ALWAYS, RANDOM, 3, FakeRows.of(0, 100)).fingerprint());
    }

    @Test
    void open_missingColumn_namesItAndThoseThereAre() {
        FakeRows rows = new FakeRows("rows.csv", 0, 10, 7, List.of("x", "C", "tags", "seq", "y", "w", "g", "t"));

        assertThatThrownBy(() -> open(Prepared.NEVER, RANDOM, 3, rows))
                .isInstanceOf(DataException.class)
                .hasMessage("rows.csv has no column \"c\", only x, C, tags, seq, y, w, g, t; did you mean \"C\"?");
    }

    @Test
    void open_noRows_saysSo() {
        assertThatThrownBy(() -> open(Prepared.ALWAYS, RANDOM, 3, FakeRows.of(0, 0)))
                .isInstanceOf(DataException.class)
                .hasMessage("rows.csv has no rows");
        assertThatThrownBy(() -> open(Prepared.NEVER, split(SplitConfig.By.TIME, 0.1, 0), 3, FakeRows.of(0, 0)))
                .isInstanceOf(DataException.class)
                .hasMessage("rows.csv has no rows");
        assertThatThrownBy(() ->
                        open(settings(Prepared.NEVER, RANDOM, true), 3, FakeRows.of(0, 9), FakeRows.of(0, 0), null))
                .isInstanceOf(DataException.class)
                .hasMessage("rows.csv has no rows");
    }

    @Test
    void open_partWithoutRows_saysWhatToDo() {
        assertThatThrownBy(() -> open(Prepared.NEVER, split(SplitConfig.By.TIME, 0.01, 0), 3, FakeRows.of(0, 1)))
                .isInstanceOf(DataException.class)
                .hasMessage("none of the 1 rows of rows.csv falls to validation: set data.split.validation to 0, or to"
                        + " more than 0.01");
    }

    @Test
    void open_refusedRow_givesItsMessage() {
        assertThatThrownBy(() -> open(Prepared.ALWAYS, WHOLE, 3, FakeRows.of(660, 100)))
                .isInstanceOf(DataException.class)
                .hasMessage("rows.csv, row 7: column x is refused");

        RowDataset streamed = open(Prepared.NEVER, WHOLE, 3, FakeRows.of(660, 100));
        assertThatThrownBy(() -> FakeBatches.read(streamed.training(1, 0)))
                .isInstanceOf(DataException.class)
                .hasMessage("rows.csv, row 7: column x is refused");
    }

    @Test
    void training_streamedSourceThatChanged_isRefused() {
        FakeRows source = FakeRows.of(0, 100);
        RowDataset data = open(Prepared.NEVER, WHOLE, 3, source);
        String before = source.fingerprint;
        source.fingerprint = "other";

        assertThatThrownBy(() -> data.training(2, 0))
                .isInstanceOf(DataException.class)
                .hasMessage("rows.csv changed since the run began (fingerprint " + before + ", now other): start the"
                        + " run again, or keep the rows it began with by data.prepared=always");

        source.fingerprint = before;
        source.missing = 1;
        assertThatThrownBy(() -> FakeBatches.read(data.training(2, 0)))
                .isInstanceOf(DataException.class)
                .hasMessage("the rows changed while they were read: there were 100 training rows when the run began,"
                        + " now there are 99; start the run again");
    }

    @Test
    void training_smallBuffer_movesNoRowForwardFurtherThanItsSize() {
        RowDataset.Settings settings = settings(Prepared.NEVER, WHOLE, true);
        List<Integer> rows = FakeBatches.rows(
                open(settings, 3, FakeRows.of(0, 250), null, null).training(1, 0));

        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i)).isLessThan(i + settings.shuffleBuffer());
        }
    }

    private RowDataset open(Prepared prepared, SplitConfig split, long seed, FakeRows rows) {
        return open(settings(prepared, split, true), seed, rows, null, null);
    }

    private RowDataset open(
            RowDataset.Settings settings,
            long seed,
            FakeRows training,
            @Nullable FakeRows validation,
            @Nullable FakeRows test) {
        return open(
                settings,
                seed,
                training,
                validation,
                test,
                new RowDataset.Environment(schemas, Disk.REAL, cache, MappedRows.SEGMENT, Long.MAX_VALUE));
    }

    private RowDataset open(
            RowDataset.Settings settings,
            long seed,
            FakeRows training,
            @Nullable FakeRows validation,
            @Nullable FakeRows test,
            RowDataset.Environment environment) {
        RowSources sources =
                new RowSources(settings, training, Optional.ofNullable(validation), Optional.ofNullable(test));
        return RowDataset.open(settings, sources, seed, notices::add, environment);
    }

    private static RowDataset.Settings blocks(boolean whether) {
        return settings(Prepared.ALWAYS, WHOLE, true, whether);
    }

    static RowDataset.Settings settings(Prepared prepared, SplitConfig split, boolean shuffle) {
        return settings(prepared, split, shuffle, false);
    }

    private static RowDataset.Settings settings(
            Prepared prepared, SplitConfig split, boolean shuffle, boolean shuffleBlocks) {
        return new RowDataset.Settings(
                FakeRows.schema(), split, 16, shuffle, shuffleBlocks, prepared, Optional.empty(), 40, 2, List.of("x"));
    }

    static SplitConfig split(SplitConfig.By by, double validation, double test) {
        return new SplitConfig(by, Optional.empty(), validation, test, 1);
    }

    private static Set<Integer> groups(BatchStream stream) {
        Set<Integer> groups = new HashSet<>();
        FakeBatches.rows(stream).forEach(x -> groups.add(x / 4));
        return groups;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
