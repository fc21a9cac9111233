package dev.marquee.train;

import dev.marquee.checkpoint.CheckpointStore;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.Dataset;
import dev.marquee.optim.Optimizer;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.trained.SchemaFile;
import dev.marquee.trained.TrainedWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The checkpoints of one run: weights, what the optimiser remembers, where the training stands, and the schema. */
final class TrainingCheckpoints {
    private static final String OPTIMIZER = "optimizer.";

    /** What the message of a member begins with that could not do its part. */
    private static final String FAILED = "!";

    private final RunFolder folder;
    private final Dataset data;
    private final Network network;
    private final Optimizer optimizer;
    private final Members members;
    private final CheckpointStore store;

    /**
     * Nothing is read or written yet.
     *
     * @param keep how many of the latest are kept
     */
    TrainingCheckpoints(
            RunFolder folder, int keep, Dataset data, Network network, Optimizer optimizer, Members members) {
        this.folder = folder;
        this.members = members;
        this.data = data;
        this.network = network;
        this.optimizer = optimizer;
        this.store = new CheckpointStore(folder.checkpoints(), keep);
    }

    /** Saves; the leader does, and where members share tables, each saves what it keeps. All must call it. */
    void save(TrainingState state) {
        Map<String, RowSubset> subsets = subsets();
        if (subsets.isEmpty() && !members.lead()) {
            return;
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        network.parameters().state().forEach((name, tensor) -> tensors.put(TrainedWeights.MODEL + name, tensor));
        optimizer.state().forEach((name, tensor) -> tensors.put(OPTIMIZER + name, tensor));
        Map<String, Tensor> own = new LinkedHashMap<>();
        subsets.keySet().forEach(name -> own.put(name, Objects.requireNonNull(tensors.remove(name))));
        List<String> shards = subsets.isEmpty() ? List.of() : saveShards(state.step(), own, subsets);
        if (members.lead()) {
            name(state, tensors, shards);
        }
        if (!shards.isEmpty()) {
            members.await(); // all may read it now
        }
    }

    /** Writes what all have in common, and which parts there are. */
    private void name(TrainingState state, Map<String, Tensor> tensors, List<String> shards) {
        Map<String, String> metadata = new LinkedHashMap<>(Map.of(TrainedWeights.STATE, state.toJson()));
        try (Scope scope = Scope.open()) {
            data.schema().ifPresent(schema -> {
                tensors.putAll(SchemaFile.tensors(schema));
                metadata.putAll(SchemaFile.metadata(schema));
            });
            store.save(state.step(), tensors, metadata, state.bestStep(), shards);
        } catch (IOException e) {
            throw unsaved(state.step(), RunFolder.reason(e), e);
        }
    }

    /** Every member's part, side by side; the leader names them when all are there. */
    private List<String> saveShards(long step, Map<String, Tensor> own, Map<String, RowSubset> subsets) {
        String number = members.textOfLeader(() -> {
            try {
                return String.valueOf(store.nextSave(step));
            } catch (IOException e) {
                throw unsaved(step, RunFolder.reason(e), e);
            }
        });
        String mine;
        IOException fault = null;
        try {
            int rank = members.group().rank();
            int world = members.group().size();
            mine = store.saveShard(step, Integer.parseInt(number), rank, world, own, subsets);
        } catch (IOException e) {
            fault = e;
            mine = FAILED + RunFolder.reason(e);
        }
        List<String> all = members.texts(mine);
        for (int rank = 0; rank < all.size(); rank++) {
            if (all.get(rank).startsWith(FAILED)) {
                throw unsaved(step, "rank " + rank + ": " + all.get(rank).substring(FAILED.length()), fault);
            }
        }
        return all;
    }

    private UncheckedIOException unsaved(long step, String reason, @Nullable IOException cause) {
        return new UncheckedIOException(
                "cannot save the checkpoint of step " + step + " in " + folder.checkpoints() + ": " + reason
                        + "; the checkpoints before it are whole",
                cause == null ? new IOException(reason) : cause);
    }

    /** Which rows of tables, and of what the optimiser remembers of them, are here; by the names of checkpoints. */
    private Map<String, RowSubset> subsets() {
        Map<String, RowSubset> subsets = new LinkedHashMap<>();
        network.subsets().forEach((name, rows) -> subsets.put(TrainedWeights.MODEL + name, rows));
        optimizer.subsets().forEach((name, rows) -> subsets.put(OPTIMIZER + name, rows));
        return subsets;
    }

    /**
     * Reads the latest checkpoint that is whole, this member's part of it. Where members share tables all must call this, and
     * get the same one; otherwise the leader does.
     *
     * @param warnings told of each that was passed over, and why
     * @return its content, to be closed; empty when there is none
     */
    Optional<Safetensors> latest(Consumer<String> warnings) {
        Map<String, RowSubset> subsets = subsets();
        try {
            if (subsets.isEmpty()) {
                return store.latest(warnings);
            }
            String steps = members.textOfLeader(this::steps);
            for (String step : steps.lines().toList()) {
                Optional<Safetensors> read = readTogether(Long.parseLong(step), subsets, warnings);
                if (read.isPresent()) {
                    return read;
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private String steps() {
        try {
            return store.steps().stream().map(String::valueOf).collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private UncheckedIOException unreadable(IOException e) {
        return new UncheckedIOException(
                "cannot read the checkpoints in " + folder.checkpoints() + ": " + RunFolder.reason(e), e);
    }

    private Optional<Safetensors> readTogether(long step, Map<String, RowSubset> subsets, Consumer<String> warnings) {
        Optional<Safetensors> mine = Optional.empty();
        String fault = "";
        try {
            mine = Optional.of(store.read(step, subsets));
        } catch (IOException | IllegalArgumentException e) {
            fault = FAILED + (e instanceof IOException io ? RunFolder.reason(io) : e.getMessage());
        }
        List<String> all = members.texts(fault);
        for (int rank = 0; rank < all.size(); rank++) {
            if (!all.get(rank).isEmpty()) {
                warnings.accept("passing over a damaged checkpoint, of step " + step + ": rank " + rank + ": "
                        + all.get(rank).substring(FAILED.length()));
                mine.ifPresent(Safetensors::close);
                return Optional.empty();
            }
        }
        return mine;
    }

    /**
     * Goes back to where a checkpoint was taken.
     *
     * @return where the training stood
     * @throws IllegalArgumentException when it does not fit the recipe or the data
     */
    TrainingState restore(Safetensors checkpoint) {
        TrainingState restored = stateOf(checkpoint);
        if (!restored.dataFingerprint().equals(data.fingerprint())) {
            throw new IllegalArgumentException("the training data changed since the run began (fingerprint "
                    + restored.dataFingerprint() + " then, " + data.fingerprint()
                    + " now): resume with the same data, or start a new run");
        }
        network.parameters().load(TrainedWeights.modelOf(checkpoint), "the checkpoint");
        optimizer.load(under(OPTIMIZER, checkpoint));
        return restored;
    }

    /** Loads the weights of a checkpoint that is kept for being the best. */
    void loadBest(long step) {
        try (Safetensors best = store.read(step, subsets())) {
            network.parameters().load(TrainedWeights.modelOf(best), "the best checkpoint");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the best checkpoint: " + RunFolder.reason(e), e);
        }
    }

    static TrainingState stateOf(Safetensors checkpoint) {
        return TrainingState.parse(checkpoint.metadata().getOrDefault(TrainedWeights.STATE, ""));
    }

    private static Map<String, Tensor> under(String prefix, Safetensors checkpoint) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        checkpoint.tensors().forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                tensors.put(name.substring(prefix.length()), tensor);
            }
        });
        return tensors;
    }
}
