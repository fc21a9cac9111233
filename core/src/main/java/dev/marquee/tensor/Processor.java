package dev.marquee.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What the operating system tells about the processor.
 *
 * @param model its name; {@code unknown} where the system does not tell
 * @param physicalCores cores in the machine, hyper-threads not counted; 0 where the system does not tell
 * @param vectors the vector instruction sets that matter here, widest last, such as {@code AVX2}, {@code AVX-512},
 *     {@code AMX}, {@code NEON}; empty where unknown
 * @param bfloat16 which of its instructions multiply bfloat16, such as {@code AVX-512 BF16}; empty when there are none
 */
public record Processor(String model, int physicalCores, List<String> vectors, List<String> bfloat16) {
    /** A processor that the system tells nothing about. */
    public static final Processor UNKNOWN = new Processor("unknown", 0, List.of(), List.of());

    private static final Map<String, String> VECTORS = names(
            "avx", "AVX",
            "avx2", "AVX2",
            "fma", "FMA",
            "avx512f", "AVX-512",
            "avx512_vnni", "AVX-512 VNNI",
            "amx_tile", "AMX",
            "asimd", "NEON",
            "sve", "SVE",
            "sve2", "SVE2");
    private static final Map<String, String> BFLOAT16 = names(
            "avx512_bf16", "AVX-512 BF16",
            "amx_bf16", "AMX BF16",
            "avx_ne_convert", "AVX-NE-CONVERT",
            "bf16", "NEON BF16");

    /** Copies the lists. */
    public Processor {
        vectors = List.copyOf(vectors);
        bfloat16 = List.copyOf(bfloat16);
    }

    /**
     * Asks the operating system: {@code /proc/cpuinfo} on Linux, {@code sysctl} on macOS.
     *
     * @return what it tells, {@link #UNKNOWN} where it tells nothing
     */
    public static Processor detect() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        try {
            if (system.startsWith("linux")) {
                return ofCpuinfo(Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8));
            }
            if (system.startsWith("mac")) {
                return ofSysctl(sysctl());
            }
        } catch (IOException e) {
            return UNKNOWN;
        }
        return UNKNOWN;
    }

    /**
     * Reads the text of Linux's {@code /proc/cpuinfo}.
     *
     * @param text the file's content
     * @return the processor; parts that the text lacks are unknown
     */
    static Processor ofCpuinfo(String text) {
        String model = "unknown";
        Set<String> flags = new LinkedHashSet<>();
        Set<String> cores = new LinkedHashSet<>();
        String socket = "0";
        for (String line : text.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String key = line.substring(0, colon).strip();
            String value = line.substring(colon + 1).strip();
            switch (key) {
                case "model name", "Model" -> model = value;
                case "flags", "Features" -> flags.addAll(List.of(value.split("\\s+", -1)));
                case "physical id" -> socket = value;
                case "core id" -> cores.add(socket + "/" + value);
                default -> {}
            }
        }
        return new Processor(model, cores.size(), known(VECTORS, flags), known(BFLOAT16, flags));
    }

    /**
     * Reads what macOS's {@code sysctl} prints for {@code machdep.cpu}, {@code hw.physicalcpu} and {@code hw.optional}.
     *
     * @param text lines of {@code name: value}
     * @return the processor; parts that the text lacks are unknown
     */
    static Processor ofSysctl(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                values.put(line.substring(0, colon), line.substring(colon + 2).strip());
            }
        }
        Set<String> flags = new LinkedHashSet<>();
        String intel = values.getOrDefault("machdep.cpu.features", "") + " "
                + values.getOrDefault("machdep.cpu.leaf7_features", "");
        for (String flag : List.of(intel.toLowerCase(Locale.ROOT).strip().split("\\s+", -1))) {
            flags.add(flag.equals("avx1.0") ? "avx" : flag);
        }
        if ("1".equals(values.get("hw.optional.neon")) || "1".equals(values.get("hw.optional.AdvSIMD"))) {
            flags.add("asimd");
        }
        if ("1".equals(values.get("hw.optional.arm.FEAT_BF16"))) {
            flags.add("bf16");
        }
        String cores = values.getOrDefault("hw.physicalcpu", "0");
        return new Processor(
                values.getOrDefault("machdep.cpu.brand_string", "unknown"),
                cores.matches("\\d{1,6}") ? Integer.parseInt(cores) : 0,
                known(VECTORS, flags),
                known(BFLOAT16, flags));
    }

    private static String sysctl() throws IOException {
        Process process = new ProcessBuilder("sysctl", "machdep.cpu", "hw.physicalcpu", "hw.optional")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(5, TimeUnit.SECONDS);
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        } finally {
            process.destroy();
        }
    }

    private static List<String> known(Map<String, String> names, Set<String> flags) {
        return names.entrySet().stream()
                .filter(entry -> flags.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static Map<String, String> names(String... pairs) {
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            names.put(pairs[i], pairs[i + 1]);
        }
        return names;
    }
}
