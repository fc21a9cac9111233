package dev.marquee.trained;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.checkpoint.CheckpointStore;
import dev.marquee.checkpoint.Safetensors;
import dev.marquee.nn.Parameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Tensor;

/**
 * What was loaded into a network.
 *
 * @param unfinishedAt the step of the checkpoint where training is not finished; empty for final weights
 * @param maps what calibrates the scores, one for each label; empty where they are left as they are
 */
public record TrainedWeights(OptionalLong unfinishedAt, List<LabelCalibration> maps) {
    /** What the names of a network's tensors begin with in a checkpoint. */
    public static final String MODEL = "model.";

    /** The name of the state of the training in a checkpoint's metadata. */
    public static final String STATE = "marquee.training";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Copies the list. */
    public TrainedWeights {
        maps = List.copyOf(maps);
    }

    /**
     * Loads a run's final weights, with the calibration that was fitted to them, or, where training is not finished, the
     * weights of its latest checkpoint.
     *
     * @param files of the run
     * @param parameters take the values
     * @param labels of the run, in order
     * @param calibrated whether the run's recipe asks for a calibration
     * @return what was loaded
     * @throws IllegalStateException when there are no weights yet, or not the calibration
     * @throws IllegalArgumentException when names or shapes do not fit the network
     */
    public static TrainedWeights load(RunFiles files, Parameters parameters, List<String> labels, boolean calibrated) {
        if (!Files.exists(files.weights())) {
            return new TrainedWeights(OptionalLong.of(loadLatest(files, parameters)), List.of());
        }
        try (Safetensors file = Safetensors.read(files.weights())) {
            parameters.load(file.tensors(), files.weights().toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the weights " + files.weights() + ": " + RunFiles.reason(e), e);
        }
        return new TrainedWeights(
                OptionalLong.empty(), calibrated ? CalibrationFile.read(files.calibration(), labels) : List.of());
    }

    /**
     * The network's tensors in a checkpoint.
     *
     * @param checkpoint an open one
     * @return by the names that the network gives them
     */
    public static Map<String, Tensor> modelOf(Safetensors checkpoint) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        checkpoint.tensors().forEach((name, tensor) -> {
            if (name.startsWith(MODEL)) {
                tensors.put(name.substring(MODEL.length()), tensor);
            }
        });
        return tensors;
    }

    private static long loadLatest(RunFiles files, Parameters parameters) {
        CheckpointStore checkpoints = new CheckpointStore(files.checkpoints(), 1);
        try {
            Safetensors latest = checkpoints
                    .latest(message -> {})
                    .orElseThrow(() -> new IllegalStateException(files.folder() + " holds no weights yet"));
            try (latest) {
                parameters.load(modelOf(latest), "the checkpoint");
                return step(latest);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the checkpoints in " + files.checkpoints() + ": " + RunFiles.reason(e), e);
        }
    }

    private static long step(Safetensors checkpoint) {
        try {
            return JSON.readTree(checkpoint.metadata().getOrDefault(STATE, ""))
                    .path("step")
                    .asLong();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the training state is not readable: " + e.getOriginalMessage(), e);
        }
    }
}
