package dev.marquee.train;

import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.data.RowStream;
import dev.marquee.model.Head;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.schema.RawChunk;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Turns samples into probabilities: the last step that a model itself leaves out. */
public final class Predictor {
    private Predictor() {}

    /** Takes predictions. */
    @FunctionalInterface
    public interface Consumer {
        /**
         * Takes one sample's prediction.
         *
         * @param index the sample's number, from 0
         * @param probabilities of each class; they sum to 1
         */
        void accept(long index, float[] probabilities);
    }

    static void predict(Model model, Head head, BatchStream batches, Consumer consumer) {
        long index = 0;
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor output = model.forward(batch, Mode.EVALUATION);
                float[] values = Tensors.toFloats(head == Head.SOFTMAX ? output : output.softmax(1));
                int classes = (int) output.size(1);
                for (int i = 0; i < batch.size(); i++) {
                    consumer.accept(index++, Arrays.copyOfRange(values, i * classes, (i + 1) * classes));
                }
            }
        }
    }

    /** Takes the scores of the rows of a log. */
    @FunctionalInterface
    public interface RowConsumer {
        /**
         * Takes the scores of some rows.
         *
         * @param keys the rows' keys, as the source has them
         * @param labels the labels, in order
         * @param probabilities {@code [rows, labels]}, row by row
         */
        void accept(RawChunk keys, List<String> labels, float[] probabilities);
    }

    static void score(Model model, List<String> labels, RowStream rows, RowConsumer consumer) {
        for (Batch batch = rows.next(); batch != null; batch = rows.next()) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor logits = model.forward(batch, Mode.EVALUATION);
                consumer.accept(rows.keys(), labels, Tensors.toFloats(logits.sigmoid()));
            }
        }
    }
}
