package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private static final Path HOME = Path.of("home").toAbsolutePath();
    private static final Path XDG = Path.of("xdg").toAbsolutePath();

    @Test
    void cache_environment_decidesBeforeTheSystemsConvention() {
        assertThat(cache(Map.of("MARQUEE_CACHE", "mine", "XDG_CACHE_HOME", XDG.toString()), "Linux"))
                .isEqualTo(Path.of("mine"));
        assertThat(cache(Map.of("MARQUEE_CACHE", "", "XDG_CACHE_HOME", XDG.toString()), "Mac OS X"))
                .isEqualTo(XDG.resolve("marquee"));
        assertThat(cache(Map.of("XDG_CACHE_HOME", "relative"), "Linux")).isEqualTo(HOME.resolve(".cache/marquee"));
    }

    @Test
    void cache_noEnvironment_followsTheSystemsConvention() {
        assertThat(cache(Map.of(), "Linux")).isEqualTo(HOME.resolve(".cache/marquee"));
        assertThat(cache(Map.of(), "Mac OS X")).isEqualTo(HOME.resolve("Library/Caches/marquee"));
        assertThat(cache(Map.of(), "Windows 11")).isEqualTo(HOME.resolve("AppData/Local/marquee/cache"));
        assertThat(cache(Map.of("LOCALAPPDATA", XDG.toString()), "Windows 11")).isEqualTo(XDG.resolve("marquee/cache"));
    }

    @Test
    void offline_environment_forbidsDownloads() {
        assertThat(Places.of(Map.of(), "Linux", HOME).offline()).isFalse();
        assertThat(Places.of(Map.of("MARQUEE_OFFLINE", ""), "Linux", HOME).offline())
                .isFalse();
        assertThat(Places.of(Map.of("MARQUEE_OFFLINE", "1"), "Linux", HOME).offline())
                .isTrue();
    }

    private static Path cache(Map<String, String> environment, String system) {
        return Places.of(environment, system, HOME).cache();
    }
}
