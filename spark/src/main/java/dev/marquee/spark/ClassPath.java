package dev.marquee.spark;

import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** What this process finds its classes by, for another process. */
final class ClassPath {
    private ClassPath() {}

    /** What the application brought ({@code --jars}), nearest first, then what the JVM was started with. */
    static String own() {
        Set<String> entries = new LinkedHashSet<>();
        for (ClassLoader loader :
                new ClassLoader[] {Thread.currentThread().getContextClassLoader(), ClassPath.class.getClassLoader()}) {
            for (ClassLoader next = loader; next != null; next = next.getParent()) {
                if (next instanceof URLClassLoader urls) {
                    for (URL url : urls.getURLs()) {
                        add(entries, url);
                    }
                }
            }
        }
        entries.add(System.getProperty("java.class.path"));
        return String.join(File.pathSeparator, entries);
    }

    private static void add(Set<String> entries, URL url) {
        if (url.getProtocol().equals("file")) {
            try {
                entries.add(Path.of(url.toURI()).toString());
            } catch (URISyntaxException e) {
                throw new IllegalStateException("the class path has an entry that is no path: " + url, e);
            }
        }
    }
}
