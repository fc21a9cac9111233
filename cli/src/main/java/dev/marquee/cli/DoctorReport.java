package dev.marquee.cli;

import dev.marquee.cli.bench.Choices;
import dev.marquee.cli.bench.ChoicesTable;
import dev.marquee.measure.Machine;
import dev.marquee.measure.Roofline;
import dev.marquee.measure.Spread;
import dev.marquee.measure.Warning;
import dev.marquee.tensor.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code marquee doctor} says.
 *
 * @param machine the facts
 * @param roofline the rates
 * @param findings what the rules choose, and what else could be set
 */
record DoctorReport(Machine machine, Roofline roofline, Choices.Findings findings) {
    private static final Device GPU = new Device(Device.Kind.CUDA, 0);

    /** For people. */
    String text() {
        List<String> lines = new ArrayList<>();
        line(lines, "engine", "libtorch " + machine.engine() + ", vectors " + machine.engineVectors());
        line(lines, "BLAS", machine.blas());
        line(lines, "processor", machine.processor().model());
        line(lines, "cores", cores());
        line(lines, "vectors", listed(machine.processor().vectors(), "unknown"));
        line(lines, "bfloat16", listed(machine.processor().bfloat16(), "no instructions for it"));
        line(lines, "memory", String.format(Locale.ROOT, "%.1f GiB", machine.memoryBytes() / (double) (1L << 30)));
        line(lines, "system", machine.system());
        line(lines, "Java", machine.java());
        line(lines, "devices", String.join(", ", machine.devices()));
        line(lines, "GPU", GPU.missing().map(reason -> "none: " + reason).orElse("engine.device=cuda can be used"));
        lines.add("");
        String threads = roofline.threads() + (roofline.threads() == 1 ? " thread" : " threads");
        lines.add("measured: matrix products of " + roofline.size() + " × " + roofline.size() + ", copies of 128 MiB");
        line(lines, "float32", rate(roofline.float32(), "GFLOP/s") + ", " + threads);
        if (roofline.threads() > 1) {
            line(lines, "", rate(roofline.float32OneThread(), "GFLOP/s") + ", 1 thread");
        }
        roofline.bfloat16().ifPresent(rate -> line(lines, "bfloat16", rate(rate, "GFLOP/s") + ", " + threads));
        line(lines, "copy", rate(roofline.copy(), "GB/s read and written") + ", " + threads);
        lines.add("");
        if (machine.warnings().isEmpty()) {
            lines.add("environment: nothing wrong");
        }
        for (Warning warning : machine.warnings()) {
            lines.add("warning: " + warning.name() + " " + warning.problem() + "; " + warning.remedy() + ".");
        }
        if (!findings.equals(Choices.Findings.NONE)) {
            lines.add("");
            lines.addAll(ChoicesTable.lines(findings));
        }
        return String.join("\n", lines);
    }

    /** For programs. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("engine", machine.engine());
        values.put("engine_vectors", machine.engineVectors());
        values.put("blas", machine.blas());
        values.put("processor", machine.processor().model());
        values.put("cores", machine.cores());
        values.put("physical_cores", machine.processor().physicalCores());
        values.put("vectors", machine.processor().vectors());
        values.put("bfloat16", machine.processor().bfloat16());
        values.put("memory_bytes", machine.memoryBytes());
        values.put("system", machine.system());
        values.put("java", machine.java());
        values.put("devices", machine.devices());
        values.put("gpu", GPU.missing().isEmpty());
        values.put("threads", roofline.threads());
        values.put("matrix_size", roofline.size());
        values.put("float32_gflops", roofline.float32().max());
        values.put("float32_gflops_median", roofline.float32().median());
        values.put("float32_gflops_one_thread", roofline.float32OneThread().max());
        roofline.bfloat16().ifPresent(rate -> values.put("bfloat16_gflops", rate.max()));
        values.put("copy_gb_per_second", roofline.copy().max());
        values.put(
                "warnings",
                machine.warnings().stream()
                        .map(warning -> Map.of(
                                "name", warning.name(), "problem", warning.problem(), "remedy", warning.remedy()))
                        .toList());
        if (!findings.equals(Choices.Findings.NONE)) {
            values.putAll(ChoicesTable.values(findings));
        }
        return values;
    }

    private String cores() {
        int physical = machine.processor().physicalCores();
        String usable = machine.cores() + " usable";
        return physical == 0 ? usable : usable + ", " + physical + " physical";
    }

    private static String listed(List<String> names, String otherwise) {
        return names.isEmpty() ? otherwise : String.join(", ", names);
    }

    private static String rate(Spread rate, String unit) {
        return String.format(Locale.ROOT, "%.1f %s at best, %.1f in the middle", rate.max(), unit, rate.median());
    }

    private static void line(List<String> lines, String name, String value) {
        lines.add(String.format(Locale.ROOT, "%-10s %s", name, value));
    }
}
