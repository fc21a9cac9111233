package dev.marquee.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints whose tables several processes wrote: row {@code i} of the table is {@code (i, -i)} times the step. */
class ShardedCheckpointTest {
    private static final int ROWS = 11;

    @TempDir
    Path folder;

    @Test
    void read_partsOfAnyNumberOfProcesses_givesTheWholeOrTheRowsThatAreWanted() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 5);
        for (int world = 1; world <= 4; world++) {
            save(store, world, world);
            try (Safetensors whole = store.read(world)) {
                assertThat(Tensors.toFloats(whole.tensors().get("table"))).isEqualTo(table(world, RowSubset.all(ROWS)));
                assertThat(whole.tensors()).containsOnlyKeys("table", "dense");
            }
            for (RowSubset wanted : List.of(new RowSubset(1, 3, ROWS), RowSubset.none(ROWS), RowSubset.all(ROWS))) {
                try (Safetensors some = store.read(world, Map.of("table", wanted, "dense", new RowSubset(1, 2, 3)))) {
                    assertThat(Tensors.toFloats(some.tensors().get("table"))).isEqualTo(table(world, wanted));
                    assertThat(Tensors.toFloats(some.tensors().get("dense"))).containsExactly(world);
                }
            }
        }
    }

    /** A kill before the last part, or before the file that names them. */
    @Test
    void saveShard_withoutTheOthers_leavesTheCheckpointBefore() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 1);
        save(store, 4, 2);
        try (Scope scope = Scope.open()) {
            shard(store, 6, 0, 2);
            shard(store, 4, 0, 2); // of the same step: under a name of its own
        }
        List<String> warnings = new ArrayList<>();
        try (Safetensors latest = store.latest(warnings::add).orElseThrow()) {
            assertThat(Tensors.toFloats(latest.tensors().get("table"))).isEqualTo(table(4, RowSubset.all(ROWS)));
        }
        assertThat(warnings).isEmpty();
        save(store, 8, 2);
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(3)
                    .allMatch(name -> name.startsWith("step-000000000008"));
        }
    }

    @Test
    void read_partThatIsDamagedOrMissing_isNamed() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 2);
        save(store, 4, 2);
        Path part = folder.resolve("step-000000000004.save-1.rank-1-of-2.safetensors");
        byte[] whole = Files.readAllBytes(part);
        for (int at : new int[] {whole.length - 1, 40}) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            Files.write(part, damaged);
            assertThatThrownBy(() -> store.read(4))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(part.toString())
                    .hasMessageContaining("damaged");
        }
        Files.delete(part);
        assertThatThrownBy(() -> store.read(4))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(part.toString())
                .hasMessageContaining("missing");
    }

    @Test
    void save_partThatCannotBeSeen_isRefusedAndNothingWritten() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 2);
        List<String> shards = List.of("step-000000000003.save-1.rank-0-of-1.safetensors crc32c:00000000");
        assertThatThrownBy(() -> store.save(3, Map.of(), Map.of(), 0, shards))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("rank-0-of-1")
                .hasMessageContaining("the run folder must be the same for all");
        assertThat(store.steps()).isEmpty();
    }

    @Test
    void read_tableOfAnotherSize_isRefused() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 2);
        save(store, 4, 2);
        assertThatThrownBy(() -> store.read(4, Map.of("table", new RowSubset(0, 2, ROWS + 1))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is of 11 rows, not of 12");
    }

    private static void save(CheckpointStore store, long step, int world) throws IOException {
        try (Scope scope = Scope.open()) {
            List<String> shards = new ArrayList<>();
            for (int rank = 0; rank < world; rank++) {
                shards.add(shard(store, step, rank, world));
            }
            store.save(step, Map.of("dense", Tensors.full(step, DType.FLOAT32, 3)), Map.of("note", "x"), 0, shards);
        }
    }

    private static String shard(CheckpointStore store, long step, int rank, int world) throws IOException {
        RowSubset rows = new RowSubset(rank, world, ROWS);
        Tensor table = Tensors.of(table(step, rows), rows.count(), 2);
        int save = rank == 0 ? store.nextSave(step) : store.nextSave(step) - 1;
        return store.saveShard(step, save, rank, world, Map.of("table", table), Map.of("table", rows));
    }

    private static float[] table(long step, RowSubset rows) {
        float[] values = new float[(int) rows.count() * 2];
        for (int i = 0; i < rows.count(); i++) {
            values[2 * i] = step * (rows.first() + i * rows.step());
            values[2 * i + 1] = -values[2 * i];
        }
        return values;
    }
}
