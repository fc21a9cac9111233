package dev.marquee.export;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to export, and how exact it must be.
 *
 * @param format of the network's file
 * @param int8 whether weights become 8-bit integers; ONNX only
 * @param output the folder to make; empty for {@code export/FORMAT} in the run's folder
 * @param tolerance the largest difference of two probabilities that passes, above 0
 * @param qualityTolerance by how much int8 may lower the AUC, or raise the log loss, of the validation rows, at least 0
 */
public record ExportOptions(
        Format format, boolean int8, Optional<Path> output, double tolerance, double qualityTolerance) {
    /** Float32 rounds off about 1e-7 a step; networks have a few dozen, and sums over hundreds of values. */
    public static final double DEFAULT_TOLERANCE = 1e-5;

    /** A tenth of what is worth a debate in ranking. */
    public static final double DEFAULT_QUALITY_TOLERANCE = 1e-3;

    /** Checks. */
    public ExportOptions {
        if (!(tolerance > 0) || !(qualityTolerance >= 0)) {
            throw new IllegalArgumentException(
                    "tolerances must be positive numbers, not " + tolerance + " and " + qualityTolerance);
        }
        if (int8 && format != Format.ONNX) {
            throw new IllegalArgumentException(
                    "int8 is for ONNX, not for " + format.label() + ": choose --format onnx, or leave --quantize out");
        }
    }

    /**
     * Float32 with the default tolerances, into the run's folder.
     *
     * @param format of the network's file
     * @return the options
     */
    public static ExportOptions of(Format format) {
        return new ExportOptions(format, false, Optional.empty(), DEFAULT_TOLERANCE, DEFAULT_QUALITY_TOLERANCE);
    }

    /** What the network is written as. */
    public enum Format {
        /** {@code model.onnx}, for ONNX Runtime and many others. */
        ONNX("onnx", OnnxFile.NAME),
        /** {@code model.pt}, for LibTorch and PyTorch. */
        TORCHSCRIPT("torchscript", TorchScript.NAME),
        /** {@code model.safetensors}: the weights alone, by their names. */
        SAFETENSORS("safetensors", "model.safetensors");

        private final String label;
        private final String file;

        Format(String label, String file) {
            this.label = label;
            this.file = file;
        }

        /**
         * The name on the command line.
         *
         * @return in lower case
         */
        public String label() {
            return label;
        }

        /**
         * The network's file.
         *
         * @return its name in the folder
         */
        public String file() {
            return file;
        }
    }
}
