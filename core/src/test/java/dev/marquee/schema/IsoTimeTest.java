package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IsoTimeTest {
    @ParameterizedTest
    @CsvSource({
        "1970-01-01, 1970-01-01T00:00:00Z",
        "2024-02-29, 2024-02-29T00:00:00Z",
        "2024-01-31T18:05, 2024-01-31T18:05:00Z",
        "2024-01-31 18:05:09, 2024-01-31T18:05:09Z",
        "2024-01-31T18:05:09.5Z, 2024-01-31T18:05:09.5Z",
        "2024-01-31T18:05:09.123456789, 2024-01-31T18:05:09.123456Z",
        "2024-01-31T18:05:09+02:00, 2024-01-31T16:05:09Z",
        "2024-01-31 18:05:09.25-0330, 2024-01-31T21:35:09.25Z",
        "2024-01-31T18:05:09+02, 2024-01-31T16:05:09Z",
        "1969-12-31T23:59:59.999999Z, 1969-12-31T23:59:59.999999Z"
    })
    void micros_time_isThatOfTheInstant(String text, String instant) {
        assertThat(micros(text)).isEqualTo(micros(Instant.parse(instant)));
    }

    @Test
    void micros_randomTimes_areThoseOfJavaTime() {
        Random random = new Random(3);
        for (int i = 0; i < 2_000; i++) {
            Instant instant = Instant.ofEpochSecond(random.nextInt() * 10L, random.nextInt(1_000_000) * 1000L);
            ZoneOffset offset = ZoneOffset.ofTotalSeconds(60 * (random.nextInt(1440) - 720));
            assertThat(micros(OffsetDateTime.ofInstant(instant, offset).toString()))
                    .isEqualTo(micros(instant));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2024",
                "2024-1-31",
                "2024-13-01",
                "2023-02-29",
                "2024-01-32",
                "2024-01-31T",
                "2024-01-31T24:00",
                "2024-01-31T10:60",
                "2024-01-31x10:00",
                "2024-01-31T10:00:00.",
                "2024-01-31T10:00:00+",
                "2024-01-31T10:00:00Zx",
                "31.01.2024",
                "01/31/2024",
                "yesterday"
            })
    void micros_anythingElse_isNoTime(String text) {
        assertThat(micros(text)).isEqualTo(IsoTime.NONE);
    }

    private static long micros(Instant instant) {
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
    }

    private static long micros(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IsoTime.micros(bytes, 0, bytes.length);
    }
}
