package dev.marquee.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class WarningTest {
    private static final Map<String, String> GOOD = Map.of("OMP_WAIT_POLICY", "passive");

    @Test
    void about_goodEnvironment_saysNothing() {
        assertThat(names(GOOD, 2, true, 0.5)).isEmpty();
    }

    @Test
    void about_waitPolicyNotPassive_warnsWhereTheBlasHasThreads() {
        assertThat(names(Map.of(), 2, true, 0)).containsExactly("OMP_WAIT_POLICY");
        assertThat(names(Map.of("OMP_WAIT_POLICY", "active"), 2, true, 0)).containsExactly("OMP_WAIT_POLICY");
        assertThat(names(Map.of("OMP_WAIT_POLICY", " PASSIVE "), 2, true, 0)).isEmpty();
        assertThat(names(Map.of(), 2, false, 0)).isEmpty();
        assertThat(names(Map.of(), 1, true, 0)).isEmpty();
    }

    @Test
    void about_oneOpenBlasThreadInTheEnvironment_warnsAllTheSame() {
        assertThat(names(Map.of("OPENBLAS_NUM_THREADS", "1"), 2, true, 0)).containsExactly("OMP_WAIT_POLICY");
    }

    @Test
    void about_fewSpins_countsAsPassive() {
        assertThat(names(Map.of("GOMP_SPINCOUNT", "1000"), 2, true, 0)).isEmpty();
        assertThat(names(Map.of("GOMP_SPINCOUNT", "10000"), 2, true, 0)).containsExactly("OMP_WAIT_POLICY");
        assertThat(names(Map.of("GOMP_SPINCOUNT", "infinity"), 2, true, 0)).containsExactly("OMP_WAIT_POLICY");
    }

    @Test
    void about_forcedInstructionSet_namesTheVariable() {
        assertThat(names(with("OPENBLAS_CORETYPE", "Nehalem"), 2, true, 0)).containsExactly("OPENBLAS_CORETYPE");
        assertThat(names(with("ATEN_CPU_CAPABILITY", "default"), 2, true, 0)).containsExactly("ATEN_CPU_CAPABILITY");
    }

    @Test
    void about_pinnedThreads_namesTheVariable() {
        assertThat(names(with("OMP_PROC_BIND", "true"), 2, true, 0)).containsExactly("OMP_PROC_BIND");
        assertThat(names(with("GOMP_CPU_AFFINITY", "0-1"), 2, true, 0)).containsExactly("GOMP_CPU_AFFINITY");
        assertThat(names(with("OMP_PROC_BIND", "false"), 2, true, 0)).isEmpty();
    }

    @Test
    void about_moreThreadsThanCores_saysHowManyThereAre() {
        List<Warning> warnings = Warning.about(new Surroundings(GOOD, properties(), 8, 2, true, 0));

        assertThat(warnings).singleElement().satisfies(warning -> {
            assertThat(warning.problem()).startsWith("8 threads share the 2 cores");
            assertThat(warning.remedy()).isEqualTo("use at most 2 threads");
        });
    }

    @Test
    void about_busyMachine_warnsOfLowMeasurements() {
        assertThat(names(GOOD, 2, true, 3.2)).containsExactly("load");
        assertThat(names(GOOD, 2, true, -1)).isEmpty();
    }

    @Test
    void about_pointerCollection_warns() {
        assertThat(Warning.about(new Surroundings(GOOD, new Properties(), 2, 2, true, 0)))
                .extracting(Warning::name)
                .containsExactly("org.bytedeco.javacpp.nopointergc");
    }

    private static List<String> names(Map<String, String> environment, int threads, boolean blasThreads, double load) {
        return Warning.about(new Surroundings(environment, properties(), threads, 2, blasThreads, load)).stream()
                .map(Warning::name)
                .toList();
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> environment = new HashMap<>(GOOD);
        environment.put(name, value);
        return environment;
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        return properties;
    }
}
