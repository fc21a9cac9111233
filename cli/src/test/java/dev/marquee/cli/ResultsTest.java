package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ResultsTest {
    @Test
    void failure_fullDisk_isTold() {
        assertThat(printTo("No space left on device").failure()).contains("No space left on device");
    }

    @Test
    void failure_readerThatHasSeenEnough_isNone() {
        assertThat(printTo("Broken pipe").failure()).isEmpty();
    }

    @Test
    void failure_everythingWritten_isNone() {
        Results results = new Results(OutputStream.nullOutputStream());
        new PrintWriter(results, true, StandardCharsets.UTF_8).println("accuracy");
        assertThat(results.failure()).isEmpty();
    }

    private static Results printTo(String fault) {
        Results results = new Results(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(fault);
            }
        });
        new PrintWriter(results, true, StandardCharsets.UTF_8).println("accuracy");
        return results;
    }
}
