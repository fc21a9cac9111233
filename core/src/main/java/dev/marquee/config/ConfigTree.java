package dev.marquee.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Values by key with their origins: a file's, and what is set over them. Immutable. What cannot be read is kept as a
 * fault, for {@link Binder} to report with all others.
 */
public final class ConfigTree {
    private static final String JAVA = "from Java";

    private final ConfigNode.Mapping root;
    private final List<Faults.Fault> faults;

    private ConfigTree(ConfigNode.Mapping root, List<Faults.Fault> faults) {
        this.root = root;
        this.faults = List.copyOf(faults);
    }

    /**
     * A tree without values: every key has its default.
     *
     * @return the tree
     */
    public static ConfigTree empty() {
        return new ConfigTree(new ConfigNode.Mapping(Map.of(), ""), List.of());
    }

    /**
     * Reads a YAML file, in UTF-8.
     *
     * @param file the file; its path as given appears in origins
     * @return its values
     * @throws ConfigException if it cannot be read, is empty, or is not YAML with keys at its top
     */
    public static ConfigTree read(Path file) {
        try {
            String text = Files.readString(file);
            return parse(text.startsWith("\uFEFF") ? text.substring(1) : text, file.toString());
        } catch (NoSuchFileException e) {
            throw single(file.toString(), "there is no such file", "");
        } catch (CharacterCodingException e) {
            throw single(file.toString(), "this is not text in UTF-8", "");
        } catch (IOException e) {
            throw single(file.toString(), "this cannot be read: " + e.getMessage(), "");
        }
    }

    /**
     * Reads YAML.
     *
     * @param text the text
     * @param source the name of the text in origins, such as {@code mine.yaml}
     * @return its values
     * @throws ConfigException if it is empty, or is not YAML with keys at its top
     */
    public static ConfigTree parse(String text, String source) {
        Faults faults = new Faults();
        Optional<ConfigNode> root = YamlReader.file(text, source, faults);
        if (root.isEmpty() && !faults.isEmpty()) {
            throw new ConfigException(source, faults.list());
        }
        if (root.isEmpty() || root.get().isNull()) {
            throw single(source, "this is empty: write keys with their values, such as seed: 1", source + ":1");
        }
        if (root.get() instanceof ConfigNode.Mapping mapping) {
            return new ConfigTree(mapping, faults.list());
        }
        throw single(
                source,
                "this is not a list of keys with their values, such as seed: 1",
                root.get().origin());
    }

    /**
     * The values of a section, all of them, set by a Java program.
     *
     * @param section the section
     * @return the tree that binds to an equal section
     */
    public static ConfigTree of(Section section) {
        return new ConfigTree((ConfigNode.Mapping) node(section), List.of());
    }

    /**
     * Sets a key from text.
     *
     * @param key the dotted key; elements of lists are counted from 0, as in {@code data.features[4].kind}
     * @param yaml the value in YAML: a number, {@code true}, text, {@code [784, 10]}, {@code {kind: adam}};
     *     {@code null} or nothing gives the key back its default
     * @param origin where it came from, such as {@code from --set}
     * @return a tree with that value
     */
    public ConfigTree with(String key, String yaml, String origin) {
        Faults more = new Faults();
        Optional<ConfigNode> value = YamlReader.value(key, yaml, origin, more);
        if (value.isEmpty() && more.isEmpty()) { // a comment alone
            return with(key, "null", origin);
        }
        return value.isEmpty() || !more.isEmpty() ? plus(more) : put(key, value.get());
    }

    /**
     * Sets a key from a Java program.
     *
     * @param key the dotted key
     * @param value a boolean, a number, text, a path, an enum's constant, a section, or a list or an Optional of these
     * @return a tree with that value
     * @throws IllegalArgumentException if the value is of another type
     */
    public ConfigTree with(String key, Object value) {
        return put(key, node(value));
    }

    /**
     * Where the value of a key came from.
     *
     * @param key the dotted key
     * @return such as {@code mine.yaml:31}; empty if the tree has no such key
     */
    public Optional<String> origin(String key) {
        return KeyPath.parse(key)
                .flatMap(steps -> KeyPath.find(root, steps))
                .map(ConfigNode::origin)
                .filter(origin -> !origin.isEmpty());
    }

    /**
     * A section by itself, for those who need no more.
     *
     * @param key the dotted key
     * @return its keys; none where the tree has no such section
     */
    public ConfigTree section(String key) {
        return find(key) instanceof ConfigNode.Mapping mapping ? new ConfigTree(mapping, faults) : empty();
    }

    /**
     * A value as it is written.
     *
     * @param key the dotted key
     * @return its text; empty if the tree has no such key, or none with one value
     */
    public Optional<String> text(String key) {
        return find(key) instanceof ConfigNode.Scalar scalar && !scalar.isNull()
                ? Optional.of(scalar.text())
                : Optional.empty();
    }

    private @Nullable ConfigNode find(String key) {
        return KeyPath.parse(key).flatMap(steps -> KeyPath.find(root, steps)).orElse(null);
    }

    ConfigNode.Mapping root() {
        return root;
    }

    List<Faults.Fault> faults() {
        return faults;
    }

    private ConfigTree put(String key, ConfigNode value) {
        Faults more = new Faults();
        Optional<List<KeyPath.Step>> steps = KeyPath.parse(key);
        if (steps.isPresent()) {
            try {
                return new ConfigTree((ConfigNode.Mapping) KeyPath.put(root, steps.get(), value), faults);
            } catch (IllegalArgumentException e) {
                more.add(new Faults.Fault(key, String.valueOf(e.getMessage()), value.origin()));
            }
        } else {
            String message = "this is not a key: write words with dots between, such as optimizer.learning_rate";
            more.add(new Faults.Fault(key, message, value.origin()));
        }
        return plus(more);
    }

    private ConfigTree plus(Faults more) {
        Faults all = new Faults();
        faults.forEach(all::add);
        more.list().forEach(all::add);
        return new ConfigTree(root, all.list());
    }

    private static ConfigNode node(Object value) {
        if (value instanceof Path path) {
            return new ConfigNode.Scalar(path.toString(), true, JAVA);
        }
        if (value instanceof List<?> list) {
            return new ConfigNode.Sequence(list.stream().map(ConfigTree::node).toList(), JAVA);
        }
        Faults none = new Faults();
        return YamlReader.value("", ConfigWriter.inline(value), JAVA, none).orElseThrow();
    }

    private static ConfigException single(String source, String message, String origin) {
        return new ConfigException(source, List.of(new Faults.Fault("", message, origin)));
    }
}
