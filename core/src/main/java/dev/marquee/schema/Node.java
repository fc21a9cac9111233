package dev.marquee.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An object of stored JSON, read strictly; {@code path} names it in messages. */
record Node(JsonNode json, String path) {
    JsonNode object(String key) {
        JsonNode node = json.get(key);
        return expect(node, node != null && node.isObject(), key, "an object");
    }

    String text(String key) {
        JsonNode node = json.get(key);
        return expect(node, node != null && node.isTextual(), key, "a text").textValue();
    }

    /** A text that must be the given one. */
    String named(String key, String name) {
        String found = text(key);
        if (!found.equals(name)) {
            throw damaged("its key " + path + key + " is " + found + " where " + name + " belongs");
        }
        return found;
    }

    int whole(String key) {
        JsonNode node = json.get(key);
        return expect(node, node != null && node.isInt(), key, "a whole number").intValue();
    }

    double number(String key) {
        JsonNode node = json.get(key);
        return finite(node, key);
    }

    boolean truth(String key) {
        JsonNode node = json.get(key);
        return expect(node, node != null && node.isBoolean(), key, "true or false")
                .booleanValue();
    }

    /** Numbers in ascending order, none twice. */
    double[] numbers(String key) {
        JsonNode node = json.get(key);
        JsonNode array = expect(node, node != null && node.isArray(), key, "a list of numbers");
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = finite(array.get(i), key + "[" + i + "]");
            expect(array, i == 0 || values[i - 1] < values[i], key, "a list of ascending numbers");
        }
        return values;
    }

    /** A list of so many objects. */
    List<Node> list(String key, int size) {
        JsonNode node = json.get(key);
        JsonNode array = expect(node, node != null && node.isArray(), key, "a list");
        expect(array, array.size() == size, key, "a list of " + size);
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String name = key + "[" + i + "]";
            nodes.add(new Node(expect(array.get(i), array.get(i).isObject(), name, "an object"), path + name + "."));
        }
        return nodes;
    }

    static IllegalArgumentException damaged(String why) {
        return new IllegalArgumentException(
                "the stored schema cannot be used: " + why + "; take it from another checkpoint or train anew");
    }

    private double finite(@Nullable JsonNode node, String key) {
        JsonNode found = expect(node, node != null && node.isNumber(), key, "a number");
        expect(found, Double.isFinite(found.doubleValue()), key, "a finite number");
        return found.doubleValue();
    }

    private JsonNode expect(@Nullable JsonNode node, boolean fits, String key, String what) {
        if (node == null || !fits) {
            throw damaged("its key " + path + key + " is " + (node == null ? "missing" : "not " + what));
        }
        return node;
    }
}
