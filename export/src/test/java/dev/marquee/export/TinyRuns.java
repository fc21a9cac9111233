package dev.marquee.export;

import dev.marquee.recipe.Recipe;
import dev.marquee.train.Progress;
import dev.marquee.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/** A run that is trained in a moment, on a log with every kind of feature. */
final class TinyRuns {
    private static final String RECIPE = """
            data:
              kind: click_log
              path: %1$s/train.csv
              split: {validation: 0.3, test: 0.1}
              prepared_path: %1$s/prepared
              batch_size: 64
              labels:
                - {name: click}
                - {name: liked, column: stars, positive: ["4", "5"]}
              growing: [{table: site}]
              features:
                - {kind: dense, name: price, encoding: signed_log}
                - {kind: dense, name: age, encoding: piecewise_linear, bins: 8}
                - {kind: categorical, name: user, hash: 50}
                - {kind: categorical, name: ad}
                - {kind: categorical, name: site}
                - {kind: bag, name: genres, separator: "|"}
                - {kind: sequence, name: history, target: ad, maximum_length: 3, separator: "|"}
            model:
              kind: din
              embedding: {size: 4}
              attention_hidden: [8]
              hidden: [16]
            loss:
              kind: binary_cross_entropy
            optimizer:
              name: adam
              learning_rate: 0.02
            train:
              epochs: 2
              calibration: isotonic
            engine:
              threads: 1
            """;

    private TinyRuns() {}

    /** Two labels, isotonic calibration, a table that grows. */
    static Path log(Path folder) {
        Random random = new Random(1);
        StringBuilder rows = new StringBuilder("price,age,user,ad,site,genres,history,click,stars\n");
        for (int i = 0; i < 600; i++) {
            int ad = random.nextInt(20);
            rows.append(String.format(
                    Locale.ROOT,
                    "%.3f,%s,u%d,a%d,%s,g%d|g%d,%s,%d,%d%n",
                    random.nextGaussian() * 30,
                    random.nextInt(9) == 0 ? "" : random.nextInt(90) + ".5",
                    random.nextInt(80),
                    ad,
                    random.nextInt(8) == 0 ? "" : "site ü" + random.nextInt(12),
                    random.nextInt(4),
                    random.nextInt(4),
                    random.nextInt(4) == 0 ? "" : "a" + random.nextInt(20) + "|a" + random.nextInt(20),
                    random.nextInt(20) < ad ? 1 : 0,
                    1 + random.nextInt(5)));
        }
        try {
            Files.writeString(folder.resolve("train.csv"), rows);
            Path recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(folder));
            Trainer.train(Recipe.load(recipe), folder.resolve("run"), Progress.silent())
                    .close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder.resolve("run");
    }
}
