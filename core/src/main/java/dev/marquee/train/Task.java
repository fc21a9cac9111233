package dev.marquee.train;

import dev.marquee.data.BatchStream;
import dev.marquee.model.Model;
import dev.marquee.recipe.CheckpointConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run learns, and how that is measured: classes of pictures, or the labels of the rows of a log.
 *
 * @param objective the loss of a batch
 * @param labels the labels of the rows; empty for pictures
 */
record Task(Objective objective, List<String> labels) {
    static Task of(Recipe recipe, Optional<FeatureSchema> schema) {
        return new Task(
                new Objective(recipe.loss().create()),
                schema.map(rows -> rows.layout().labels().stream()
                                .map(FeatureLayout.Label::name)
                                .toList())
                        .orElse(List.of()));
    }

    /** Measures nothing yet. */
    Evaluation evaluation() {
        return evaluation(List.of(), 0);
    }

    /** Measures nothing yet; with slices and intervals, where they are asked for. */
    Evaluation evaluation(List<SliceEvaluation> slices, int resamples) {
        return labels.isEmpty() ? new PictureEvaluation() : new ClickEvaluation(labels, slices, resamples);
    }

    Map<String, Double> evaluate(Model model, BatchStream batches, Evaluation evaluation) {
        return Evaluator.evaluate(model, objective, batches, evaluation);
    }

    /**
     * What a model is chosen by: the smaller, the better.
     *
     * @throws IllegalStateException when the validation samples do not have that measure
     */
    double cost(CheckpointConfig.Metric metric, Map<String, Double> validation) {
        if (metric == CheckpointConfig.Metric.LOSS) {
            return validation.getOrDefault("loss", Double.NaN);
        }
        String name = metric == CheckpointConfig.Metric.AUC ? "auc" : "gauc";
        Double value = validation.get(labels.size() == 1 ? name : labels.get(0) + "." + name);
        if (value == null) {
            throw new IllegalStateException("the validation samples have no " + name
                    + (name.equals("gauc") ? ": declare data.group, or" : ": they hold one class only;")
                    + " set checkpoint.metric=loss");
        }
        return -value;
    }
}
