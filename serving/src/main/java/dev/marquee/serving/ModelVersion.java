package dev.marquee.serving;

import dev.marquee.trained.RunFiles;
import dev.marquee.trained.TrainedModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/** A short name of what decides the scores: the weights, the schema and the calibration. */
final class ModelVersion {
    private ModelVersion() {}

    static String of(RunFiles files, TrainedModel model) {
        CRC32C crc = new CRC32C();
        update(crc, model.describe());
        update(crc, model.schema().fingerprint());
        if (model.unfinishedAt().isPresent()) {
            update(crc, "step " + model.unfinishedAt().getAsLong());
        } else {
            for (Path file : List.of(files.weights(), files.calibration())) {
                update(crc, file);
            }
        }
        return String.format(Locale.ROOT, "%08x", crc.getValue());
    }

    private static void update(CRC32C crc, String text) {
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
    }

    private static void update(CRC32C crc, Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 20];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                crc.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + RunFiles.reason(e), e);
        }
    }
}
