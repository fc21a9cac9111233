package dev.marquee.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
    @TempDir
    Path folder;

    @Test
    void save_afterADamagedLaterOneWasPassedOver_keepsTheWholeOneHoweverFewAreKept() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 1);
        save(store, 4, 0);
        Files.write(store.file(9), new byte[] {1, 2, 3});
        save(store, 8, 0);
        assertThat(store.steps()).containsExactly(8L);
        List<String> warnings = new ArrayList<>();
        try (Safetensors latest = store.latest(warnings::add).orElseThrow()) {
            assertThat(latest.tensors()).containsOnlyKeys("weight");
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void save_more_keepsTheLatestAndTheBest() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 2);
        for (long step = 1; step <= 5; step++) {
            save(store, step, 2);
        }
        assertThat(store.steps()).containsExactly(5L, 4L, 2L);
    }

    @Test
    void save_fileLeftHalfWrittenByAKill_isCleanedAway() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 2);
        Path half = Files.write(folder.resolve(".step-000000000003.safetensors.tmp"), new byte[] {1});
        save(store, 5, 0);
        assertThat(half).doesNotExist();
    }

    private static void save(CheckpointStore store, long step, long best) throws IOException {
        try (Scope scope = Scope.open()) {
            store.save(step, Map.of("weight", Tensors.full(step, DType.FLOAT32, 3)), Map.of("note", "x"), best);
        }
    }
}
