package dev.marquee.schema;

import dev.marquee.config.ConfigWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A learnt schema. */
final class LogSchema implements FeatureSchema {
    private static final int FINGERPRINT_BYTES = 16;

    private final SchemaConfig config;
    private final Plan plan;
    private final List<DenseEncoder> dense;
    private final List<IdTable> tables;
    private final List<LabelReader> labels;
    private final FeatureLayout layout;
    private final String fingerprint;

    /** Of what was learnt, in the order of the plan. */
    LogSchema(
            SchemaConfig config,
            Plan plan,
            List<DenseEncoder> dense,
            List<IdTable> tables,
            List<FeatureLayout.Label> rates) {
        this.config = config;
        this.plan = plan;
        this.dense = List.copyOf(dense);
        this.tables = List.copyOf(tables);
        labels = config.labels().stream().map(LabelReader::new).toList();
        layout = plan.layout(dense, tables, rates);
        fingerprint = digest();
    }

    @Override
    public SchemaConfig config() {
        return config;
    }

    @Override
    public FeatureLayout layout() {
        return layout;
    }

    @Override
    public EncodedChunk encode(RawChunk chunk) {
        ValueReader reader = new ValueReader(chunk, config.strict(), null);
        int fields = plan.fields().size();
        int[] ids = new int[Math.multiplyExact(chunk.rows(), fields)];
        for (int i = 0; i < fields; i++) {
            Plan.FieldSpec field = plan.fields().get(i);
            reader.field(field, tables.get(field.table()), ids, i, fields);
        }
        List<EncodedChunk.Lists> lists = new ArrayList<>();
        for (Plan.ListSpec list : plan.lists()) {
            lists.add(reader.list(list, tables.get(list.table())));
        }
        return new EncodedChunk(
                chunk.rows(),
                numbers(chunk),
                ids,
                lists,
                targets(chunk),
                config.weight()
                        .filter(name -> chunk.column(name) != null)
                        .map(name -> SideColumns.weights(chunk, Refusals.required(chunk, name), name, null))
                        .orElse(null),
                config.group()
                        .filter(name -> chunk.column(name) != null)
                        .map(name -> SideColumns.groups(chunk, Refusals.required(chunk, name), name))
                        .orElse(null),
                config.time()
                        .filter(name -> chunk.column(name) != null)
                        .map(name -> SideColumns.times(chunk, Refusals.required(chunk, name), name))
                        .orElse(null));
    }

    private float[] numbers(RawChunk chunk) {
        int size = layout.denseSize();
        float[] encoded = new float[Math.multiplyExact(chunk.rows(), size)];
        double[] numbers = new double[dense.isEmpty() ? 0 : chunk.rows()];
        for (int i = 0; i < dense.size(); i++) {
            NumberReader.read(chunk, plan.dense().get(i).source(), config.strict(), null, numbers);
            dense.get(i)
                    .encode(
                            numbers,
                            chunk.rows(),
                            encoded,
                            layout.dense().get(i).offset(),
                            size);
        }
        return encoded;
    }

    private float[] targets(RawChunk chunk) {
        float[] targets = new float[chunk.rows() * labels.size()];
        Arrays.fill(targets, Float.NaN);
        for (int i = 0; i < labels.size(); i++) {
            RawColumn column = chunk.column(labels.get(i).label().source());
            if (column != null) {
                labels.get(i).read(chunk, column, null, targets, i, labels.size());
            }
        }
        return targets;
    }

    @Override
    public String value(int field, int id) {
        if (field < 0 || field >= plan.fields().size()) {
            throw new IllegalArgumentException("there is no categorical feature " + field + ": the layout has "
                    + plan.fields().size());
        }
        IdTable table = tables.get(plan.fields().get(field).table());
        table.check(id);
        return table.value(id);
    }

    @Override
    public Optional<List<String>> vocabulary(int table) {
        return tables.get(table) instanceof Vocabulary values
                ? Optional.of(IntStream.range(Ids.FIRST, values.rows())
                        .mapToObj(values::value)
                        .toList())
                : Optional.empty();
    }

    @Override
    public String json() {
        return SchemaJson.write(this);
    }

    @Override
    public Map<String, byte[]> blobs() {
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        for (int i = 0; i < tables.size(); i++) {
            if (tables.get(i) instanceof Vocabulary vocabulary) {
                blobs.put(blobName(i), vocabulary.blob());
            }
        }
        return Collections.unmodifiableMap(blobs);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    Plan plan() {
        return plan;
    }

    List<DenseEncoder> dense() {
        return dense;
    }

    List<IdTable> tables() {
        return tables;
    }

    /** The name of the blob of a table, by its position: names of tables may hold what names of files may not. */
    static String blobName(int table) {
        return "vocabulary." + table;
    }

    private String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            // Without the key where no table grows: schemas from before there was such a key stay as they are.
            String text = ConfigWriter.write(config).replace("\ngrowing: []\n", "\n");
            digest.update(text.getBytes(StandardCharsets.UTF_8));
            for (DenseEncoder encoder : dense) {
                DenseFit fit = encoder.fit();
                update(digest, fit.minimum(), fit.maximum(), fit.mean(), fit.deviation(), fit.indicator() ? 1 : 0);
                update(digest, fit.edges());
                update(digest, fit.shares());
            }
            layout.labels().forEach(label -> update(digest, label.baseRate()));
            blobs().forEach((name, bytes) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                digest.update(bytes);
            });
            return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void update(MessageDigest digest, double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length + 4).putInt(values.length);
        for (double value : values) {
            bytes.putDouble(value);
        }
        digest.update(bytes.array());
    }
}
