package dev.marquee.data;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where pictures are looked for, and where what can be made again is kept.
 *
 * @param cache the folder that downloads and prepared rows go to, one folder below it for each collection
 * @param installed folders where other software puts Fashion-MNIST
 * @param base what the files are downloaded from; ends with a slash
 * @param offline whether the environment forbids downloads
 */
record Places(Path cache, List<Path> installed, URI base, boolean offline) {
    private static final String BASE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
    private static final String DEBIAN = "/usr/share/datasets/fashion-mnist";

    /** The places of this machine and user. */
    static Places here() {
        return of(System.getenv(), System.getProperty("os.name"), Path.of(System.getProperty("user.home")));
    }

    static Places of(Map<String, String> environment, String system, Path home) {
        return new Places(
                cache(environment, system.toLowerCase(Locale.ROOT), home),
                List.of(Path.of(DEBIAN)),
                URI.create(BASE),
                !environment.getOrDefault("MARQUEE_OFFLINE", "").isEmpty());
    }

    private static Path cache(Map<String, String> environment, String system, Path home) {
        String own = environment.getOrDefault("MARQUEE_CACHE", "");
        if (!own.isEmpty()) {
            return Path.of(own);
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        // The XDG base directory specification has relative paths ignored.
        if (!xdg.isEmpty() && Path.of(xdg).isAbsolute()) {
            return Path.of(xdg, "marquee");
        }
        if (system.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches").resolve("marquee");
        }
        if (system.startsWith("windows")) {
            String local = environment.getOrDefault("LOCALAPPDATA", "");
            Path base = local.isEmpty() ? home.resolve("AppData").resolve("Local") : Path.of(local);
            return base.resolve("marquee").resolve("cache");
        }
        return home.resolve(".cache").resolve("marquee");
    }
}
