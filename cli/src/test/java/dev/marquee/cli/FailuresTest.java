package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void sentence_messageForTheUser_isLeftAsItIs() {
        assertThat(Failures.sentence(new IllegalArgumentException("no such recipe")))
                .isEqualTo("no such recipe");
    }

    @Test
    void sentence_unexpected_isItsFirstLineAndHowToSeeMore() {
        assertThat(Failures.sentence(new RuntimeException("shape mismatch\nException raised from add at add.cpp:3")))
                .isEqualTo("something unexpected went wrong: shape mismatch (MARQUEE_TRACE=1 shows where)");
        assertThat(Failures.sentence(new StackOverflowError()))
                .isEqualTo("something unexpected went wrong: StackOverflowError (MARQUEE_TRACE=1 shows where)");
    }

    @Test
    void sentence_noMemory_saysWhoseAndWhatToDo() {
        assertThat(Failures.sentence(new OutOfMemoryError("Java heap space")))
                .startsWith("Java's memory is used up (Java heap space): give it more")
                .contains("MARQUEE_JAVA_OPTS=-Xmx8g");
        assertThat(Failures.sentence(new RuntimeException(
                        "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you"
                                + " tried to allocate 6272000 bytes. Error code 12")))
                .isEqualTo("the engine could not get 6,272,000 bytes of memory: make the model or data.batch_size"
                        + " smaller");
    }

    @Test
    void word_pathWithSpacesOrQuotes_canBeCopied() {
        assertThat(Shell.word(Path.of("runs/größe-1"))).isEqualTo("runs/größe-1");
        assertThat(Shell.word(Path.of("my run"))).isEqualTo("'my run'");
        assertThat(Shell.word(Path.of("it's"))).isEqualTo("'it'\\''s'");
    }
}
