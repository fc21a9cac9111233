package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Loads the engine in processes of their own: OpenMP tells there what it has read from the environment. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the engine brings another OpenMP")
class WaitPolicyTest {
    @TempDir
    Path folder;

    @Test
    void load_environmentThatSaysNothing_makesOpenMpWaitPassively() throws Exception {
        Result result = run(Map.of(), "engine");
        assertThat(result.err).contains("GOMP_SPINCOUNT = '0'");
        assertThat(result.out).isEqualTo("passive true\n");
    }

    @Test
    void load_policyOfTheUser_isLeftAsItIs() throws Exception {
        Result result = run(Map.of("OMP_WAIT_POLICY", "active"), "engine");
        assertThat(result.err).doesNotContain("GOMP_SPINCOUNT = '0'", "OpenMP was loaded before");
        assertThat(result.out).isEqualTo("passive false\n");
    }

    @Test
    void useThreads_openMpLoadedBefore_warnsOnceWhatToDo() throws Exception {
        Result result = run(Map.of(), "other library first");
        assertThat(result.err).containsOnlyOnce("OpenMP was loaded before Marquee's engine");
        assertThat(result.err).contains("set OMP_WAIT_POLICY=passive before Java starts");
        assertThat(result.out).isEqualTo("passive false\n");
    }

    private Result run(Map<String, String> environment, String how) throws IOException, InterruptedException {
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        how))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("OMP_WAIT_POLICY");
        builder.environment().remove("GOMP_SPINCOUNT");
        builder.environment().put("OMP_DISPLAY_ENV", "verbose");
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(err, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(said).isZero();
        return new Result(Files.readString(out, StandardCharsets.UTF_8), said);
    }

    private record Result(String out, String err) {}

    /** What the processes run. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            if (!arguments[0].equals("engine")) {
                Loader.load(torch.class);
            }
            Engine.useThreads(2);
            Engine.useThreads(2);
            System.out.println("passive " + Engine.madePassive());
        }
    }
}
