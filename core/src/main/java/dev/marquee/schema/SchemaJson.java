package dev.marquee.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.marquee.config.Binder;
import dev.marquee.config.ConfigException;
import dev.marquee.config.ConfigTree;
import dev.marquee.config.ConfigWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The stored form of a schema, but for its vocabularies; docs/schema.md describes it. */
final class SchemaJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String FORMAT = "marquee-schema";
    private static final int VERSION = 1;
    private static final int MOST_CODE_POINTS = 1 << 28;

    private SchemaJson() {}

    static String write(LogSchema schema) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("format", FORMAT).put("version", VERSION).put("fingerprint", schema.fingerprint());
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(MOST_CODE_POINTS).build();
        root.set("config", MAPPER.valueToTree(new Load(settings).loadFromString(ConfigWriter.write(schema.config()))));
        ArrayNode dense = root.putArray("dense");
        for (int i = 0; i < schema.dense().size(); i++) {
            DenseFit fit = schema.dense().get(i).fit();
            ObjectNode node = dense.addObject()
                    .put("feature", schema.plan().dense().get(i).name())
                    .put("minimum", fit.minimum())
                    .put("maximum", fit.maximum())
                    .put("mean", fit.mean())
                    .put("deviation", fit.deviation());
            ArrayNode edges = node.putArray("edges");
            Arrays.stream(fit.edges()).forEach(edges::add);
            ArrayNode shares = node.putArray("shares");
            Arrays.stream(fit.shares()).forEach(shares::add);
            node.put("indicator", fit.indicator());
        }
        ArrayNode tables = root.putArray("tables");
        for (int i = 0; i < schema.tables().size(); i++) {
            IdTable table = schema.tables().get(i);
            ObjectNode node = tables.addObject()
                    .put("name", schema.plan().tables().get(i).name())
                    .put("rows", table.rows());
            if (table instanceof Vocabulary) {
                node.put("vocabulary", LogSchema.blobName(i));
            } else if (table instanceof HashedIds hashed) {
                node.put("hash", hashed.buckets());
            }
        }
        ArrayNode labels = root.putArray("labels");
        schema.layout()
                .labels()
                .forEach(label -> labels.addObject().put("name", label.name()).put("base_rate", label.baseRate()));
        return root.toPrettyString();
    }

    static LogSchema read(String json, Map<String, byte[]> blobs) {
        Node root = new Node(parse(json), "");
        if (!root.text("format").equals(FORMAT)) {
            throw Node.damaged("its key format is " + root.text("format") + ", not " + FORMAT);
        }
        if (root.whole("version") != VERSION) {
            throw Node.damaged("its version is " + root.whole("version") + ", and this software reads " + VERSION
                    + ": use the version that wrote it");
        }
        SchemaConfig config = config(root.object("config"));
        Plan plan = Plan.of(config);
        List<DenseEncoder> dense = dense(root, plan);
        List<IdTable> tables = tables(root, plan, blobs);
        List<FeatureLayout.Label> labels = new ArrayList<>();
        List<Node> nodes = root.list("labels", config.labels().size());
        for (int i = 0; i < nodes.size(); i++) {
            String name = nodes.get(i).named("name", config.labels().get(i).name());
            labels.add(new FeatureLayout.Label(name, nodes.get(i).number("base_rate")));
        }
        LogSchema schema = new LogSchema(config, plan, dense, tables, labels);
        if (!schema.fingerprint().equals(root.text("fingerprint"))) {
            throw Node.damaged("its parts do not belong together: they have the fingerprint " + schema.fingerprint()
                    + ", not " + root.text("fingerprint"));
        }
        return schema;
    }

    private static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw Node.damaged("it is not JSON: " + e.getOriginalMessage());
        }
    }

    private static SchemaConfig config(JsonNode node) {
        try {
            return Binder.bind(SchemaConfig.class, ConfigTree.parse(node.toString(), "config"), "the stored schema");
        } catch (ConfigException e) {
            throw Node.damaged(e.getMessage());
        }
    }

    private static List<DenseEncoder> dense(Node root, Plan plan) {
        List<DenseEncoder> encoders = new ArrayList<>();
        List<Node> nodes = root.list("dense", plan.dense().size());
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            DenseFeature feature = plan.dense().get(i);
            node.named("feature", feature.name());
            DenseFit fit = new DenseFit(
                    node.number("minimum"),
                    node.number("maximum"),
                    node.number("mean"),
                    node.number("deviation"),
                    node.numbers("edges"),
                    node.numbers("shares"),
                    node.truth("indicator"));
            boolean binned = feature.encoding() == DenseEncoding.QUANTILE
                    || feature.encoding() == DenseEncoding.PIECEWISE_LINEAR;
            if (fit.edges().length != fit.shares().length
                    || binned != fit.edges().length > 0
                    || fit.minimum() > fit.maximum()
                    || fit.deviation() < 0) {
                throw Node.damaged("what it holds for the dense feature " + feature.name() + " contradicts itself");
            }
            encoders.add(new DenseEncoder(feature.encoding(), fit));
        }
        return encoders;
    }

    private static List<IdTable> tables(Node root, Plan plan, Map<String, byte[]> blobs) {
        List<IdTable> tables = new ArrayList<>();
        Set<String> unused = new LinkedHashSet<>(blobs.keySet());
        List<Node> nodes = root.list("tables", plan.tables().size());
        for (int i = 0; i < nodes.size(); i++) {
            Plan.TableSpec spec = plan.tables().get(i);
            Node node = nodes.get(i);
            node.named("name", spec.name());
            IdTable table;
            if (spec.hash().isPresent()) {
                table = new HashedIds(spec.hash().get());
            } else {
                String name = node.named("vocabulary", LogSchema.blobName(i));
                byte[] blob = blobs.get(name);
                if (blob == null) {
                    throw Node.damaged("the blob " + name + " of table " + spec.name() + " is missing");
                }
                unused.remove(name);
                table = Vocabulary.read(blob, name + " of table " + spec.name());
            }
            if (node.whole("rows") != table.rows()) {
                throw Node.damaged("table " + spec.name() + " has " + table.rows() + " rows, not the "
                        + node.whole("rows") + " that it claims");
            }
            tables.add(table);
        }
        if (!unused.isEmpty()) {
            throw Node.damaged("no table uses the blobs " + unused);
        }
        return tables;
    }
}
