package dev.marquee;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.data.IdxFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in the documentation compiles and runs as it stands. */
class SnippetsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern CLASS = Pattern.compile("public class (\\w+)");

    @TempDir
    Path folder;

    @Test
    void readme_snippet_trainsAndPredicts() throws Exception {
        Path data = folder.resolve("data");
        Files.createDirectories(data);
        IdxFiles.write(data, 60, 20, true);
        String printed = run(
                ROOT.resolve("README.md"),
                data.toString(),
                folder.resolve("run").toString());
        assertThat(printed).contains("Epoch:  2", "accuracy 0.", "of class 0 with probability");
    }

    @Test
    void attention_snippet_printsTheShapesThatThePageStates() throws Exception {
        assertThat(run(ROOT.resolve("docs/attention.md")))
                .contains("output [1, 1, 8] FLOAT32", "scores [2, 1, 1, 3] FLOAT32");
    }

    @Test
    void products_snippet_trainsOnATape() throws Exception {
        assertThat(run(ROOT.resolve("docs/acceleration/products.md"))).contains("step 2 done");
    }

    @Test
    void documentation_everySnippet_isOneThatATestRuns() throws IOException {
        List<String> found = new ArrayList<>();
        try (var pages = Files.walk(ROOT.resolve("docs"))) {
            for (Path page :
                    pages.filter(path -> path.toString().endsWith(".md")).toList()) {
                if (SNIPPET.matcher(Files.readString(page)).find()) {
                    found.add(ROOT.relativize(page).toString().replace('\\', '/'));
                }
            }
        }
        // That of Spark is run by the module that has Spark.
        assertThat(found)
                .containsExactlyInAnyOrder("docs/attention.md", "docs/acceleration/products.md", "docs/spark.md");
    }

    private String run(Path page, String... arguments) throws Exception {
        Matcher snippet = SNIPPET.matcher(Files.readString(page));
        assertThat(snippet.find()).isTrue();
        String source = snippet.group(1);
        Matcher name = CLASS.matcher(source);
        assertThat(name.find()).isTrue();
        Path file = Files.writeString(folder.resolve(name.group(1) + ".java"), source);
        ByteArrayOutputStream faults = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler()
                .run(null, faults, faults, "-proc:none", "-cp", System.getProperty("java.class.path"), file.toString());
        assertThat(code).as(faults.toString(StandardCharsets.UTF_8)).isZero();
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            loader.loadClass(name.group(1)).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
