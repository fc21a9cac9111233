package dev.marquee.train;

import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Engine;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where a run came from. */
final class Provenance {
    private Provenance() {}

    /** The version of Marquee, from the jar's manifest. */
    static String version() {
        String version = Provenance.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static Map<String, Object> of(Recipe recipe, String data, String dataFingerprint, int threads, int processes) {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("architecture", System.getProperty("os.arch"));
        machine.put("cores", Runtime.getRuntime().availableProcessors());
        machine.put("vector", Engine.vectorCapability());
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("marquee", version());
        provenance.put("engine", "libtorch " + Engine.version());
        provenance.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        provenance.put("seed", recipe.seed());
        provenance.put("processes", processes);
        provenance.put("threads", threads);
        provenance.put("data", data);
        provenance.put("data_fingerprint", dataFingerprint);
        provenance.put("machine", machine);
        return provenance;
    }
}
