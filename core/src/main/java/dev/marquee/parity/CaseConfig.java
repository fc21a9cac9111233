package dev.marquee.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The JSON object that configures a case's module. Every key must be asked for by the module that it is for. */
final class CaseConfig {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JsonNode root;
    private final Set<String> known = new TreeSet<>();

    private CaseConfig(JsonNode root) {
        this.root = root;
    }

    static CaseConfig parse(String json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its config is not valid JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new IllegalArgumentException("its config must be a JSON object, not " + json);
        }
        return new CaseConfig(root);
    }

    int integer(String key) {
        return integer(key, required(key));
    }

    OptionalInt optionalInteger(String key) {
        return given(key) ? OptionalInt.of(integer(key, root.get(key))) : OptionalInt.empty();
    }

    List<Integer> integers(String key) {
        JsonNode node = required(key);
        if (!node.isArray()) {
            throw fault(key, "a list of whole numbers", node);
        }
        List<Integer> numbers = new ArrayList<>();
        node.forEach(number -> numbers.add(integer(key, number)));
        return numbers;
    }

    boolean flag(String key, boolean absent) {
        if (!given(key)) {
            return absent;
        }
        JsonNode node = root.get(key);
        if (!node.isBoolean()) {
            throw fault(key, "true or false", node);
        }
        return node.booleanValue();
    }

    double number(String key, double absent) {
        if (!given(key)) {
            return absent;
        }
        JsonNode node = root.get(key);
        if (!node.isNumber()) {
            throw fault(key, "a number", node);
        }
        return node.doubleValue();
    }

    /** A constant of an enum, in lower case. */
    <E extends Enum<E>> E choice(String key, E absent) {
        if (!given(key)) {
            return absent;
        }
        E[] constants = absent.getDeclaringClass().getEnumConstants();
        String text = root.get(key).asText();
        return Arrays.stream(constants)
                .filter(constant -> lower(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> fault(
                        key,
                        "one of "
                                + Arrays.stream(constants)
                                        .map(CaseConfig::lower)
                                        .toList(),
                        root.get(key)));
    }

    /** Refuses keys that nobody asked for. */
    void requireNoOthers() {
        Set<String> others = new TreeSet<>();
        root.fieldNames().forEachRemaining(others::add);
        others.removeAll(known);
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("unknown keys in its config: " + others + "; known are " + known);
        }
    }

    private boolean given(String key) {
        known.add(key);
        return root.hasNonNull(key);
    }

    private JsonNode required(String key) {
        if (!given(key)) {
            throw new IllegalArgumentException("its config lacks the key " + key);
        }
        return root.get(key);
    }

    private static int integer(String key, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw fault(key, "a whole number", node);
        }
        return node.intValue();
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static IllegalArgumentException fault(String key, String expected, JsonNode given) {
        return new IllegalArgumentException("the key " + key + " of its config must be " + expected + ", not " + given);
    }
}
