package dev.marquee.spark;

import dev.marquee.schema.RawChunk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/** Scores the rows of a partition, some at a time. The last column of a row holds its features; scores take its place. */
final class ScoreRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1;

    private final RunLocation run;
    private final int batchSize;
    private final int labels;

    ScoreRows(RunLocation run, int batchSize, int labels) {
        this.run = run;
        this.batchSize = batchSize;
        this.labels = labels;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return Collections.emptyIterator();
        }
        TaskContext task = TaskContext.get();
        Scorers.Borrowed borrowed = Scorers.borrow(run);
        task.addTaskCompletionListener((TaskCompletionListener) context -> borrowed.giveBack());
        return new Scored(rows, borrowed, task.cpus(), "partition " + task.partitionId());
    }

    /** Reads ahead by one batch at most. */
    private final class Scored implements Iterator<Row> {
        private final Iterator<Row> rows;
        private final Scorers.Borrowed borrowed;
        private final int threads;
        private final String partition;
        private final List<Row> done = new ArrayList<>();
        private int next;
        private long read;

        Scored(Iterator<Row> rows, Scorers.Borrowed borrowed, int threads, String partition) {
            this.rows = rows;
            this.borrowed = borrowed;
            this.threads = threads;
            this.partition = partition;
        }

        @Override
        public boolean hasNext() {
            return next < done.size() || rows.hasNext();
        }

        @Override
        public Row next() {
            if (next == done.size()) {
                if (!rows.hasNext()) {
                    throw new NoSuchElementException();
                }
                score();
            }
            return done.get(next++);
        }

        private void score() {
            List<Row> batch = new ArrayList<>();
            List<Row> features = new ArrayList<>();
            while (batch.size() < batchSize && rows.hasNext()) {
                Row row = rows.next();
                batch.add(row);
                features.add(row.getStruct(row.length() - 1));
            }
            RawChunk chunk =
                    RowChunks.of(partition, read + 1, features, features.get(0).schema());
            float[] scores = borrowed.scorer().score(chunk, threads);
            done.clear();
            next = 0;
            read += batch.size();
            for (int i = 0; i < batch.size(); i++) {
                Row row = batch.get(i);
                int kept = row.length() - 1;
                Object[] values = new Object[kept + labels];
                for (int column = 0; column < kept; column++) {
                    values[column] = row.get(column);
                }
                for (int label = 0; label < labels; label++) {
                    values[kept + label] = (double) scores[i * labels + label];
                }
                done.add(RowFactory.create(values));
            }
        }
    }
}
