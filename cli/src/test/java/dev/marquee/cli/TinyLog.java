package dev.marquee.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A log of a few impressions, with a bit of everything: ids, categories, numbers, a time, a history, a key, a copy of the
 * label, a constant column.
 */
final class TinyLog {
    static final String HEADER =
            "impression,shown_at,user_id,ad_id,price,slot,seen_ads,seen_slots,country,device_model,charged,click";
    private static final int ADS = 30;

    private TinyLog() {}

    /** Rows as lines of CSV; later ones go on where the first end. */
    static List<String> lines(int first, int count) {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        for (int i = first; i < first + count; i++) {
            Random random = new Random(31L * i);
            random.nextInt();
            int ad = random.nextInt(ADS);
            int slot = random.nextInt(3);
            double chance = (ad % 3 == 0 ? 0.6 : 0.15) + 0.1 * slot;
            int click = random.nextDouble() < chance ? 1 : 0;
            StringBuilder ads = new StringBuilder();
            StringBuilder slots = new StringBuilder();
            for (int k = 0; k < i % 4; k++) {
                String between = k == 0 ? "" : "|";
                ads.append(between).append('a').append(random.nextInt(ADS));
                slots.append(between).append(random.nextInt(3));
            }
            lines.add(String.join(
                    ",",
                    "i" + i,
                    String.format("2026-01-%02d %02d:%02d:%02d", 1 + i / 400, i / 20 % 20, i % 20, random.nextInt(60)),
                    "u" + random.nextInt(40),
                    "a" + ad,
                    i % 50 == 7 ? "" : Integer.toString(random.nextInt(10_000)),
                    Integer.toString(slot),
                    ads,
                    slots,
                    "nowhere",
                    "\"model, \"\"" + random.nextInt(5) + "\"\"\"",
                    click == 1 ? "paid" : "free",
                    Integer.toString(click)));
        }
        return lines;
    }

    /** A file of 600 rows. */
    static Path csv(Path file) {
        return csv(file, 0, 600);
    }

    static Path csv(Path file, int first, int count) {
        try {
            return Files.write(file, lines(first, count));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of a CSV file with types: numbers, points in time, lists. */
    static Path parquet(Path csv, Path file) {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT * REPLACE (coalesce(string_split(seen_ads, '|'), []) AS seen_ads,"
                    + " coalesce(string_split(seen_slots, '|'), []) AS seen_slots, CAST(click AS BOOLEAN) AS click) FROM '"
                    + csv + "') TO '" + file + "'");
            return file;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A recipe that trains in a moment, for the rows of a file. */
    static Path recipe(Path recipe, Path data) {
        String text = """
                seed: 3
                data:
                  kind: click_log
                  path: '%s'
                  time: shown_at
                  group: user_id
                  keys: [impression]
                  split: {by: time, validation: 0.15, test: 0.2}
                  prepared_path: '%s'
                  labels:
                    - {name: click}
                  features:
                    - {kind: categorical, name: ad_id}
                    - {kind: categorical, name: slot}
                    - {kind: dense, name: price}
                    - {kind: sequence, name: seen_ads, target: ad_id, maximum_length: 5}
                  batch_size: 64
                model: {kind: logistic_regression}
                loss: {kind: binary_cross_entropy}
                optimizer: {name: adam, learning_rate: 0.02}
                train: {epochs: 2}
                engine: {threads: 1}
                """.formatted(data, recipe.resolveSibling("prepared"));
        try {
            return Files.writeString(recipe, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
