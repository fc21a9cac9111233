package dev.marquee.serving;

import dev.marquee.data.Batch;
import dev.marquee.nn.Mode;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import dev.marquee.trained.RunFiles;
import dev.marquee.trained.TrainedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Scores raw features with a trained run, from any number of threads at once.
 *
 * <pre>{@code
 * try (Scorer scorer = Scorer.open(Path.of("runs/mine"))) {
 *     Scores scores = scorer.score(RankingRequest.of(user, candidates));
 *     int best = scores.order()[0];
 * }
 * }</pre>
 *
 * <p>Rows are encoded by the run's schema, as in training, and scored in float32, as by {@code marquee predict}. Scores do
 * not depend on the thread; those of batches of other sizes differ by rounding. Each calling thread computes with one
 * thread of the engine: throughput comes from several callers. The matrix library is kept to one thread too, in the whole
 * process, so a process that trains should not score.
 */
public final class Scorer implements AutoCloseable {
    private static final ThreadLocal<Boolean> PREPARED = ThreadLocal.withInitial(() -> {
        Engine.useThreads(1, 1);
        return true;
    });

    private final TrainedModel model;
    private final RequestEncoder encoder;
    private final List<String> labels;
    private final String version;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private Scorer(TrainedModel model, String version) {
        this.model = model;
        this.encoder = new RequestEncoder(model.schema());
        this.labels = model.labels();
        this.version = version;
    }

    /**
     * Opens a run: its final weights, with their calibration, or, where training is not finished, those of its latest
     * checkpoint.
     *
     * @param run the run's folder
     * @return the scorer; close it
     * @throws IllegalStateException when the folder holds no run, no weights yet, or not all that scoring needs
     * @throws IllegalArgumentException when it is a network for pictures, or a file does not fit the others
     */
    public static Scorer open(Path run) {
        TrainedModel model = TrainedModel.open(run);
        try {
            return new Scorer(model, ModelVersion.of(new RunFiles(run), model));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /**
     * Scores the candidates of a request.
     *
     * @param request raw features
     * @return probabilities, calibrated if the run is
     * @throws IllegalArgumentException when columns are missing or unknown, or a value is refused
     * @throws IllegalStateException when the scorer is closed
     */
    public Scores score(RankingRequest request) {
        return score(List.of(encode(request))).get(0);
    }

    /** Raw rows to ids and numbers; needs no native memory. */
    EncodedRequest encode(RankingRequest request) {
        return encoder.encode(request);
    }

    /** Scores several requests as one batch. */
    List<Scores> score(List<EncodedRequest> requests) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the scorer is closed");
            }
            PREPARED.get();
            float[] all;
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Batch batch = RequestBatch.of(model.schema().layout(), requests);
                all = Tensors.toFloats(
                        model.model().forward(batch, Mode.EVALUATION).sigmoid());
            }
            List<Scores> scores = new ArrayList<>(requests.size());
            int at = 0;
            for (EncodedRequest request : requests) {
                int end = at + request.rows() * labels.size();
                float[] own = requests.size() == 1 ? all : Arrays.copyOfRange(all, at, end);
                scores.add(new Scores(labels, request.rows(), own));
                at = end;
            }
            return scores;
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * What turns raw rows into tensors.
     *
     * @return the run's schema
     */
    public FeatureSchema schema() {
        return model.schema();
    }

    /**
     * What is predicted.
     *
     * @return the labels' names
     */
    public List<String> labels() {
        return labels;
    }

    /**
     * Tells one set of weights from another.
     *
     * @return eight hexadecimal digits that differ where weights, schema or calibration do
     */
    public String version() {
        return version;
    }

    /**
     * The network in words.
     *
     * @return its kind and sizes
     */
    public String describe() {
        return model.describe();
    }

    /**
     * Where training stood, if it was not finished.
     *
     * @return the step of the checkpoint that is scored with; empty for final weights
     */
    public OptionalLong unfinishedAt() {
        return model.unfinishedAt();
    }

    /** Waits for the requests that are being scored, then frees the network. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                model.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
