package dev.marquee.train;

import dev.marquee.data.BatchStream;
import dev.marquee.model.Model;
import dev.marquee.recipe.CheckpointConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

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
     * @return empty when the validation samples do not have that measure
     */
    OptionalDouble cost(CheckpointConfig.Metric metric, Map<String, Double> validation) {
        String name = metric.name().toLowerCase(Locale.ROOT);
        boolean ofLabel = metric != CheckpointConfig.Metric.LOSS;
        Double value = validation.get(ofLabel && labels.size() > 1 ? labels.get(0) + "." + name : name);
        if (value == null || Double.isNaN(value)) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(ofLabel ? -value : value);
    }
}
