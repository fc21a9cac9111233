package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class AllocatorTest {
    @Test
    void decided_environmentThatSaysHowMemoryIsKept_isLeftAlone() {
        assertThat(Allocator.decided(Map.of("MALLOC_ARENA_MAX", "2"))).isTrue();
        assertThat(Allocator.decided(Map.of("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0")))
                .isTrue();
        assertThat(Allocator.decided(Map.of("PATH", "/bin"))).isFalse();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void keepFreedMemory_glibc_takesTheSettings() {
        Engine.load();
        assertThat(Allocator.keepFreedMemory()).isTrue();
    }
}
