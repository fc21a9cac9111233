package dev.marquee.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Something around the process that makes the engine slow, with what to do. The costs named were measured.
 *
 * @param name the variable, property or thing at fault
 * @param problem what it costs
 * @param remedy what to do
 */
public record Warning(String name, String problem, String remedy) {
    private static final List<String> FORCED = List.of("OPENBLAS_CORETYPE", "ATEN_CPU_CAPABILITY");
    private static final List<String> PINNING = List.of("OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY");
    /** Up to this count, measured in place of the passive policy, OpenMP's waiting threads do no harm. */
    private static final long HARMLESS_SPINS = 1_000;

    static List<Warning> about(Surroundings around) {
        List<Warning> warnings = new ArrayList<>();
        if (around.blasHasThreads() && around.threads() > 1 && spins(around)) {
            warnings.add(new Warning(
                    "OMP_WAIT_POLICY",
                    "is " + shown(around.variable("OMP_WAIT_POLICY")) + ": OpenMP's waiting threads keep the cores from"
                            + " OpenBLAS's own threads, and training steps take 10 to 25 times as long",
                    "set OMP_WAIT_POLICY=passive before Java starts, as the marquee script does, or do not set it"));
        }
        if (!around.hasProperty("org.bytedeco.javacpp.nopointergc", "true")) {
            warnings.add(new Warning(
                    "org.bytedeco.javacpp.nopointergc",
                    "is not true: the garbage collector tracks every native object, about 2 microseconds an operator",
                    "start Java with -Dorg.bytedeco.javacpp.nopointergc=true, or let Marquee load the engine before other"
                            + " JavaCPP classes are used"));
        }
        for (String name : FORCED) {
            if (!around.variable(name).isEmpty()) {
                warnings.add(new Warning(
                        name,
                        "is " + shown(around.variable(name))
                                + ": the engine uses those instructions, not those that it would choose for this processor",
                        "unset " + name));
            }
        }
        for (String name : PINNING) {
            String value = around.variable(name);
            if (!value.isEmpty() && !value.equalsIgnoreCase("false") && around.cores() > 1) {
                warnings.add(new Warning(
                        name,
                        "is " + shown(value) + ": OpenMP ties the thread that computes first to one core, and all"
                                + " threads that Java starts after that share this core",
                        "unset " + name));
            }
        }
        if (around.threads() > around.cores()) {
            warnings.add(new Warning(
                    "threads",
                    around.threads() + " threads share the " + around.cores() + " cores that this process may use (a"
                            + " container's limit and processor affinity counted), and wait for each other",
                    "use at most " + around.cores() + " threads"));
        }
        if (around.load() > around.cores() * 0.5 + 0.5) {
            warnings.add(new Warning(
                    "load",
                    String.format(
                            Locale.ROOT,
                            "%.1f threads were running on %d cores over the last minute: measurements are too low",
                            around.load(),
                            around.cores()),
                    "measure again when the machine is idle"));
        }
        return List.copyOf(warnings);
    }

    private static boolean spins(Surroundings around) {
        if (around.variable("OMP_WAIT_POLICY").equalsIgnoreCase("passive")) {
            return false;
        }
        String spins = around.variable("GOMP_SPINCOUNT");
        return !spins.matches("\\d{1,15}") || Long.parseLong(spins) > HARMLESS_SPINS;
    }

    private static String shown(String value) {
        return value.isEmpty() ? "not set" : "\"" + value + "\"";
    }
}
