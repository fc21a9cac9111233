package dev.marquee.train;

import dev.marquee.checkpoint.CheckpointStore;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.data.Dataset;
import dev.marquee.optim.Optimizer;
import dev.marquee.tensor.Scope;
import dev.marquee.trained.SchemaFile;
import dev.marquee.trained.TrainedWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The checkpoints of one run: weights, what the optimiser remembers, where the training stands, and the schema. */
final class TrainingCheckpoints {
    private static final String OPTIMIZER = "optimizer.";

    private final RunFolder folder;
    private final Dataset data;
    private final Network network;
    private final Optimizer optimizer;
    private final CheckpointStore store;

    /**
     * Nothing is read or written yet.
     *
     * @param keep how many of the latest are kept
     */
    TrainingCheckpoints(RunFolder folder, int keep, Dataset data, Network network, Optimizer optimizer) {
        this.folder = folder;
        this.data = data;
        this.network = network;
        this.optimizer = optimizer;
        this.store = new CheckpointStore(folder.checkpoints(), keep);
    }

    void save(TrainingState state) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        network.parameters().state().forEach((name, tensor) -> tensors.put(TrainedWeights.MODEL + name, tensor));
        optimizer.state().forEach((name, tensor) -> tensors.put(OPTIMIZER + name, tensor));
        Map<String, String> metadata = new LinkedHashMap<>(Map.of(TrainedWeights.STATE, state.toJson()));
        try (Scope scope = Scope.open()) {
            data.schema().ifPresent(schema -> {
                tensors.putAll(SchemaFile.tensors(schema));
                metadata.putAll(SchemaFile.metadata(schema));
            });
            store.save(state.step(), tensors, metadata, state.bestStep());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot save the checkpoint of step " + state.step() + " in " + folder.checkpoints() + ": "
                            + RunFolder.reason(e) + "; the checkpoints before it are whole",
                    e);
        }
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
        try (Safetensors best = store.read(step)) {
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
