package dev.marquee.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassPathTest {
    @TempDir
    Path folder;

    /** Executors load what {@code --jars} names by a class loader of their own. */
    @Test
    void own_jarsOfTheApplication_standBeforeWhatTheJvmWasStartedWith() throws IOException {
        Path jar = folder.resolve("of the application.jar");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            assertThat(ClassPath.own()).isEqualTo(jar + File.pathSeparator + System.getProperty("java.class.path"));
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
