package dev.marquee.schema;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Learns in one pass: reads values as the finished schema does, with counters in the place of vocabularies. */
final class LogSchemaFitter implements SchemaFitter {
    private final SchemaConfig config;
    private final Plan plan;
    private final List<LabelReader> labels;
    private final List<LabelStatistics> statistics;
    private final List<DenseLearner> dense;
    private final List<IdTable> tables;
    private long rows;
    private long selectedRows;
    private boolean spent;

    /** For a checked config. */
    LogSchemaFitter(SchemaConfig config) {
        this.config = config;
        plan = Plan.of(config);
        labels = config.labels().stream().map(LabelReader::new).toList();
        statistics = config.labels().stream().map(LabelStatistics::new).toList();
        dense = plan.dense().stream().map(DenseLearner::new).toList();
        tables = plan.tables().stream()
                .map(table ->
                        table.hash().isPresent() ? new HashedIds(table.hash().get()) : new ValueCounter(table.name()))
                .toList();
    }

    @Override
    public void add(RawChunk chunk, boolean[] selected) {
        if (spent) {
            throw new IllegalStateException("fit() was called: make another fitter for further rows");
        }
        if (selected.length != chunk.rows()) {
            throw new IllegalArgumentException(
                    selected.length + " choices for " + chunk.rows() + " rows: give one a row");
        }
        boolean[] used = selected.clone();
        float[] targets = new float[chunk.rows() * labels.size()];
        for (int i = 0; i < labels.size(); i++) {
            RawColumn column = Refusals.required(chunk, labels.get(i).label().source());
            labels.get(i).read(chunk, column, selected, targets, i, labels.size());
        }
        config.group().ifPresent(name -> Refusals.required(chunk, name));
        config.time().ifPresent(name -> Refusals.required(chunk, name));
        for (int row = 0; row < used.length; row++) {
            boolean isLabelled = false;
            for (int i = 0; i < labels.size(); i++) {
                isLabelled |= !Float.isNaN(targets[row * labels.size() + i]);
            }
            selectedRows += selected[row] ? 1 : 0;
            used[row] &= isLabelled;
            rows += used[row] ? 1 : 0;
        }
        count(targets, weights(chunk, used), used);
        numbers(chunk, used);
        values(chunk, used);
    }

    private float @Nullable [] weights(RawChunk chunk, boolean[] used) {
        return config.weight()
                .map(name -> SideColumns.weights(chunk, Refusals.required(chunk, name), name, used))
                .orElse(null);
    }

    private void count(float[] targets, float @Nullable [] weights, boolean[] used) {
        for (int row = 0; row < used.length; row++) {
            for (int i = 0; i < labels.size() && used[row]; i++) {
                statistics.get(i).add(targets[row * labels.size() + i], weights == null ? 1 : weights[row]);
            }
        }
    }

    private void numbers(RawChunk chunk, boolean[] used) {
        double[] numbers = new double[chunk.rows()];
        for (int i = 0; i < dense.size(); i++) {
            int refused = NumberReader.read(chunk, plan.dense().get(i).source(), config.strict(), used, numbers);
            dense.get(i).add(numbers, used, refused);
        }
    }

    private void values(RawChunk chunk, boolean[] used) {
        ValueReader reader = new ValueReader(chunk, config.strict(), used);
        int[] ids = new int[chunk.rows()];
        for (Plan.FieldSpec field : plan.fields()) {
            reader.field(field, tables.get(field.table()), ids, 0, 1);
        }
        for (Plan.ListSpec list : plan.lists()) {
            reader.list(list, tables.get(list.table()));
        }
    }

    @Override
    public FeatureSchema fit() {
        if (spent) {
            throw new IllegalStateException("fit() was called before: make another fitter");
        }
        if (selectedRows == 0) {
            throw new RowException("there are no training rows: nothing to learn; look at the files and at the split");
        }
        if (rows == 0) {
            throw new RowException("none of the " + selectedRows + " training rows has a label: nothing to learn from"
                    + " the columns "
                    + config.labels().stream().map(LabelConfig::source).toList());
        }
        List<FeatureLayout.Label> rates = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            rates.add(new FeatureLayout.Label(
                    labels.get(i).label().name(), statistics.get(i).baseRate()));
        }
        spent = true;
        List<DenseEncoder> encoders = new ArrayList<>();
        for (int i = 0; i < dense.size(); i++) {
            encoders.add(new DenseEncoder(
                    plan.dense().get(i).encoding(), dense.get(i).fit()));
        }
        List<IdTable> learnt = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            Plan.TableSpec spec = plan.tables().get(i);
            learnt.add(
                    tables.get(i) instanceof ValueCounter counter
                            ? counter.vocabulary(
                                    spec.minimumCount(), spec.maximumIds().orElse(Integer.MAX_VALUE))
                            : tables.get(i));
        }
        return new LogSchema(config, plan, encoders, learnt, rates);
    }
}
