package dev.marquee.measure;

import dev.marquee.measure.Interleaved.Alternative;
import dev.marquee.measure.Interleaved.Series;
import dev.marquee.nn.ProductRule;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Engine;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.OneDnn;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The products of linear maps in one thread, by the BLAS and by oneDNN in turn. */
public final class ProductTimes {
    private static final double TURN_SECONDS = 0.01;

    private ProductTimes() {}

    /**
     * A linear map on some samples.
     *
     * @param rows samples, or places of sequences
     * @param inputs of the map
     * @param outputs of the map
     */
    public record Shape(int rows, int inputs, int outputs) {
        /**
         * Those of the perceptron at shares of 32 to 512 samples, of a click model's first layer, and of the projections of
         * attention.
         */
        public static final List<Shape> ALL = List.of(
                new Shape(32, 784, 512),
                new Shape(128, 784, 512),
                new Shape(512, 784, 512),
                new Shape(32, 512, 128),
                new Shape(512, 512, 128),
                new Shape(512, 429, 400),
                new Shape(1600, 64, 64));

        double flops() {
            return 2.0 * rows * inputs * outputs;
        }
    }

    /**
     * What was measured of one product.
     *
     * @param product which of the three
     * @param shape its shape
     * @param oneDnnChosen whether the rule takes oneDNN
     * @param blas seconds by the BLAS, turn by turn
     * @param oneDnn seconds by oneDNN, in the same turns
     */
    public record Row(ProductRule product, Shape shape, boolean oneDnnChosen, Series blas, Series oneDnn) {
        /**
         * The best rate of the BLAS.
         *
         * @return GFLOP/s
         */
        public double blasGflops() {
            return shape.flops() / blas.seconds().min() / 1e9;
        }

        /**
         * The best rate of oneDNN.
         *
         * @return GFLOP/s
         */
        public double oneDnnGflops() {
            return shape.flops() / oneDnn.seconds().min() / 1e9;
        }

        /**
         * The product in words.
         *
         * @return such as {@code output 32 × 784 × 512}
         */
        public String name() {
            return String.format(
                    Locale.ROOT,
                    "%s %d × %d × %d",
                    product.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    shape.rows,
                    shape.inputs,
                    shape.outputs);
        }
    }

    /**
     * Measures. Afterwards the engine uses one thread.
     *
     * @param shapes the maps
     * @param turns how many, at least 1
     * @return three rows a shape; none where there is no oneDNN
     * @throws InterruptedException when the thread is interrupted
     */
    public static List<Row> measure(List<Shape> shapes, int turns) throws InterruptedException {
        Engine.useThreads(1);
        List<Row> rows = new ArrayList<>();
        if (!OneDnn.available()) {
            return rows;
        }
        for (Shape shape : shapes) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor x = random(shape.rows, shape.inputs);
                Tensor weight = random(shape.outputs, shape.inputs);
                Tensor gradient = random(shape.rows, shape.outputs);
                for (ProductRule product : ProductRule.values()) {
                    rows.add(row(product, shape, x, weight, gradient, turns));
                }
            }
        }
        return rows;
    }

    private static Row row(ProductRule product, Shape shape, Tensor x, Tensor weight, Tensor gradient, int turns)
            throws InterruptedException {
        Runnable blas = () -> {
            switch (product) {
                case OUTPUT -> torch.mm(x, weight.t());
                case INPUT_GRADIENT -> torch.mm(gradient, weight);
                case WEIGHT_GRADIENT -> torch.mm(gradient.t(), x);
            }
        };
        Runnable oneDnn = () -> {
            switch (product) {
                case OUTPUT -> OneDnn.linear(x, weight, null);
                case INPUT_GRADIENT -> OneDnn.linear(gradient, weight.t(), null);
                case WEIGHT_GRADIENT -> OneDnn.linear(gradient.t(), x.t(), null);
            }
        };
        int times = (int) Math.max(1, Math.ceil(TURN_SECONDS / Math.max(1e-7, seconds(blas, 2) / 2)));
        List<Series> series = Interleaved.run(
                List.of(
                        new Alternative<RuntimeException>("BLAS", () -> seconds(blas, times) / times),
                        new Alternative<RuntimeException>("oneDNN", () -> seconds(oneDnn, times) / times)),
                1,
                turns,
                0);
        boolean chosen = product.oneDnn(shape.rows, shape.inputs, shape.outputs);
        return new Row(product, shape, chosen, series.get(0), series.get(1));
    }

    private static double seconds(Runnable work, int times) {
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            try (Scope scope = Scope.open()) {
                work.run();
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static Tensor random(int rows, int columns) {
        Tensor matrix = Tensors.empty(DType.FLOAT32, rows, columns);
        matrix.uniform_(-1, 1, new GeneratorOptional());
        return matrix;
    }
}
