package dev.marquee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.data.Batch;
import dev.marquee.data.BatchStream;
import dev.marquee.loss.BinaryCrossEntropyConfig;
import dev.marquee.metric.Isotonic;
import dev.marquee.metric.Platt;
import dev.marquee.model.Model;
import dev.marquee.nn.Mode;
import dev.marquee.recipe.TrainConfig;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import dev.marquee.trained.CalibratedModel;
import dev.marquee.trained.CalibrationFile;
import dev.marquee.trained.LabelCalibration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelCalibrationTest {
    private static final List<String> LABELS = List.of("click", "sale");
    private static final int ROWS = 4000;

    /** Its scores are its input: too sure of clicks by a factor of three, right about sales. */
    private static final Model TOO_SURE = (batch, mode) -> batch.input(Batch.DENSE);

    @TempDir
    Path folder;

    @Test
    void fit_scoresOfTheWrongSize_bringsEachLabelToWhatWasObserved() {
        for (TrainConfig.Calibration method :
                List.of(TrainConfig.Calibration.PLATT, TrainConfig.Calibration.ISOTONIC)) {
            Told told = new Told();
            List<LabelCalibration> fitted = fit(method, 1, told);
            assertThat(fitted).extracting(LabelCalibration::label).isEqualTo(LABELS);
            assertThat(fitted.get(0).rows()).isEqualTo(ROWS);
            assertThat(fitted.get(0).errorBefore()).isGreaterThan(0.1);
            assertThat(fitted.get(0).errorAfter()).isLessThan(0.04);
            assertThat(fitted.get(1).rows()).isEqualTo(ROWS / 2);
            assertThat(fitted.get(1).errorAfter()).isLessThan(0.06);
            assertThat(told.notices).hasSize(2);
            assertThat(told.notices.get(0))
                    .contains("click on 4,000 validation samples: ", "expected calibration error there 0.", " after");

            Map<String, Double> before = evaluate(TOO_SURE, 2);
            Map<String, Double> after = evaluate(CalibratedModel.of(TOO_SURE, fitted), 2);
            assertThat(after.get("click.log_loss")).isLessThan(before.get("click.log_loss") - 0.05);
            assertThat(after.get("click.calibration")).isCloseTo(1, within(0.1));
            assertThat(after.get("click.expected_calibration_error"))
                    .isLessThan(before.get("click.expected_calibration_error") / 2);
            assertThat(after.get("click.auc")).isCloseTo(before.get("click.auc"), within(0.01));
            assertThat(after.get("sale.log_loss")).isCloseTo(before.get("sale.log_loss"), within(0.03));
            assertThat(after.get("loss")).isLessThan(before.get("loss"));
        }
    }

    @Test
    void fit_platt_undoesTheFactor() {
        List<LabelCalibration> fitted = fit(TrainConfig.Calibration.PLATT, 1, new Told());
        assertThat(((Platt) fitted.get(0).map()).slope()).isCloseTo(1 / 3.0, within(0.05));
        assertThat(((Platt) fitted.get(1).map()).slope()).isCloseTo(1, within(0.2));
    }

    @Test
    void fit_labelOfOneClass_staysAsItIsWithAWarning() {
        Told told = new Told();
        List<LabelCalibration> fitted;
        try (Arena arena = Arena.open("test")) {
            Stream stream = new Stream(
                    List.of(batch(arena, new float[] {1, 2, 3, 4}, new float[] {1, Float.NaN, 1, Float.NaN}, null)));
            fitted = CalibrationFit.fit(TrainConfig.Calibration.ISOTONIC, LABELS, TOO_SURE, stream, ROWS, told);
        }
        assertThat(fitted).extracting(LabelCalibration::map).containsExactly(Platt.IDENTITY, Platt.IDENTITY);
        assertThat(told.notices).isEmpty();
        assertThat(told.warnings)
                .containsExactly(
                        "the scores of click stay as they are: calibration needs both labels, and all are 1 on the"
                                + " validation samples",
                        "the scores of sale stay as they are: calibration needs rows with a weight above 0, and there"
                                + " are none on the validation samples");
    }

    @Test
    void fit_rowsWithWeights_countAsCopiesInTheError() {
        List<LabelCalibration> weighted;
        List<LabelCalibration> copied;
        try (Arena arena = Arena.open("test")) {
            float[] logits = {-1, 0, 0, 0, 1, 0};
            float[] targets = {0, 1, 1, 0, 1, 1};
            weighted = CalibrationFit.fit(
                    TrainConfig.Calibration.ISOTONIC,
                    LABELS,
                    TOO_SURE,
                    new Stream(List.of(batch(arena, logits, targets, new float[] {3, 0, 1}))),
                    ROWS,
                    new Told());
            float[] rows = {-1, 0, -1, 0, -1, 0, 1, 0};
            float[] seen = {0, 1, 0, 1, 0, 1, 1, 1};
            copied = CalibrationFit.fit(
                    TrainConfig.Calibration.ISOTONIC,
                    LABELS,
                    TOO_SURE,
                    new Stream(List.of(batch(arena, rows, seen, null))),
                    ROWS,
                    new Told());
        }
        assertThat(weighted.get(0).rows()).isEqualTo(2);
        assertThat(weighted.get(0).errorBefore()).isCloseTo(copied.get(0).errorBefore(), within(1e-12));
    }

    @Test
    void of_noMaps_isTheModelItself() {
        assertThat(CalibratedModel.of(TOO_SURE, List.of())).isSameAs(TOO_SURE);
    }

    @Test
    void forward_outputOfOtherLabels_isRefused() {
        Model model = new CalibratedModel(TOO_SURE, List.of(Platt.IDENTITY));
        try (Arena arena = Arena.open("test");
                Scope scope = Scope.open()) {
            Batch batch = batch(arena, new float[] {1, 2}, new float[] {1, 1}, null);
            assertThatThrownBy(() -> model.forward(batch, Mode.EVALUATION))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the calibration is for 1 labels");
        }
    }

    @Test
    void read_whatWasWritten_isTheSame() throws IOException {
        List<LabelCalibration> written = List.of(
                new LabelCalibration("click", new Platt(1 / 3.0, -Math.PI), 10, 0.25, 1e-3),
                new LabelCalibration(
                        "sale", new Isotonic(new double[] {-1e-3, 7}, new double[] {1 / 7.0, 0.5}), 20, 0.5, 0.125));
        Path file = write(written);
        List<LabelCalibration> read = CalibrationFile.read(file, LABELS);
        assertThat(read.get(0)).isEqualTo(written.get(0));
        assertThat(read.get(1)).usingRecursiveComparison().isEqualTo(written.get(1));
    }

    @Test
    void read_missingDamagedOrForeignFile_saysWhatToDo() throws IOException {
        assertThatThrownBy(() -> CalibrationFile.read(folder.resolve("none.json"), LABELS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is not there: resume the run to fit it again");
        Path torn = Files.writeString(folder.resolve("torn.json"), "{\"labels\": [");
        assertThatThrownBy(() -> CalibrationFile.read(torn, LABELS)).hasMessageContaining("torn.json is damaged");
        Path without = Files.writeString(
                folder.resolve("without.json"), "{\"labels\": [{\"label\": \"click\", \"kind\": \"platt\"}]}");
        assertThatThrownBy(() -> CalibrationFile.read(without, LABELS))
                .hasMessageContaining("is damaged")
                .hasMessageContaining("a number is missing");
        Path other = write(List.of(new LabelCalibration("view", Platt.IDENTITY, 1, 0, 0)));
        assertThatThrownBy(() -> CalibrationFile.read(other, LABELS))
                .hasMessageContaining("is of the labels [view], the run's are [click, sale]");
    }

    private Path write(List<LabelCalibration> labels) throws IOException {
        Path file = folder.resolve("calibration.json");
        return Files.writeString(file, JsonMapper.builder().build().writeValueAsString(CalibrationFile.json(labels)));
    }

    private static List<LabelCalibration> fit(TrainConfig.Calibration method, long seed, Told told) {
        try (Arena arena = Arena.open("test")) {
            return CalibrationFit.fit(method, LABELS, TOO_SURE, new Stream(drawn(arena, seed)), ROWS, told);
        }
    }

    private static Map<String, Double> evaluate(Model model, long seed) {
        try (Arena arena = Arena.open("test")) {
            return Evaluator.evaluate(
                    model,
                    new Objective(BinaryCrossEntropyConfig.DEFAULT.create()),
                    new Stream(drawn(arena, seed)),
                    new ClickEvaluation(LABELS, List.of(), 0));
        }
    }

    /** Every second sale is not known. */
    private static List<Batch> drawn(Arena arena, long seed) {
        Random random = new Random(seed);
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            float[] logits = new float[ROWS / 2];
            float[] targets = new float[ROWS / 2];
            for (int j = 0; j < logits.length; j += 2) {
                double click = random.nextGaussian() - 1;
                double sale = random.nextGaussian();
                logits[j] = (float) (3 * click);
                logits[j + 1] = (float) sale;
                targets[j] = random.nextDouble() < 1 / (1 + Math.exp(-click)) ? 1 : 0;
                targets[j + 1] = j % 4 == 0 ? Float.NaN : random.nextDouble() < 1 / (1 + Math.exp(-sale)) ? 1 : 0;
            }
            batches.add(batch(arena, logits, targets, null));
        }
        return batches;
    }

    private static Batch batch(Arena arena, float[] logits, float[] targets, float @Nullable [] weights) {
        int rows = logits.length / LABELS.size();
        try (Scope scope = Scope.open()) {
            Tensor input = arena.keep(Tensors.of(logits, rows, LABELS.size()));
            Tensor target = arena.keep(Tensors.of(targets, rows, LABELS.size()));
            Tensor weight = weights == null ? null : arena.keep(Tensors.of(weights));
            return new Batch(Map.of(Batch.DENSE, input), target, rows, weight, null);
        }
    }

    private static final class Stream implements BatchStream {
        private final List<Batch> left;

        Stream(List<Batch> batches) {
            left = new ArrayList<>(batches);
        }

        @Override
        public @Nullable Batch next() {
            return left.isEmpty() ? null : left.remove(0);
        }

        @Override
        public long waitedNanos() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private static final class Told implements Progress {
        final List<String> notices = new ArrayList<>();
        final List<String> warnings = new ArrayList<>();

        @Override
        public void notice(String topic, String message) {
            assertThat(topic).isEqualTo("calibration");
            notices.add(message);
        }

        @Override
        public void warning(String message) {
            warnings.add(message);
        }
    }
}
