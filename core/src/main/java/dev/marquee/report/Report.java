package dev.marquee.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page about run folders: loss and metrics by step, ROC, calibration, scores, slices, where the time went, the recipe,
 * and where all this came from. One file, charts included (uPlot), that opens without a network, light and dark.
 */
public final class Report {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z.]+)}}");
    private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    /** A chart cannot show more, and the page stays small. */
    private static final int MOST_STEPS = 2000;

    private Report() {}

    /**
     * The page of one run.
     *
     * @param run its folder; files that are not there yet leave gaps in the page
     * @return HTML
     * @throws IOException when a file cannot be read
     */
    public static String of(Path run) throws IOException {
        ObjectNode data = page(List.of(run));
        String name = name(run);
        data.put("title", name);
        data.put("subtitle", data.at("/runs/0/description").asText());
        return render("report.html", name, data);
    }

    /**
     * The page of several runs.
     *
     * @param runs their folders
     * @param comparison what to say about the comparison, in a line
     * @param differences which runs differ in what: a list of {@code first}, {@code second}, {@code metric}, {@code
     *     difference}, {@code low}, {@code high}, {@code beyond_chance}
     * @return HTML
     * @throws IOException when a file cannot be read
     */
    public static String of(List<Path> runs, String comparison, List<?> differences) throws IOException {
        ObjectNode data = page(runs);
        String names = String.join(", ", runs.stream().map(Report::name).toList());
        data.put("title", runs.size() + " runs side by side");
        data.put("subtitle", names);
        data.put("comparison", comparison);
        data.set("differences", JSON.valueToTree(differences));
        return render("report.html", "Compare: " + names, data);
    }

    /**
     * The page about how a recipe was accelerated.
     *
     * @param title the page's title
     * @param data what {@code accelerate.js} shows
     * @return HTML
     * @throws IOException when the page's parts are missing
     */
    public static String ofAcceleration(String title, Map<String, ?> data) throws IOException {
        return render("accelerate.html", title, JSON.valueToTree(data));
    }

    private static ObjectNode page(List<Path> runs) throws IOException {
        ObjectNode data = JSON.createObjectNode();
        ArrayNode all = data.putArray("runs");
        String version = "";
        for (Path run : runs) {
            ObjectNode entry = all.addObject();
            String recipe = text(run.resolve("recipe.yaml"));
            entry.put("name", name(run));
            entry.put("recipe", recipe);
            entry.put("description", description(recipe));
            entry.set("summary", json(run.resolve("summary.json")));
            entry.set("provenance", json(run.resolve("provenance.json")));
            entry.set("evaluation", json(run.resolve("evaluation.json")));
            entry.set("profile", json(run.resolve("profile.json")));
            entry.set("metrics", metrics(run.resolve("metrics.jsonl")));
            version = entry.path("provenance").path("marquee").asText("");
        }
        data.put("footer", "Marquee " + version);
        return data;
    }

    /** The entries of all epochs, and of the steps as many as can be seen. */
    private static ArrayNode metrics(Path file) throws IOException {
        ArrayNode kept = JSON.createArrayNode();
        List<String> lines = text(file).lines().toList();
        int stride = Math.max(1, lines.size() / MOST_STEPS);
        for (int i = 0; i < lines.size(); i++) {
            JsonNode entry = JSON.readTree(lines.get(i));
            if (i % stride == 0 || entry.has("training_loss")) {
                kept.add(entry);
            }
        }
        return kept;
    }

    private static String description(String recipe) {
        return recipe.lines()
                .filter(line -> line.startsWith("description:"))
                .map(line -> line.substring("description:".length()).strip().replaceAll("^[\"']|[\"']$", ""))
                .findFirst()
                .orElse("");
    }

    private static String name(Path run) {
        Path name = run.toAbsolutePath().normalize().getFileName();
        return name == null ? run.toString() : name.toString();
    }

    private static JsonNode json(Path file) throws IOException {
        return Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
    }

    private static String text(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    }

    private static String render(String template, String title, JsonNode data) throws IOException {
        StringBuilder page = new StringBuilder();
        Matcher place = PLACE.matcher(resource(template));
        while (place.find()) {
            place.appendReplacement(page, Matcher.quoteReplacement(value(place.group(1), title, data)));
        }
        return place.appendTail(page).toString();
    }

    private static String value(String place, String title, JsonNode data) throws IOException {
        return switch (place) {
            case "title" -> title.replace("&", "&amp;").replace("<", "&lt;");
            // A text of the user's must not end the script element that holds it.
            case "data" -> JSON.writeValueAsString(data).replace("<", "\\u003c");
            case "uplot.css" -> resource(CHARTS + "uPlot.min.css");
            case "uplot.js" -> resource(CHARTS + "uPlot.iife.min.js");
            default -> resource(place);
        };
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
