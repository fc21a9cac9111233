package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.ChunkBatch;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.RawChunk;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;

/**
 * Scores rows at hand with the model of a run, encoded as in training. In contrast to a {@link Run} it may be used by
 * several threads at once, each of which computes its own rows.
 */
public final class RowScorer implements AutoCloseable {
    private final Run run;
    private final FeatureSchema schema;
    private final Model model;

    private RowScorer(Run run, FeatureSchema schema) {
        this.run = run;
        this.schema = schema;
        this.model = run.scoringModel();
    }

    /**
     * Opens a run.
     *
     * @param folder the run's
     * @return the scorer; close it when no thread scores any more
     * @throws IllegalStateException when the folder holds no run, or no weights yet
     * @throws IllegalArgumentException when the run's data are pictures
     */
    public static RowScorer open(Path folder) {
        Run run = Run.open(folder);
        try {
            return new RowScorer(
                    run,
                    run.schema()
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "the run in " + folder + " predicts pictures, not rows")));
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    /**
     * What is predicted.
     *
     * @return the labels' names, in the order of the scores
     */
    public List<String> labels() {
        return schema.layout().labels().stream().map(FeatureLayout.Label::name).toList();
    }

    /**
     * Scores rows on the calling thread, as {@link Run#score} does.
     *
     * @param rows with every column of the features
     * @param threads of the calling thread's operators, at least 1; several threads that score at once take 1 each
     * @return probabilities {@code [rows, labels]}, row by row
     * @throws dev.marquee.schema.RowException where a column is missing, or a value is refused
     */
    public float[] score(RawChunk rows, int threads) {
        if (rows.rows() == 0) {
            return new float[0];
        }
        Engine.useThreads(threads);
        try (ChunkBatch encoded = ChunkBatch.encode(schema, rows);
                Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            Batch batch = encoded.batch();
            return Tensors.toFloats(model.forward(batch, Mode.EVALUATION).sigmoid());
        }
    }

    /** Frees the model. */
    @Override
    public void close() {
        run.close();
    }
}
