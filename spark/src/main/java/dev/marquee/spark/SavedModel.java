package dev.marquee.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;

/** How models are kept: {@code metadata} as Spark writes it, and {@code run}, the run's folder. */
final class SavedModel {
    private static final String RUN = "run";

    private SavedModel() {}

    /** Writes. */
    static final class Writer extends MLWriter {
        private final MarqueeModel model;
        private final RunLocation run;

        Writer(MarqueeModel model, RunLocation run) {
            this.model = model;
            this.run = run;
        }

        @Override
        public void saveImpl(String path) {
            String target = new Path(path, RUN).toString();
            JavaSparkContext.fromSparkContext(sc())
                    .parallelize(List.of(target), 1)
                    .foreachPartition(new Copy(run));
            // Last, so that what can be read is whole.
            new DefaultParamsWriter(model).session(sparkSession()).saveImpl(path);
        }
    }

    /** Reads. */
    static final class Reader extends MLReader<MarqueeModel> {
        @Override
        public MarqueeModel load(String path) {
            MLReader<MarqueeModel> reader = new DefaultParamsReader<>();
            MarqueeModel bare = reader.session(sparkSession()).load(path);
            RunLocation run = RunLocation.of(new Path(path, RUN).toString(), sc().hadoopConfiguration());
            return bare.copyValues(new MarqueeModel(bare.uid(), run), ParamMap.empty());
        }
    }

    /** Copies on an executor: a model's bytes do not pass through the driver. */
    private static final class Copy implements VoidFunction<Iterator<String>>, Serializable {
        private static final long serialVersionUID = 1;

        private final RunLocation run;

        Copy(RunLocation run) {
            this.run = run;
        }

        @Override
        public void call(Iterator<String> targets) throws IOException {
            while (targets.hasNext()) {
                run.copyTo(targets.next());
            }
        }
    }
}
