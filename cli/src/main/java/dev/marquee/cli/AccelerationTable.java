package dev.marquee.cli;

import dev.marquee.accelerate.Acceleration;
import dev.marquee.accelerate.Finding;
import dev.marquee.accelerate.Gain;
import dev.marquee.accelerate.QualityChange;
import dev.marquee.config.ConfigDifference;
import dev.marquee.measure.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What accelerate found, as text. */
final class AccelerationTable {
    private static final int NAME = 40;

    private AccelerationTable() {}

    static List<String> lines(Acceleration acceleration) {
        List<String> lines = new ArrayList<>(table(acceleration));
        List<String> notes = new ArrayList<>();
        for (Finding finding : acceleration.findings()) {
            boolean tells = switch (finding.verdict()) {
                case COSTS_QUALITY, QUALITY_UNKNOWN, REFUSED, FAILED -> true;
                case RECOMMENDED, NOT_ADDED ->
                    finding.quality() != null && !finding.reason().isEmpty();
                default -> false;
            };
            if (tells) {
                notes.add(finding.name() + ": " + finding.reason());
            }
        }
        if (!notes.isEmpty()) {
            lines.add("");
            lines.addAll(notes);
        }
        lines.add("");
        lines.addAll(advice(acceleration));
        return lines;
    }

    private static List<String> table(Acceleration acceleration) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                List.of("technique", "samples/s", "spread", "× baseline", "interval", "of roof", "memory", "loss", ""));
        acceleration.findings().forEach(finding -> rows.add(row(acceleration, finding)));
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                boolean toTheLeft = i == 0 || i == columns - 1;
                line.append(i == 0 ? "" : "  ").append(toTheLeft ? row.get(i) + padding : padding + row.get(i));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static List<String> row(Acceleration acceleration, Finding finding) {
        List<String> cells = new ArrayList<>();
        String name = finding.name();
        cells.add(name.length() <= NAME ? name : "best");
        Spread rate = finding.samplesPerSecond();
        cells.add(rate == null ? "" : format("%,.0f", rate.median()));
        cells.add(rate == null ? "" : format("%.0f %%", 100 * rate.relative()));
        Gain gain = finding.gain();
        cells.add(gain == null ? "" : format("%.2f", gain.times()));
        cells.add(gain == null ? "" : format("%.2f–%.2f", gain.low(), gain.high()));
        cells.add(rate == null ? "" : format("%.0f %%", acceleration.roofline().percent(acceleration.gflops(finding))));
        cells.add(rate == null ? "" : format("%.1f MB", finding.stateBytes() / 1e6));
        QualityChange quality = finding.quality();
        cells.add(quality == null ? "" : format("%+.2f %%", 100 * quality.change()));
        cells.add(word(finding.verdict()));
        return cells;
    }

    private static String word(Finding.Verdict verdict) {
        return switch (verdict) {
            case BASELINE, GIVEN -> "";
            case BEST -> "recommended";
            case NOT_ADDED -> "adds nothing more";
            case NO_GAIN -> "no gain beyond noise";
            case QUALITY_UNKNOWN -> "quality not shown";
            case REFUSED -> "not here";
            default -> verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }

    private static List<String> advice(Acceleration acceleration) {
        if (!acceleration.complete()) {
            return List.of("stopped before everything was measured: there is no recommendation");
        }
        List<ConfigDifference> changes = acceleration.changes();
        if (changes.isEmpty()) {
            return List.of(
                    "nothing to change: no other settings are faster than the recipe as it is by more than noise");
        }
        List<String> lines = new ArrayList<>(List.of("change:"));
        changes.forEach(
                change -> lines.add("  " + change.key() + ": " + change.after() + "   (was " + change.before() + ")"));
        return lines;
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
