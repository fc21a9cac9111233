package dev.marquee.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads YAML 1.2 into nodes that know their origin. Recipes are plain data: no anchors, no tags, no merge keys. */
final class YamlReader {
    private static final String STANDARD_TAG = "tag:yaml.org,2002:";
    private static final Set<String> PLAIN = Set.of("null", "bool", "int", "float", "str", "seq", "map");
    private static final LoadSettings SETTINGS = LoadSettings.builder().build();

    private final String source;
    private final boolean isFile;
    private final Faults faults;

    private YamlReader(String source, boolean isFile, Faults faults) {
        this.source = source;
        this.isFile = isFile;
        this.faults = faults;
    }

    /** Reads a file's text. What stands in line 31 of it has the origin {@code mine.yaml:31}. */
    static Optional<ConfigNode> file(String text, String source, Faults faults) {
        return new YamlReader(source, true, faults).read(text, "");
    }

    /** Reads the value of one key, all of the same origin. */
    static Optional<ConfigNode> value(String key, String text, String origin, Faults faults) {
        YamlReader reader = new YamlReader(origin, false, faults);
        if (text.isBlank()) {
            return Optional.of(new ConfigNode.Scalar("null", false, origin));
        }
        return reader.read(text, key);
    }

    private Optional<ConfigNode> read(String text, String key) {
        try {
            return new Compose(SETTINGS).composeString(text).map(root -> node(root, key, null));
        } catch (MarkedYamlEngineException e) {
            String problem = e.getProblem() == null ? "" : e.getProblem();
            String where = e.getContext() == null ? "" : e.getContext() + ": ";
            String message = problem.contains("(TAB)")
                    ? "a tab cannot indent or begin a value: use spaces"
                    : (isFile ? "this is not YAML: " : "\"" + text + "\" is not YAML: ") + where + problem;
            faults.add(new Faults.Fault(key, message, exactly(e.getProblemMark())));
        } catch (ReaderException e) {
            String character = String.format(Locale.ROOT, "U+%04X", e.getCodePoint());
            faults.add(new Faults.Fault(key, "the character " + character + " is not allowed in YAML", source));
        } catch (YamlEngineException e) {
            faults.add(new Faults.Fault(key, "this is not YAML: " + e.getMessage(), source));
        } catch (StackOverflowError e) {
            faults.add(new Faults.Fault(key, "is nested too deeply", source));
        }
        return Optional.empty();
    }

    private ConfigNode node(Node node, String key, @Nullable Node keyNode) {
        Optional<Mark> mark = keyNode == null ? node.getStartMark() : keyNode.getStartMark();
        String origin = mark.filter(at -> isFile)
                .map(at -> source + ":" + (at.getLine() + 1))
                .orElse(source);
        if (node.getAnchor().isPresent()) { // not descended into: an alias may lead back up
            report(key, "anchors (&) and aliases (*) cannot be used: write the value out", node);
            return new ConfigNode.Scalar("null", false, origin);
        }
        String tag = node.getTag().getValue();
        if (!tag.startsWith(STANDARD_TAG) || !PLAIN.contains(tag.substring(STANDARD_TAG.length()))) {
            report(key, "the tag " + tag + " cannot be used: write a plain value", node);
        }
        if (node instanceof ScalarNode scalar) {
            return new ConfigNode.Scalar(scalar.getValue(), !scalar.isPlain(), origin);
        }
        if (node instanceof SequenceNode sequence) {
            List<ConfigNode> elements = new ArrayList<>();
            for (Node element : sequence.getValue()) {
                elements.add(node(element, key + "[" + elements.size() + "]", null));
            }
            return new ConfigNode.Sequence(elements, origin);
        }
        return mapping((MappingNode) node, key, origin);
    }

    private ConfigNode mapping(MappingNode mapping, String key, String origin) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode scalar)) {
                report(key, "a key must be a plain word, not a list or a mapping", entry.getKeyNode());
                continue;
            }
            String name = scalar.getValue();
            String inner = Schema.join(key, name);
            ConfigNode earlier = entries.get(name);
            if (scalar.isPlain() && name.equals("<<")) {
                report(inner, "merge keys cannot be used: write the keys out", scalar);
            } else if (earlier != null) {
                report(inner, "is given twice" + (isFile ? ", first in " + earlier.origin() : ""), scalar);
            } else {
                entries.put(name, node(entry.getValueNode(), inner, scalar));
            }
        }
        return new ConfigNode.Mapping(entries, origin);
    }

    private void report(String key, String message, Node node) {
        Faults.Fault fault = new Faults.Fault(key, message, exactly(node.getStartMark()));
        if (!faults.list().contains(fault)) {
            faults.add(fault);
        }
    }

    private String exactly(Optional<Mark> mark) {
        return mark.filter(at -> isFile)
                .map(at -> source + ":" + (at.getLine() + 1) + ":" + (at.getColumn() + 1))
                .orElse(source);
    }
}
