package dev.marquee.collective;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What all members of a group must have in common. */
final class Facts {
    private static final int SHOWN = 100;

    private Facts() {}

    /** What differs, in words; empty when nothing does. */
    static Optional<String> difference(List<Map<String, String>> byRank) {
        TreeSet<String> names = new TreeSet<>();
        byRank.forEach(facts -> names.addAll(facts.keySet()));
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            Map<String, List<Integer>> ranks = new LinkedHashMap<>();
            for (int rank = 0; rank < byRank.size(); rank++) {
                String value = byRank.get(rank).getOrDefault(name, "(nothing)");
                ranks.computeIfAbsent(value, key -> new ArrayList<>()).add(rank);
            }
            if (ranks.size() > 1) {
                List<String> sides = new ArrayList<>();
                ranks.forEach((value, which) -> sides.add(shortened(value) + " on " + ranks(which)));
                lines.add("\n  " + name + ": " + String.join(", ", sides));
            }
        }
        return lines.isEmpty() ? Optional.empty() : Optional.of(String.join("", lines));
    }

    /** {@code rank 1}, {@code ranks 0, 2 and 3}. */
    static String ranks(List<Integer> ranks) {
        if (ranks.size() == 1) {
            return "rank " + ranks.get(0);
        }
        List<String> words = ranks.stream().map(String::valueOf).toList();
        int last = words.size() - 1;
        return "ranks " + String.join(", ", words.subList(0, last)) + " and " + words.get(last);
    }

    static byte[] write(Map<String, String> facts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(facts.size());
            for (Map.Entry<String, String> fact : facts.entrySet()) {
                Wire.writeText(out, fact.getKey());
                Wire.writeText(out, fact.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Map<String, String> read(byte[] bytes) {
        Map<String, String> facts = new LinkedHashMap<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            for (int left = in.readInt(); left > 0; left--) {
                facts.put(Wire.readText(in), Wire.readText(in));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return facts;
    }

    private static String shortened(String value) {
        return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
    }
}
