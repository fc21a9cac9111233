package dev.marquee.measure;

import com.sun.management.OperatingSystemMXBean;
import dev.marquee.tensor.Engine;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;

/**
 * The facts of this machine and of the engine on it that decide how fast training is.
 *
 * @param processor what the operating system tells about it
 * @param cores processors that this process may use, hyper-threads and a container's limit counted
 * @param memoryBytes main memory, or the container's limit
 * @param system operating system, its version and architecture
 * @param java the virtual machine and its version
 * @param engine the version of libtorch
 * @param engineVectors the vector instructions that the engine's own operators use here
 * @param blas what computes float32 products
 * @param threads how many threads the engine uses unless told otherwise
 * @param devices where the engine can compute: {@code cpu}, and {@code cuda:0} and so on
 * @param warnings what in the environment makes the engine slow or unsafe
 */
public record Machine(
        Processor processor,
        int cores,
        long memoryBytes,
        String system,
        String java,
        String engine,
        String engineVectors,
        String blas,
        int threads,
        List<String> devices,
        List<Warning> warnings) {
    private static final Pattern BLAS = Pattern.compile("BLAS_INFO=(\\w+)");

    /** Copies the lists. */
    public Machine {
        devices = List.copyOf(devices);
        warnings = List.copyOf(warnings);
    }

    /**
     * Looks at this machine. Loads the engine.
     *
     * @param threads how many threads a run is going to use, at least 1
     * @return the facts
     */
    public static Machine detect(int threads) {
        Engine.load();
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        int cores = Runtime.getRuntime().availableProcessors();
        String blas = Engine.mklPreloaded() ? "MKL in place of OpenBLAS" : blasName(Engine.buildDescription());
        Map<String, String> environment = new HashMap<>(System.getenv());
        if (Engine.madePassive()) {
            environment.put("OMP_WAIT_POLICY", "passive");
        }
        Surroundings surroundings = new Surroundings(
                environment,
                System.getProperties(),
                threads,
                cores,
                blas.startsWith("OpenBLAS"),
                system.getSystemLoadAverage());
        return new Machine(
                Processor.detect(),
                cores,
                system.getTotalMemorySize(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                Engine.version(),
                Engine.vectorCapability(),
                blas,
                Engine.threads(),
                availableDevices(),
                Warning.about(surroundings));
    }

    /** The BLAS's name in the engine's description of its own build. */
    static String blasName(String buildDescription) {
        Matcher found = BLAS.matcher(buildDescription);
        String name = found.find() ? found.group(1) : "unknown";
        return switch (name) {
            case "open" -> "OpenBLAS (own threads)";
            case "mkl" -> "MKL";
            case "accelerate" -> "Accelerate";
            default -> name;
        };
    }

    private static List<String> availableDevices() {
        List<String> devices = new ArrayList<>(List.of("cpu"));
        if (torch.cuda_is_available()) {
            int count = torch.cuda_device_count();
            for (int i = 0; i < count; i++) {
                devices.add("cuda:" + i);
            }
        }
        return devices;
    }
}
