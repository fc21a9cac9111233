package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code marquee}, in a made-up repository, with scripts in place of Java and Maven. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the script is for Unix shells")
class LauncherTest {
    private static final Instant BUILT = Instant.parse("2026-01-02T00:00:00Z");

    @TempDir
    Path folder;

    private Path repository;
    private Path tools;

    @BeforeEach
    void makeRepository() throws IOException {
        repository = Files.createDirectories(folder.resolve("a clone"));
        tools = Files.createDirectories(folder.resolve("tools"));
        Files.copy(Path.of("..", "marquee"), repository.resolve("marquee"));
        assertThat(repository.resolve("marquee").toFile().setExecutable(true)).isTrue();
        for (String source : List.of("pom.xml", "cli/pom.xml", "core/src/main/A.java", "bench/src/main/B.java")) {
            Path file = repository.resolve(source);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "source");
        }
        ageSources(BUILT.minusSeconds(60));
        for (String tool : List.of("dirname", "readlink", "sed", "head", "find", "mv", "rm", "mkdir", "touch")) {
            forward(tool);
        }
        tool("java", fakeJava("17.0.9"));
        // What the real build leaves behind.
        tool("mvn", "echo \"$@\" > mvn.arguments; mkdir -p cli/target/lib; touch cli/target/marquee-cli.jar");
    }

    @Test
    void start_builtAlready_runsTheJarWithTheArgumentsAndDoesNotBuild() throws Exception {
        built();
        Result result = run(repository.resolve("marquee"), "train", "a b", "*");

        assertThat(result.exitCode).as(result.err).isZero();
        assertThat(result.out).contains("[-jar]\n[" + target("marquee-cli.jar") + "]\n[train]\n[a b]\n[*]\n");
        assertThat(result.err).doesNotContain("building");
    }

    @Test
    void start_withoutJar_buildsOnceAndSaysSo() throws Exception {
        Result first = run(repository.resolve("marquee"));
        assertThat(first.exitCode).as(first.err).isZero();
        assertThat(first.err).isEqualTo("building Marquee (once) …\npreparing fast starts (once) …\n");
        assertThat(Files.readString(repository.resolve("mvn.arguments"))).contains("-pl cli -am package");

        assertThat(run(repository.resolve("marquee")).err).isEmpty();
    }

    @Test
    void start_sourceNewerThanJar_builds() throws Exception {
        built();
        age(repository.resolve("core/src/main/A.java"), BUILT.plusSeconds(1));

        assertThat(run(repository.resolve("marquee")).err).startsWith("building");
    }

    @Test
    void start_onlyBenchmarksNewer_doesNotBuild() throws Exception {
        built();
        age(repository.resolve("bench/src/main/B.java"), BUILT.plusSeconds(1));

        assertThat(run(repository.resolve("marquee")).err).doesNotContain("building");
    }

    @Test
    void start_failingBuild_showsItsOutputAndFails() throws Exception {
        tool("mvn", "echo 'A.java: cannot find symbol'; exit 3");
        Result result = run(repository.resolve("marquee"));

        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.out).isEmpty();
        assertThat(result.err).contains("A.java: cannot find symbol", "marquee: the build failed, see above.");
    }

    @Test
    void start_withoutMaven_saysWhatIsMissing() throws Exception {
        Files.delete(tools.resolve("mvn"));
        Result result = run(repository.resolve("marquee"));

        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.err).contains("needs Maven 3.8.1 or newer, but there is no mvn on PATH");
    }

    @Test
    void start_throughAChainOfLinks_findsTheRepository() throws Exception {
        built();
        Path other = Files.createDirectories(folder.resolve("other place"));
        Files.createSymbolicLink(other.resolve("first"), Path.of("..", "a clone", "marquee"));
        Files.createSymbolicLink(other.resolve("second"), other.resolve("first"));

        assertThat(run(other.resolve("second"), "x").out).contains("[" + target("marquee-cli.jar") + "]", "[x]");
    }

    @Test
    void start_exitCode_isPassedThrough() throws Exception {
        built();
        tool("java", "case \"$*\" in *-jar*) exit 130 ;; esac\n" + fakeJava("17.0.9"));

        assertThat(run(repository.resolve("marquee")).exitCode).isEqualTo(130);
    }

    @Test
    void start_signal_reachesJava() throws Exception {
        built();
        tool("java", "case \"$*\" in *-jar*) kill -TERM $$ ;; esac\n" + fakeJava("17.0.9"));

        assertThat(run(repository.resolve("marquee")).exitCode).isEqualTo(128 + 15);
    }

    @Test
    void start_environment_isSetUnlessTheUserDid() throws Exception {
        built();
        assertThat(run(repository.resolve("marquee")).out)
                .contains("wait=passive set= OMP_WAIT_POLICY OPENBLAS_THREAD_TIMEOUT\n");
        assertThat(run(Map.of("OMP_WAIT_POLICY", "active"), repository.resolve("marquee")).out)
                .contains("wait=active set= OPENBLAS_THREAD_TIMEOUT\n");
    }

    @Test
    void start_anyLocale_givesJavaOneThatKnowsAllPaths() throws Exception {
        built();
        tool("java", fakeJava("17.0.9") + "\necho \"locale=$LC_ALL\"");
        assertThat(run(Map.of("LC_ALL", "POSIX"), repository.resolve("marquee")).out)
                .contains("locale=C.UTF-8\n");
    }

    @Test
    void start_withoutJava_saysWhatToDo() throws Exception {
        Files.delete(tools.resolve("java"));
        Result result = run(repository.resolve("marquee"));

        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.err)
                .isEqualTo(
                        "marquee: no Java found. Install a JDK 17 or newer, then set JAVA_HOME or put java on PATH.\n");
    }

    @Test
    void start_oldJava_isRefusedBeforeBuilding() throws Exception {
        tool("java", fakeJava("11.0.2"));
        assertThat(run(repository.resolve("marquee")).err)
                .startsWith("marquee: Java 11.0.2 at ")
                .endsWith(" is too old. Set JAVA_HOME to a JDK 17 or newer.\n");

        tool("java", fakeJava("1.8.0_392"));
        assertThat(run(repository.resolve("marquee")).err).startsWith("marquee: Java 1.8.0_392 at ");
    }

    @Test
    void start_javaHome_winsOverPathAndMustHoldAJava() throws Exception {
        built();
        Path home = folder.resolve("jdk 21");
        Result missing = run(Map.of("JAVA_HOME", home.toString()), repository.resolve("marquee"));
        assertThat(missing.err).contains("JAVA_HOME is " + home + ", but there is no " + home + "/bin/java");

        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"24.0.1\"\n");
        script(home.resolve("bin/java"), fakeJava("never asked"));
        assertThat(run(Map.of("JAVA_HOME", home.toString()), repository.resolve("marquee")).out)
                .contains("[-jar]");
    }

    @Test
    void start_classArchive_isMadeOnceAndUsed() throws Exception {
        built();
        tool(
                "java",
                "for a in \"$@\"; do case $a in -XX:ArchiveClassesAtExit=*) echo made > \"${a#*=}\" ;; esac; done\n"
                        + fakeJava("17.0.9"));
        Result result = run(repository.resolve("marquee"));

        assertThat(result.out).contains("[-XX:SharedArchiveFile=" + target("classes-17.0.9.jsa") + "]");
        assertThat(result.out).doesNotContain("Warmup");
        assertThat(result.err).isEqualTo("preparing fast starts (once) …\n");
        assertThat(run(repository.resolve("marquee")).err).isEmpty();
    }

    @Test
    void start_mklUnpacked_isPreloadedUnlessTheUserSaysOtherwise() throws Exception {
        built();
        String without = run(repository.resolve("marquee")).out;
        assertThat(without).contains("preload= layer= wait=passive");
        assertThat(run(Map.of("MARQUEE_BLAS", "mkl"), repository.resolve("marquee")).err)
                .contains(
                        "MARQUEE_BLAS is mkl, but MKL is not here: mvn -q -Pmkl -pl cli dependency:unpack@mkl downloads it.");

        Path library = repository.resolve("cli/target/mkl/org/bytedeco/mkl/linux-x86_64/libmkl_rt.so.2");
        Files.createDirectories(library.getParent());
        Files.writeString(library, "no library");
        assertThat(run(repository.resolve("marquee")).out)
                .contains(
                        "preload=libmkl_rt.so.2 layer=GNU",
                        "MKL_THREADING_LAYER MKL_INTERFACE_LAYER LD_LIBRARY_PATH LD_PRELOAD");
        assertThat(run(Map.of("MARQUEE_BLAS", "openblas"), repository.resolve("marquee")).out)
                .isEqualTo(without);
        assertThat(run(Map.of("LD_LIBRARY_PATH", "/opt"), repository.resolve("marquee")).out)
                .isEqualTo(without);
        assertThat(run(Map.of("MARQUEE_BLAS", "atlas"), repository.resolve("marquee")).err)
                .contains("MARQUEE_BLAS must be openblas or mkl, not atlas.");
    }

    private static String fakeJava(String version) {
        return "if [ \"$1\" = -version ]; then echo 'openjdk version \"" + version + "\" 2023-10-17' >&2; exit; fi\n"
                + "for argument in \"$@\"; do echo \"[$argument]\"; done\n"
                + "echo \"preload=$LD_PRELOAD layer=$MKL_THREADING_LAYER wait=$OMP_WAIT_POLICY set=$MARQUEE_SET\"";
    }

    private void built() throws IOException {
        Files.createDirectories(repository.resolve("cli/target/lib"));
        Path jar = Files.writeString(repository.resolve("cli/target/marquee-cli.jar"), "jar");
        age(jar, BUILT);
    }

    private String target(String name) throws IOException {
        return repository.toRealPath().resolve("cli/target").resolve(name).toString();
    }

    private void ageSources(Instant time) throws IOException {
        List<Path> all;
        try (var files = Files.walk(repository)) {
            all = files.toList();
        }
        for (Path file : all) {
            age(file, time);
        }
    }

    private static void age(Path file, Instant time) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(time));
    }

    /** A stand-in rather than a link or the whole folder, so that PATH holds neither Java nor Maven. */
    private void forward(String name) throws IOException {
        Path tool = Path.of("/usr/bin", name);
        tool(name, "exec " + (Files.exists(tool) ? tool : Path.of("/bin", name)) + " \"$@\"");
    }

    private void tool(String name, String body) throws IOException {
        script(tools.resolve(name), body);
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Result run(Path script, String... arguments) throws Exception {
        return run(Map.of(), script, arguments);
    }

    private Result run(Map<String, String> environment, Path script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private record Result(int exitCode, String out, String err) {}
}
